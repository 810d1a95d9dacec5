import LocalPrivacy
import Models
import PrivateTraining
import Tensors
import Testing
import Training

/// The membership audit of ``HeadAuditTests`` through DP-SGD: from records to a released network.
@Suite struct NetworkAuditTests {
  private static let side = HeadAuditTests.side

  /// One linear layer that starts from zero, so that a canary's gradient is long where its own
  /// direction and label meet and nearly 0 elsewhere.
  private static func network() throws -> ModelGraph {
    let graph = try Architecture.mlp(inputs: side, hidden: [], classes: side).untrained(seed: 0)
    return graph.replacing(try graph.initializers.mapValues { try Tensor.zeros($0.shape) })
  }

  /// Trains one step on the canaries that are in, and guesses from the network alone.
  ///
  /// - Parameters:
  ///   - share: Of the noise that the claim needs.
  ///   - isIn: Which canaries take part.
  ///   - key: Of the noise, and of the sampling that leaves out one record on average.
  /// - Returns: How many of the surest guesses are right.
  private static func rightGuesses(share: Double, isIn: [Bool], key: UInt8) throws -> Int {
    let members = isIn.indices.filter { isIn[$0] }
    let data = try LabeledData(
      inputs: [
        "x": Tensor.identity(side).selecting(members.map { $0 / side }, axis: 0)
          .multiplied(by: 8)
      ], labels: Tensor(indices: members.map { $0 % side }))
    let settings = try PrivateTrainingSettings(
      clip: 1, expectedBatch: members.count - 1, steps: 1, learningRate: 1,
      optimizer: .sgd(momentum: 0))
    let needed = try settings.procedure(
      epsilon: HeadAuditTests.claim, delta: HeadAuditTests.delta, records: members.count)
    let procedure = try GaussianProcedure(
      sampling: needed.sampling, steps: 1, noiseMultiplier: share * needed.noiseMultiplier)
    var grant = NoiseGrant(
      try RecordLoss(of: procedure, delta: HeadAuditTests.delta),
      noise: NoiseStream(reproducibleKey: HeadTrainerTests.key(key)))
    let trained = try PrivateTrainer(settings).train(network(), on: data, grant: &grant)
    // Minus the noisy sum, of shape [label, direction].
    let weights = try #require(trained.initializers["fc1.weight"]).transposed()
    let scores: [Float] = try weights.subtracting(weights.mean()).elements()
    let surest = scores.indices.sorted { scores[$0].magnitude > scores[$1].magnitude }
      .prefix(HeadAuditTests.guesses)
    return surest.count { (scores[$0] > 0) == isIn[$0] }
  }

  /// All keys are fixed; as in ``HeadAuditTests``, other keys would fail in fewer than 1e-7.
  @Test func `an audit of DP-SGD stays below the claim, and exceeds it when the noise is halved`()
    throws
  {
    let isIn = try HeadAuditTests.coins(50)
    let honest = try HeadAuditTests.lowerBound(
      right: Self.rightGuesses(share: 1, isIn: isIn, key: 51))
    #expect(honest > 0.5, "the audit must see something, or it proves nothing; got \(honest)")
    #expect(honest < HeadAuditTests.claim)
    let halved = try HeadAuditTests.lowerBound(
      right: Self.rightGuesses(share: 0.5, isIn: isIn, key: 52))
    #expect(halved > HeadAuditTests.claim, "half the noise must be caught; got \(halved)")
  }
}
