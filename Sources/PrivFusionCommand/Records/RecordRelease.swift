internal import Foundation
internal import LocalPrivacy
internal import LocalPrivacySQLite
internal import ModelFormats
internal import Models

/// A model trained with record-level privacy on its way out of the party: debited, trained,
/// certified, stored, and only then written.
struct RecordRelease {
  static let certificateKey = "privfusion.record_certificate"
  static let probeKey = "privfusion.probe_sha256"

  let options: RecordPrivacyOptions
  let output: String

  /// What is released.
  struct Request {
    let purpose: LedgerPurpose
    let procedure: GaussianProcedure
    let clip: Double
    let records: Int
    /// SHA-256 of all that the result depends on: data, public network, settings.
    let contents: [UInt8]
    /// SHA-256 of the public network below the trained parameters, if there is one.
    let trunkDigest: [UInt8]?
    /// What it starts from: the result is about as long.
    let start: ModelGraph
    /// SHA-256 of the probe that the public network was learnt from, in hexadecimal digits.
    let probeDigest: String?
  }

  /// What came of it.
  struct Result: Encodable, CustomStringConvertible {
    let output: String
    let sha256: String
    let unit: String
    let adjacency: String
    let epsilon: Double
    let delta: Double
    let steps: Int
    let noiseMultiplier: Double
    let clip: Double
    let records: String
    let ledger: String
    let composedEpsilon: Double
    let composedDelta: Double
    let signer: String
    let isRepeated: Bool
    /// The receipt that was written, where one was asked for.
    let receipt: String?

    var description: String {
      """
      wrote \(output)\(isRepeated ? ", the same bytes as before; nothing was spent" : "")
      SHA-256 \(sha256)
      privacy: epsilon \(Text.epsilon(epsilon)), delta \(delta) per \(unit) (\(adjacency) \
      neighbours), by \(steps) noisy sums
      ledger \(ledger): epsilon \(Text.epsilon(composedEpsilon)) per \(unit) spent in \
      all, delta \(composedDelta)
      signed by \(signer)\(receipt.map { "\nwrote its receipt, \($0)" } ?? "")
      """
    }
  }

  /// Debits the loss, runs `train` unless the same was released before, and writes the result.
  ///
  /// - Parameter train: Gives the trained model; all noise comes from the grant.
  func run(
    _ request: Request, train: (inout NoiseGrant) throws -> ModelGraph
  ) throws -> Result {
    let budget = try options.budget()
    noteDelta(budget.delta, of: request)
    let anchor = try options.anchor.map { try AnchorFile($0) }
    let ledger = try openLedger(anchor: anchor, limit: budget)
    let name = options.name ?? "train " + URL(fileURLWithPath: output).lastPathComponent
    let outcome = try ledger.grant(
      request.procedure, delta: budget.delta, as: name, fingerprint: request.contents,
      for: request.purpose,
      expecting: ONNXModel(graph: request.start, producer: "privfusion").bytes().count,
      payingAgain: options.payAgain)
    let bytes: [UInt8]
    let isRepeated: Bool
    switch consume outcome {
    case .repeated(let stored):
      (bytes, isRepeated) = (stored, true)
    case .fresh(var grant, let entry):
      let loss = grant.loss
      try anchor?.update(from: ledger)
      Terminal.note("the loss is debited in \(ledger.path); an interruption does not give it back")
      let graph = try train(&grant)
      bytes = try certified(graph, request, loss: loss, name: name, ledger)
      isRepeated = false
      try ledger.complete(entry, with: bytes)
    }
    try anchor?.update(from: ledger)
    try AtomicFile.write(bytes, to: output)
    if let receipt = options.receipt {
      try ReceiptFile.write(.names([name]), of: ledger, to: receipt)
    }
    guard let certificate = try ModelFile(output).certificate() else {
      throw Failure("\(output): the stored result has no certificate", .software)
    }
    let statement = certificate.statement
    return Result(
      output: output, sha256: try FileDigest(contentsOf: output).hexadecimal,
      unit: statement.unit.rawValue, adjacency: statement.adjacency.rawValue,
      epsilon: statement.epsilon, delta: statement.delta,
      steps: statement.mechanism.procedure.steps,
      noiseMultiplier: statement.mechanism.procedure.noiseMultiplier,
      clip: statement.mechanism.clip, records: statement.records.text, ledger: ledger.path,
      composedEpsilon: statement.composed.epsilon, composedDelta: statement.composed.delta,
      signer: ledger.signingKey.verificationKey.fingerprint, isRepeated: isRepeated,
      receipt: options.receipt)
  }

  /// What the certificate says of the number of records.
  private func publicSize(of request: Request) -> DataSetSize {
    // The probability with which records are sampled tells their number anyway.
    let isKnown = options.publicSize || request.procedure.sampling != .everyRecord
    return isKnown ? .exact(request.records) : .bucket(of: request.records)
  }

  /// Warns of a delta that allows to publish one record as it is; says no more of their number
  /// than the certificate will.
  private func noteDelta(_ delta: Double, of request: Request) {
    let size = publicSize(of: request)
    let least =
      switch size {
      case .exact(let records): records
      case .bucket(let least, _): least
      }
    guard delta * Double(least) >= 1 else { return }
    Terminal.note(
      """
      delta \(delta) is not below one over the number of records (\(size.text)): it would allow \
      to publish one of them as it is. Choose a delta far below that
      """)
  }

  private func openLedger(anchor: AnchorFile?, limit: RecordBudget) throws -> DurableLedger {
    let path = options.ledger ?? ""
    if anchor != nil || FileManager.default.fileExists(atPath: path) {
      return try AnchorFile.open(path, anchor: anchor)
    }
    try OutputPlace.checkFile(path)
    let ledger = try DurableLedger.create(
      at: path, limits: LedgerLimits(records: limit, values: nil))
    Terminal.note(
      """
      made \(path), whose limit is just this: epsilon \(limit.epsilon), delta \(limit.delta) per \
      record. For more than one training, make it with `privfusion ledger create` first
      """)
    return ledger
  }

  private func certified(
    _ graph: ModelGraph, _ request: Request, loss: RecordLoss, name: String,
    _ ledger: DurableLedger
  ) throws -> [UInt8] {
    guard let composed = try ledger.statement().spentOnRecords else {
      throw Failure("\(ledger.path): has no limit for records", .usage)
    }
    let statement = RecordStatement(
      purpose: name, loss: loss, clip: request.clip,
      records: publicSize(of: request),
      parametersDigest: try ParameterDigest(of: graph).bytes, trunkDigest: request.trunkDigest,
      composed: composed, key: ledger.signingKey.verificationKey)
    let certificate = try statement.signed(by: ledger.signingKey)
    var metadata = [
      Self.certificateKey: try certificate.text(), PrivacyNotes.unitKey: "record",
      "privfusion.epsilon": "\(loss.epsilon)", "privfusion.delta": "\(loss.delta)",
    ]
    metadata[Self.probeKey] = request.probeDigest
    return try ONNXModel(graph: graph, producer: "privfusion").bytes(metadata: metadata)
  }
}

extension ModelFile {
  /// The certificate that the file carries, not verified; `nil` without one.
  ///
  /// - Throws: ``Failure`` when there is one that can't be read.
  func certificate() throws -> RecordCertificate? {
    guard let text = model.metadata[RecordRelease.certificateKey] else { return nil }
    do {
      return try RecordCertificate(text: text)
    } catch {
      throw Failure("\(path): \(error)", .data)
    }
  }
}
