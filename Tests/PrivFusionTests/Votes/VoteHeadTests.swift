import PrivFusion
import Tensors
import Testing

@Suite struct VoteHeadTests {
  @Test func `a head learns decoded votes and serves other inputs`() throws {
    let planted = try PlantedVotes(
      probes: 300, classes: 4, rates: [0.9, 0.9, 0.9], epsilon: 1.5, seed: 11)
    let filter = try VoteFilter(planted.votes, features: planted.features, seed: 0)
    let head = try VoteHead(features: planted.features, posterior: filter.posterior)
    #expect(head.weight.shape == [4, 16] && head.bias.shape == [4])
    // The same clusters at a quarter of the spread.
    let logits = try planted.features.matmul(head.weight.transposed()).adding(head.bias)
    #expect(try planted.accuracy(logits) > 0.95)
  }

  /// At the optimum the gradient of the penalised cross entropy is zero.
  @Test(arguments: [1, 1e3])
  func `it is the optimum, in any unit of the features`(unit: Double) throws {
    let features = try Tensor.normal([80, 3], seed: 1).multiplied(by: unit)
    let posterior = try Tensor.normal([80, 4], seed: 2).softmax()
    let head = try VoteHead(features: features, posterior: posterior, ridge: 0.3)
    let logits = try features.matmul(head.weight.transposed()).adding(head.bias)
    let residual = try logits.softmax().subtracting(posterior)
    let meanSquare = try features.multiplied(by: features).sum().scalar() / 80
    let byWeight = try residual.transposed().matmul(features)
      .adding(head.weight.multiplied(by: 0.3 * meanSquare)).divided(by: meanSquare.squareRoot())
    let byBias = try residual.sum([0]).adding(head.bias.multiplied(by: 4 * 0.3))
    // The minimiser ends at 1e-5 of the loss, of about 100; results are in single precision.
    #expect(try byWeight.largestMagnitude() < 5e-3)
    #expect(try byBias.largestMagnitude() < 5e-3)
  }
}
