internal import LocalPrivacy
internal import PrivFusion
internal import PrivacyAudit

/// What the messages of a party give away of its own numbers: signatures and weights as the protocol
/// aligns, clips and releases them, through a ledger that is forgotten.
struct WeightsAudit {
  private let party: ReleasingSession

  /// - Parameters:
  ///   - model: The party's model, an ONNX file.
  ///   - probe: Public inputs.
  ///   - epsilon: The loss of each number.
  init(model: String, probe: String, epsilon: Double) throws {
    var options = SessionOptions()
    options.architecture = nil
    options.commonInit = nil
    options.session = "audit"
    options.seed = 0
    // Nothing is stated to anyone.
    options.publicConstants = true
    party = try ReleasingSession(
      model: model, probe: probe, epsilon: epsilon, voteEpsilon: epsilon, options)
  }

  /// One finding for every release of enough numbers, and one for all numbers together.
  func findings(
    by audit: ReconstructionAudit
  ) throws -> (findings: [ReconstructionAudit.Finding], leftOut: [String]) {
    let ledger = WatchedLedger()
    let signature = OwnMessage(
      try party.session.signature(of: party.model, through: ledger))
    _ = try party.session.weights(
      of: party.model, at: 0, signatures: [signature], through: ledger)
    var findings: [ReconstructionAudit.Finding] = []
    var leftOut: [String] = []
    for seen in ledger.seen {
      do {
        findings.append(try audit.finding(on: seen))
      } catch is AuditError {
        leftOut.append(seen.name)
      }
    }
    let all = ReconstructionAudit.Reconstruction(
      name: "all numbers, over their radius", truth: ledger.seen.flatMap(\.truth),
      estimates: ledger.seen.flatMap(\.estimates),
      noiseVariances: ledger.seen.flatMap(\.noiseVariances),
      greatestError: ledger.seen.map(\.greatestError).max() ?? 0,
      epsilon: ledger.seen.map(\.epsilon).max() ?? 0)
    do { findings.append(try audit.finding(on: all)) } catch is AuditError {}
    return (findings, leftOut)
  }
}

/// A ledger in memory that remembers what went in: for numbers that are the auditor's own.
private final class WatchedLedger: ReleasingLedger {
  private var ledger = BudgetLedger(budget: nil)
  private(set) var seen: [ReconstructionAudit.Reconstruction] = []

  func release(
    _ values: Clipped, through mechanism: NumericMechanism, as name: String
  ) throws -> Released {
    let released = try ledger.release(values, through: mechanism, as: name)
    // After the session's name.
    let short = name.split(separator: " ", maxSplits: 1).last.map(String.init) ?? name
    seen.append(ReconstructionAudit.Reconstruction(short, of: values, released: released))
    return released
  }

  func release(
    _ labels: [Int], through response: RandomizedResponse, as name: String
  ) throws -> Released {
    try ledger.release(labels, through: response, as: name)
  }
}

/// The message of the party itself, as others would read it.
private struct OwnMessage: ReleaseSource {
  let name = "the audited model's signature"
  private let releases: [PackedRelease]

  init(_ releases: [Released]) { self.releases = releases.map { PackedRelease($0) } }

  var count: Int { releases.count }

  func release(at position: Int) throws -> PackedRelease { releases[position] }
}
