internal import LocalPrivacy

/// What `receipt show` and `receipt verify` say.
struct ReceiptReport: Encodable, CustomStringConvertible {
  struct Loss: Encodable {
    let unit: String
    let epsilon: Double
    let delta: Double

    init(_ bound: LossBound) {
      unit = bound.unit.rawValue
      epsilon = bound.epsilon
      delta = bound.delta
    }

    var text: String {
      "epsilon \(Text.epsilon(epsilon)) per \(unit)" + (delta > 0 ? ", delta \(delta)" : "")
    }
  }

  struct Release: Encodable {
    let entry: Int
    let name: String
    let unit: String
    let epsilon: Double
    let delta: Double
    let mechanism: String
    /// By name; without those of noise that is no ratio of integers.
    let integers: [String: UInt64]
    /// The number of values; nil for an answer about records.
    let values: Int?
    let bytes: Int
    let sha256: String

    init(_ release: PrivacyReceipt.Release) {
      entry = release.entry
      name = release.name
      unit = release.unit.rawValue
      epsilon = release.epsilon
      delta = release.delta
      switch release.loss {
      case .values(let expenditure):
        mechanism = expenditure.mechanismName
        integers = expenditure.parameters?.integers ?? [:]
        values = expenditure.count
      case .record(let loss):
        mechanism =
          "discrete Gaussian, \(loss.procedure.steps) sums, noise \(loss.procedure.noiseMultiplier)"
        integers = ["steps": UInt64(loss.procedure.steps)]
        values = nil
      }
      bytes = release.byteCount
      sha256 = release.digest
    }
  }

  let file: String
  let releases: [Release]
  let composed: [Loss]
  let ledgerComposed: [Loss]
  let genesis: String
  let head: String
  let chainLength: Int
  let publicKey: String
  let signer: String
  /// What was compared, besides the signature and the losses.
  let compared: [String]

  /// - Parameter compared: What the receipt was compared with.
  init(_ file: ReceiptFile, compared: [String] = []) throws {
    let receipt = file.receipt
    self.file = file.path
    releases = receipt.releases.map(Release.init)
    composed = receipt.tightest.map(Loss.init)
    ledgerComposed = receipt.ledgerTightest.map(Loss.init)
    genesis = receipt.ledger.genesis
    head = receipt.ledger.head
    chainLength = receipt.ledger.chainLength
    publicKey = receipt.publicKey
    signer = try receipt.verify().fingerprint
    self.compared = compared
  }

  var description: String {
    ([
      "\(file): the signature holds, and the losses follow from the integers",
      "signed by \(signer)",
    ] + compared.map { "agrees with \($0)" } + ["", "Releases", Text.table(releases.map(\.line))]
      + ["", "Together", lines(composed), "The whole ledger", lines(ledgerComposed)]
      + ["", "head \(head), link \(chainLength)"])
      .joined(separator: "\n")
  }

  private func lines(_ losses: [Loss]) -> String {
    losses.map { "  " + $0.text }.joined(separator: "\n")
  }
}

extension ReceiptReport.Release {
  /// Names with their control characters escaped: they are any text.
  fileprivate var line: [String] {
    [
      "\(entry)", values.map { "\($0) x \(unit)" } ?? unit, "epsilon \(Text.epsilon(epsilon))",
      delta > 0 ? "delta \(delta)" : "", Self.escaped(mechanism),
      Text.bytes(bytes), name.debugDescription,
    ]
  }

  private static func escaped(_ text: String) -> String {
    String(text.debugDescription.dropFirst().dropLast())
  }
}
