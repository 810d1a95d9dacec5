internal import LocalPrivacy
internal import ModelFormats
internal import Models
internal import PrivateTraining

/// A model whose certificate of record-level privacy has been verified.
struct CertifiedParty: Encodable {
  let model: String
  let unit: String
  let adjacency: String
  let epsilon: Double
  let delta: Double
  let mechanism: String
  let accountant: String
  let steps: Int
  let clip: Double
  /// The number of records, or the powers of two that it lies between.
  let records: String
  /// All that the party's ledger had debited by then.
  let ledgerEpsilon: Double
  let ledgerDelta: Double
  /// The fingerprint of the key that signed.
  let signer: String
  let trunk: String?

  /// Verifies a model's certificate.
  ///
  /// - Parameter signers: Fingerprints that are accepted; any when `nil`.
  /// - Throws: ``Failure`` when there is none, when it does not verify, or when somebody else signed.
  init(_ file: ModelFile, signers: Set<String>?) throws {
    guard let certificate = try file.certificate() else {
      throw Failure(
        """
        \(file.path): carries no certificate of record-level privacy; train it with \
        --record-epsilon, or fuse without --require-record-privacy
        """, .data)
    }
    let key: VerificationKey
    do {
      key = try certificate.verify(parametersDigest: ParameterDigest(of: file.graph).bytes)
    } catch let error as PrivacyError {
      throw Failure("\(file.path): \(error)", .data)
    }
    if let signers, !signers.contains(key.fingerprint) {
      throw Failure(
        """
        \(file.path): is signed by \(key.fingerprint), which the list of signers does not hold; \
        compare fingerprints with the party before adding it
        """, .data)
    }
    let statement = certificate.statement
    try Self.checkTrunk(of: file, certified: statement.trunkDigest)
    model = file.path
    unit = statement.unit.rawValue
    adjacency = statement.adjacency.rawValue
    epsilon = statement.epsilon
    delta = statement.delta
    mechanism = statement.mechanism.name
    accountant = statement.accountant.rawValue
    steps = statement.mechanism.procedure.steps
    clip = statement.mechanism.clip
    records = statement.records.text
    ledgerEpsilon = statement.composed.epsilon
    ledgerDelta = statement.composed.delta
    signer = key.fingerprint
    trunk = statement.trunkDigest
  }

  /// Refuses a loss that is greater than the caller accepts.
  func check(maxEpsilon: Double?, maxDelta: Double?) throws {
    if let maxEpsilon, max(epsilon, ledgerEpsilon) > maxEpsilon {
      throw Failure(
        """
        \(model): is certified at epsilon \(Text.epsilon(epsilon)), its whole ledger at \
        \(Text.epsilon(ledgerEpsilon)), and --max-epsilon is \(Text.epsilon(maxEpsilon))
        """, .data)
    }
    if let maxDelta, max(delta, ledgerDelta) > maxDelta {
      throw Failure(
        "\(model): is certified at delta \(max(delta, ledgerDelta)), and --max-delta is \(maxDelta)",
        .data)
    }
  }

  /// A head's certificate names the public network below it.
  private static func checkTrunk(of file: ModelFile, certified digest: String?) throws {
    let hasHead = file.graph.linearHead != nil
    let found = hasHead ? try ParameterDigest(of: file.graph.withoutHead).description : nil
    guard found == digest else {
      throw Failure(
        "\(file.path): stands on another trunk than its certificate names; do not rely on it", .data
      )
    }
  }

  /// A line a party.
  static func table(_ parties: [CertifiedParty]) -> String {
    let header = ["model", "epsilon", "delta", "per", "records", "whole ledger", "signer"]
    return Text.table(
      [header]
        + parties.map {
          [
            $0.model, Text.epsilon($0.epsilon), "\($0.delta)", $0.unit, $0.records,
            "epsilon \(Text.epsilon($0.ledgerEpsilon))", String($0.signer.prefix(19)) + "...",
          ]
        })
  }
}
