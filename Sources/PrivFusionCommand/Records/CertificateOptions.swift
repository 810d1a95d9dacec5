internal import ArgumentParser

/// The flags that say which certificates of record-level privacy are accepted.
struct CertificateOptions: ParsableArguments {
  @Flag(
    help: """
      Accept only models with certificates of record-level privacy that verify; fusing them costs \
      no further privacy.
      """)
  var requireRecordPrivacy = false

  @Option(help: "A file of the fingerprints that may have signed, one a line.")
  var signers: String?

  // Unconditional, so that a negative number is read and refused as what it is.
  @Option(
    parsing: .unconditional,
    help: "Refuse certificates, or whole ledgers, of a greater epsilon per record.")
  var maxEpsilon: Double?

  @Option(
    parsing: .unconditional, help: "Refuse certificates, or whole ledgers, of a greater delta.")
  var maxDelta: Double?

  @Flag(help: "Weight heads by the numbers of records that the certificates make public.")
  var weightBySize = false

  /// Refuses flags about certificates where none are asked for, and limits that limit nothing.
  ///
  /// - Parameter signersAlone: Whether a list of signers means something by itself.
  func validateTogether(signersAlone: Bool = false) throws {
    guard
      requireRecordPrivacy
        || ((signers == nil || signersAlone) && !weightBySize && maxEpsilon == nil
          && maxDelta == nil)
    else {
      throw ValidationError(
        "--signers, --max-epsilon, --max-delta and --weight-by-size need --require-record-privacy")
    }
    for (flag, limit) in [("--max-epsilon", maxEpsilon), ("--max-delta", maxDelta)] {
      guard let limit else { continue }
      guard limit >= 0, limit.isFinite else {
        throw ValidationError(
          "\(flag) must be finite and at least 0, got \(limit); leave it out to accept any loss")
      }
    }
  }

  /// The flags as they would be typed.
  var arguments: [String] {
    (requireRecordPrivacy ? ["--require-record-privacy"] : [])
      + (weightBySize ? ["--weight-by-size"] : [])
      + (signers.map { ["--signers", $0] } ?? [])
      + (maxEpsilon.map { ["--max-epsilon", "\($0)"] } ?? [])
      + (maxDelta.map { ["--max-delta", "\($0)"] } ?? [])
  }

  /// Every model's certificate, verified; none where none are asked for.
  func parties(_ files: [ModelFile]) throws -> [CertifiedParty] {
    guard requireRecordPrivacy else { return [] }
    let signers = try signers.map { try SignerList(contentsOf: $0).fingerprints }
    let parties = try files.map { try CertifiedParty($0, signers: signers) }
    for party in parties { try party.check(maxEpsilon: maxEpsilon, maxDelta: maxDelta) }
    if signers == nil {
      Terminal.note(
        "any signer is accepted: compare the fingerprints with the parties, and list them in a "
          + "file for --signers")
    }
    return parties
  }
}
