import LocalPrivacy
import PrivateTraining
import Tensors
import Testing

/// A membership audit of the whole path from records to a released head: who was in the training?
@Suite struct HeadAuditTests {
  /// Feature directions, and classes: every pair is a canary, 62,500 in all.
  static let side = 250
  static let guesses = 2000
  static let delta = 3e-6
  static let claim = 2.5

  /// Which canaries take part: each with probability 1/2.
  static func coins(_ key: UInt8) throws -> [Bool] {
    var stream = NoiseStream(reproducibleKey: HeadTrainerTests.key(key))
    var coins: [Bool] = []
    for _ in 0..<side * side { coins.append(try stream.next() >> 63 == 1) }
    return coins
  }

  /// Trains one step on the canaries that are in, and guesses from the head alone.
  ///
  /// A canary is a long vector along feature direction i with label j, so that its gradient, after
  /// clipping, is nearly a clip long at (i, j) and nearly 0 elsewhere; those of one direction and
  /// several labels have a cosine of -1 / (classes - 1).
  ///
  /// - Returns: How many of the surest guesses are right.
  static func rightGuesses(multiplier: Double, isIn: [Bool], key: UInt8) throws -> Int {
    let members = isIn.indices.filter { isIn[$0] }
    let features = try Tensor.identity(side).selecting(members.map { $0 / side }, axis: 0)
      .multiplied(by: 8)
    var grant = try HeadTrainerTests.grant(
      steps: 1, multiplier: multiplier, key: HeadTrainerTests.key(key))
    let head = try HeadTrainer(.init(steps: 1, rate: 1, clip: 1)).train(
      features: features, labels: members.map { $0 % side }, classes: side, grant: &grant)
    // Weights are minus the noisy sum; [class, direction], so by direction here.
    let weights = try head.weight.transposed()
    // Half of the canaries are in: the mean is the middle between those in and those out.
    let scores: [Float] = try weights.subtracting(weights.mean()).elements()
    let surest = scores.indices.sorted { scores[$0].magnitude > scores[$1].magnitude }
      .prefix(guesses)
    return surest.count { (scores[$0] > 0) == isIn[$0] }
  }

  static func lowerBound(right: Int) throws -> Double {
    try OneRunAudit.epsilonLowerBound(
      canaries: side * side, guesses: guesses, right: right, delta: delta, confidence: 0.95)
  }

  /// All keys are fixed. The claim is refuted by at most 130 wrong guesses of 2,000. Over all keys,
  /// the honest noise gives 368 on average, and twelve deviations fewer are below 1e-9; half of it
  /// gives 78, and a Poisson number of that mean is above 130 in fewer than 1e-7.
  @Test func `an audit stays below the claim, and exceeds it when the noise is halved`() throws {
    let procedure = try GaussianProcedure.calibrated(
      epsilon: Self.claim, delta: Self.delta, steps: 1, sampling: .everyRecord)
    let isIn = try Self.coins(40)
    let honest = try Self.lowerBound(
      right: Self.rightGuesses(
        multiplier: procedure.noiseMultiplier, isIn: isIn, key: 41))
    #expect(honest > 0.5, "the audit must see something, or it proves nothing; got \(honest)")
    #expect(honest < Self.claim)
    let halved = try Self.lowerBound(
      right: Self.rightGuesses(
        multiplier: procedure.noiseMultiplier / 2, isIn: isIn, key: 42))
    #expect(halved > Self.claim, "half the noise must be caught; got \(halved)")
    // What half the noise really loses is not refuted.
    let real = try RecordLoss(
      of: GaussianProcedure(
        sampling: .everyRecord, steps: 1, noiseMultiplier: procedure.noiseMultiplier / 2),
      delta: Self.delta)
    #expect(halved < real.epsilon)
  }
}
