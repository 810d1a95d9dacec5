public import LocalPrivacy

/// Attacks noisy sums over records by guessing which records went in, from one run.
///
/// Of m canaries each is in the data with probability 1/2. One that is in adds a whole clip to a
/// number of its own, to the first sum, and takes it from the second, in turn; the mean of the
/// released numbers with these signs is then
///
///     score = 1 or 0, + N(0, noiseMultiplier² / steps)      in clips
///
/// for a canary that is in or out: the best that can be seen of one record. The r scores furthest from
/// 1/2 are guessed, and `OneRunAudit` bounds epsilon from how many guesses are right. m and r are
/// chosen before the run, from public numbers: as those with the highest bound if the noise were half
/// of what is claimed.
///
/// The bound's probability of error has a part of up to 2 m delta, whatever the guesses are, so that a
/// confidence far above 0.95 is out of its reach. Of Gaussian noise as claimed it stays far below the
/// claim all the same: one run shows less than the best attack does.
///
/// Steinke, Nasr, Jagielski 2023, "Privacy Auditing with One (1) Training Run", Algorithm 1.
public struct MembershipAudit: Sendable {
  /// Enough to choose among.
  public static let canaryChoices = [1000, 3000, 10_000, 30_000, 100_000]
  private static let greatestGuesses = 4096

  /// What is claimed, and what the noise is granted for.
  public let loss: RecordLoss
  /// That the bound is no greater than the loss.
  public let confidence: Double
  /// m.
  public let canaries: Int
  /// r.
  public let guesses: Int

  /// - Parameters:
  ///   - loss: What is claimed of a procedure in which every record takes part.
  ///   - confidence: That the bound is no greater than the loss, from 0.5 to below 1.
  ///   - choices: The numbers of canaries to choose from, each from 8 to 10^7; at least one.
  /// - Throws: ``AuditError/confidenceOutOfRange(_:)``.
  public init(
    of loss: RecordLoss, confidence: Double, choices: [Int] = canaryChoices
  ) throws {
    precondition(!choices.isEmpty && choices.allSatisfy { (8...10_000_000).contains($0) })
    guard confidence >= 0.5, confidence < 1 else {
      throw AuditError.confidenceOutOfRange(confidence)
    }
    self.loss = loss
    self.confidence = confidence
    let deviation =
      loss.procedure.noiseMultiplier / 2 / Double(loss.procedure.steps).squareRoot()
    var best = (canaries: choices[0], guesses: 1, bound: -Double.infinity)
    for canaries in choices {
      var guesses = min(canaries, Self.greatestGuesses)
      while guesses >= 8 {
        let share = Self.rightShare(
          guessed: Double(guesses) / Double(canaries), deviation: deviation)
        let bound = try OneRunAudit.epsilonLowerBound(
          canaries: canaries, guesses: guesses, right: Int(share * Double(guesses)),
          delta: loss.delta, confidence: confidence)
        if bound > best.bound { best = (canaries, guesses, bound) }
        guesses /= 2
      }
    }
    canaries = best.canaries
    guesses = best.guesses
  }

  /// Runs the audit through `RecordLedger` and its grant.
  ///
  /// - Throws: What they throw.
  public func finding() throws -> AuditFinding {
    var ledger = RecordLedger(limit: try RecordBudget(epsilon: loss.epsilon, delta: loss.delta))
    var grant = try ledger.grant(loss.procedure, delta: loss.delta, as: "audit")
    return try finding(on: "Gaussian sums, one run") { try grant.release($0) }
  }

  /// Runs the audit on other releases of the sums.
  ///
  /// - Parameters:
  ///   - name: What is attacked.
  ///   - release: Gives each sum its noise; called once for every step.
  package func finding(
    on name: String, release: (ClippedSum) throws -> ReleasedSums
  ) throws -> AuditFinding {
    let isIn = (0..<canaries).map { _ in Bool.random() }
    let grid = try SumGrid(clip: 1, dimension: canaries, slack: 0)
    let steps = loss.procedure.steps
    var scores = [Double](repeating: 0, count: canaries)
    for step in 0..<steps {
      let sign: Double = step % 2 == 0 ? 1 : -1
      let released = try release(grid.clippedSum(isIn.map { $0 ? sign : 0 })).estimates()
      for canary in scores.indices { scores[canary] += sign * released[canary] / Double(steps) }
    }
    return try finding(on: name, margins: scores.map { $0 - 0.5 }, isIn: isIn)
  }

  /// Guesses from scores.
  ///
  /// - Parameters:
  ///   - name: What is attacked.
  ///   - margins: Above 0 for a canary that seems to be in, the further the surer, of shape
  ///     `[canaries]`.
  ///   - isIn: Which canaries are in, of shape `[canaries]`.
  public func finding(
    on name: String, margins: [Double], isIn: [Bool]
  ) throws -> AuditFinding {
    precondition(margins.count == canaries && isIn.count == canaries)
    let surest = margins.indices.sorted { margins[$0].magnitude > margins[$1].magnitude }
      .prefix(guesses)
    let right = surest.count { (margins[$0] > 0) == isIn[$0] }
    func bound(_ right: Int) throws -> Double {
      try OneRunAudit.epsilonLowerBound(
        canaries: canaries, guesses: guesses, right: right, delta: loss.delta,
        confidence: confidence)
    }
    return AuditFinding(
      name: name, unit: .record, attack: "\(right) of \(guesses) guesses right",
      epsilon: loss.epsilon, delta: loss.delta, lowerBound: try bound(right),
      reach: try bound(guesses), trials: canaries,
      confidence: confidence)
  }

  /// The share of right guesses among the surest ones.
  ///
  ///     P[|X| > c] = Q((c - 1/2) / s) + Q((c + 1/2) / s),   X = +-1/2 + N(0, s²)
  ///
  /// of which the first part is right; c is where a share of `guessed` is above it.
  private static func rightShare(guessed: Double, deviation: Double) -> Double {
    func above(_ x: Double) -> Double { NormalDistribution.upperTail(x / deviation) }
    var (low, high) = (0.0, 0.5 + 40 * deviation)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if above(middle - 0.5) + above(middle + 0.5) > guessed { low = middle } else { high = middle }
    }
    let (right, wrong) = (above(low - 0.5), above(low + 0.5))
    return right + wrong > 0 ? right / (right + wrong) : 1
  }
}
