internal import LocalPrivacy
internal import PrivacyAudit
internal import PrivateTraining
internal import Tensors

/// Losses about records: noisy sums, and the training of a private head on canaries.
struct RecordAudits {
  /// Feature directions, and classes: every pair is a canary of the head.
  private static let side = 250
  /// A procedure claims an epsilon at every delta. With sampled records few trials of many show what the
  /// least deltas are about, and at this one far fewer of them tell half the noise from all of it.
  private static let greaterDelta = 0.01

  private let sums: RecordLoss
  private let sampledSums: RecordLoss
  private let sampledSumsAtGreaterDelta: RecordLoss
  private let head: RecordLoss
  private let confidence: Double

  /// - Parameters:
  ///   - epsilon: The loss that is claimed.
  ///   - delta: In 1e-100 ... 0.5.
  ///   - confidence: Of the audits of one run.
  init(epsilon: Double, delta: Double, confidence: Double) throws {
    func loss(_ steps: Int, _ sampling: GaussianProcedure.Sampling) throws -> RecordLoss {
      try RecordLoss(
        of: .calibrated(epsilon: epsilon, delta: delta, steps: steps, sampling: sampling),
        delta: delta)
    }
    sums = try loss(2, .everyRecord)
    sampledSums = try loss(2, .poisson(probability: 0.25))
    sampledSumsAtGreaterDelta = try RecordLoss(
      of: sampledSums.procedure, delta: max(delta, Self.greaterDelta))
    head = try loss(1, .everyRecord)
    self.confidence = confidence
  }

  /// What many trials are made of.
  var releases: [AuditedRelease] {
    [
      .sums(of: sums, as: "Gaussian sums"),
      .sums(of: sampledSums, as: "Gaussian sums, records sampled"),
      .sums(
        of: sampledSumsAtGreaterDelta, as: "Gaussian sums, records sampled, greater delta"),
    ]
  }

  /// What one run shows.
  func findings() throws -> [AuditFinding] {
    [
      try MembershipAudit(of: sums, confidence: confidence).finding(),
      try headFinding(),
    ]
  }

  /// Trains one step on the canaries that are in, and guesses from the head alone.
  ///
  /// A canary is a long vector along feature direction i with label j, so that its gradient, after
  /// clipping, is nearly a clip long at (i, j) and nearly 0 elsewhere. Half of them are in, so that the
  /// mean weight is the middle between those in and those out.
  private func headFinding() throws -> AuditFinding {
    let side = Self.side
    let audit = try MembershipAudit(of: head, confidence: confidence, choices: [side * side])
    let isIn = (0..<side * side).map { _ in Bool.random() }
    let members = isIn.indices.filter { isIn[$0] }
    var ledger = RecordLedger(
      limit: try RecordBudget(epsilon: head.epsilon, delta: head.delta))
    var grant = try ledger.grant(head.procedure, delta: head.delta, as: "head")
    let trained = try HeadTrainer(.init(steps: 1, rate: 1, clip: 1)).train(
      features: Tensor.identity(side).selecting(members.map { $0 / side }, axis: 0)
        .multiplied(by: 8),
      labels: members.map { $0 % side }, classes: side, grant: &grant)
    // Of shape [class, direction]; canaries are numbered by direction.
    let weights = try trained.weight.transposed()
    let margins: [Double] = try weights.subtracting(weights.mean()).cast(to: .float64).elements()
    return try audit.finding(on: "private head, one run", margins: margins, isIn: isIn)
  }
}
