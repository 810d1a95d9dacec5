import Models
import PrivateTraining
import Tensors
import Testing

@Suite struct HeadTests {
  @Test func `an average weighs heads as it is told, and equally by itself`() throws {
    func head(_ value: Double) throws -> LinearHead {
      LinearHead(weight: try .full([2, 3], value), bias: try .full([2], -value))
    }
    let heads = [try head(1), try head(2), try head(6)]
    let equal = try LinearHead.average(heads)
    #expect(try equal.weight.elements() == [Float](repeating: 3, count: 6))
    #expect(try equal.bias.elements() == [Float](repeating: -3, count: 2))
    // (1 x 1 + 2 x 3 + 6 x 4) / 8 = 3.875; only the shares count.
    for factor in [1.0, 1000] {
      let weighted = try LinearHead.average(heads, weights: [1, 3, 4].map { $0 * factor })
      #expect(try weighted.weight.elements() == [Float](repeating: 3.875, count: 6))
    }
    let other = LinearHead(weight: try .zeros([3, 3]), bias: try .zeros([3]))
    #expect(throws: PrivateTrainingError.headShapes([2, 3], [3, 3])) {
      try LinearHead.average(heads + [other])
    }
  }

  @Test func `a head goes on a trunk and comes off again`() throws {
    let probe = try Tensor.uniform([30, 4], seed: 1)
    let trunk = try PublicFeatures(dimension: 6, seed: 2).trunk(learntFrom: probe)
    #expect(trunk.linearHead == nil)
    let head = LinearHead(
      weight: try .normal([3, 6], seed: 3), bias: try .normal([3], seed: 4))
    let model = try trunk.adding(head)
    let logits = try #require(ForwardPass(model).values(["x": probe])["logits"])
    let expected = try head.logits(FeatureMap(trunk).features(["x": probe]))
    // Single precision, in another order.
    #expect(try logits.subtracting(expected).largestMagnitude() < 1e-4)
    let found = try #require(model.linearHead)
    #expect(try found.weight.isIdentical(to: head.weight) && found.bias.isIdentical(to: head.bias))
    let bare = model.withoutHead
    #expect(bare.linearHead == nil && bare.nodes.count == trunk.nodes.count)
    #expect(bare.outputs.map(\.name) == trunk.outputs.map(\.name))
    #expect(try FeaturesTests.isSame(bare, trunk))
    #expect(throws: PrivateTrainingError.nameTaken("logits")) { try model.adding(head) }
  }
}
