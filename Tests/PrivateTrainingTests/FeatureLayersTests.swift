import Foundation
import Models
import PrivateTraining
import Tensors
import Testing

/// The layers of trunks, each computed a second time from its definition.
@Suite struct FeatureLayersTests {
  static func difference(_ one: Tensor, _ other: Tensor) throws -> Double {
    try one.subtracting(other).largestMagnitude()
  }

  /// Sizes whose regions overlap, and some whose do not; every level of the pyramid that fits.
  @Test(arguments: [
    (sizes: [28, 28], levels: [2, 4, 8]), ([11, 17], [2, 4]), ([10, 6], [1]), ([8, 30], [2]),
  ])
  func `regions are those of adaptive average pooling`(sizes: [Int], levels: [Int]) throws {
    let probe = try Tensor.uniform([40, 1] + sizes, seed: 1)
    let trunk = try PublicFeatures(dimension: 4, seed: 2).trunk(learntFrom: probe)
    let active = try Self.value("trunk.active", of: trunk, probe)
    #expect(Array(active.shape.dropFirst(2)) == sizes.map { $0 - 5 })
    #expect(try active.largestMagnitude() > 0.01)
    for level in 1...8 {
      let names = ["regions", "map"].map { "level\(level).\($0)" }
      guard levels.contains(level) else {
        #expect(!trunk.nodes.contains { $0.name == names[0] })
        continue
      }
      let expected = try engineCall1(
        "adaptive_avg_pool2d", [.tensor(active), .ints([level, level])])
      let pooled = try Self.value(names[0], of: trunk, probe)
      #expect(pooled.shape == expected.shape)
      // 1e-6 of answers of about 1: means in another order.
      #expect(try Self.difference(pooled, expected) < 1e-6)
      // Roots, a level's weight shared by its regions.
      let map = try expected.squareRoot().divided(by: Double(level))
        .reshaped([40, 128 * level * level])
      // The root of a rounding error of 1e-8 near 0.
      #expect(try Self.difference(Self.value(names[1], of: trunk, probe), map) < 1e-3)
    }
  }

  private static func value(_ name: String, of trunk: ModelGraph, _ probe: Tensor) throws -> Tensor
  {
    try #require(ForwardPass(trunk).values(["x": probe], capturing: [name])[name])
  }

  @Test func `signals are pooled along their length, in windows of a sixth of it`() throws {
    for (length, width) in [(33, 6), (90, 15), (300, 32)] {
      let probe = try Tensor.normal([20, 2, length], seed: 1)
      let trunk = try PublicFeatures(dimension: 4, seed: 2).trunk(learntFrom: probe)
      let active = try Self.value("trunk.active", of: trunk, probe)
      #expect(active.shape == [20, 256, length - width + 1])
      let expected = try engineCall1("adaptive_avg_pool1d", [.tensor(active), .ints([4])])
      #expect(
        try Self.difference(Self.value("level4.columns", of: trunk, probe), expected) < 1e-6)
    }
  }

  /// Without its own brightness, a patch answers alike whatever is added to it.
  @Test func `answers do not change with brightness`() throws {
    let probe = try Tensor.uniform([20, 1, 12, 12], seed: 1)
    let trunk = try PublicFeatures(dimension: 4, seed: 2).trunk(learntFrom: probe)
    let values = try [probe, probe.adding(0.5)].map { inputs in
      try #require(
        ForwardPass(trunk).values(["x": inputs], capturing: ["trunk.relative"])["trunk.relative"])
    }
    // Sums of 36 products of single precision, of filters of some tens.
    #expect(try Self.difference(values[0], values[1]) < 1e-3)
    #expect(try values[0].largestMagnitude() > 0.1)
  }

  @Test func `nearness is the stated function of unit centres`() throws {
    let probe = try Tensor.uniform([60, 4], seed: 1)
    let trunk = try PublicFeatures(dimension: 5, centres: 9, seed: 2).trunk(learntFrom: probe)
    let values = try ForwardPass(trunk).values(
      ["x": probe], capturing: ["first", "nearness", "features"])
    let first = try #require(values["first"])
    let nearness = try #require(values["nearness"])
    let centres = try #require(trunk.initializers["nearness.centres"]).divided(by: 2)
    #expect(centres.shape == [first.shape[1], 9] && nearness.shape == [60, 9])
    let lengths: [Float] = try centres.multiplied(by: centres).sum([0]).squareRoot().elements()
    #expect(lengths.allSatisfy { ($0 - 1).magnitude < 1e-5 })
    let cosines = try first.matmul(centres)
    let expected = try cosines.subtracting(1).multiplied(by: 2).exponential()
    // Single precision; nearness is at most 1.
    #expect(try Self.difference(nearness, expected) < 1e-5)
    #expect(try nearness.largestMagnitude() <= 1.00001)
    // Clusters: every probe is nearer to some centre than a random direction would be.
    let nearest: [Float] = try cosines.maximum(axis: 1).elements()
    #expect(nearest.allSatisfy { $0 > 0 })
    let features = try #require(values["features"])
    #expect(features.shape == [60, 5])
    #expect(try Self.difference(features, Self.scaled(nearness, trunk)) < 1e-4)
  }

  /// The unit vectors of the projected layer.
  private static func scaled(_ map: Tensor, _ trunk: ModelGraph) throws -> Tensor {
    let projection = try #require(trunk.initializers["features.projection"])
    let shift = try #require(trunk.initializers["features.shift"])
    let projected = try map.matmul(projection).adding(shift)
    let lengths = try projected.multiplied(by: projected).sum([1], keepingAxes: true).squareRoot()
    return try projected.divided(by: lengths)
  }

  /// Tables are evened out by 1/4, and images and signals by 2/5.
  @Test(arguments: [([400, 6], 0.25), ([40, 1, 12, 12], 0.4)])
  func `components of the probe are uncorrelated and evened out`(
    shape: [Int], evenness: Double
  ) throws {
    let probe = try Tensor.normal(shape, seed: 1)
    let trunk = try PublicFeatures(dimension: 6, seed: 2).trunk(learntFrom: probe)
    let components = try Self.value("features.components", of: trunk, probe)
    let moments: [Float] = try components.transposed().matmul(components).elements()
    let projection = try #require(trunk.initializers["features.projection"])
    // Axes have length 1 before they are scaled.
    let scales: [Float] = try projection.multiplied(by: projection).sum([0]).elements()
    let values = (0..<6).map { Double(moments[$0 * 7] / scales[$0]) }
    for i in 0..<6 {
      for j in 0..<6 where i != j {
        // Single precision, of sums of squares.
        #expect(moments[i * 6 + j].magnitude < 1e-3 * moments[0])
      }
      #expect(values[i] <= values[0] * 1.0001)
      let expected = pow(values[i] / values[0] + 1e-3, -2 * evenness)
      #expect((Double(scales[i]) / expected - 1).magnitude < 1e-3)
    }
    #expect(values[5] < 0.8 * values[0], "alike, they would show no exponent")
  }

  @Test func `a backbone serves up to a tensor`() throws {
    let backbone = try Architecture.mlp(inputs: 6, hidden: [8, 7], classes: 3).untrained(seed: 1)
    let probe = try Tensor.normal([50, 6], seed: 2)
    let inner = try #require(backbone.nodes[1].outputs.first)
    let learner = PublicFeatures(dimension: 4, seed: 3)
    let trunk = try learner.trunk(from: backbone, at: inner, inputs: ["x": probe])
    #expect(trunk.outputs[0].shape == [nil, 4])
    #expect(trunk.initializers["fc1.weight"] != nil && trunk.initializers["fc2.weight"] == nil)
    let values = try #require(ForwardPass(backbone).values(["x": probe], capturing: [inner])[inner])
    let features = try FeatureMap(trunk).features(["x": probe])
    #expect(try Self.difference(features, Self.scaled(values, trunk)) < 1e-4)
    #expect(
      try FeaturesTests.isSame(
        trunk, learner.trunk(from: backbone, at: inner, inputs: ["x": probe])))

    let unknown = #expect(throws: PrivateTrainingError.self) {
      try learner.trunk(from: backbone, at: "nothing", inputs: ["x": probe])
    }
    #expect(
      unknown
        == .noSuchTensor(name: "nothing", near: backbone.nodes.flatMap(\.outputs)))
    #expect("\(unknown.map(String.init(describing:)) ?? "")".contains(inner))
    #expect(throws: ModelError.self) {
      try learner.trunk(from: backbone, at: inner, inputs: ["x": Tensor.normal([5, 7], seed: 1)])
    }
    #expect(throws: PrivateTrainingError.noVariation) {
      try learner.trunk(from: backbone, at: inner, inputs: ["x": Tensor.zeros([5, 6])])
    }
  }

  @Test func `a trunk has one output of two axes`() throws {
    let backbone = try Architecture.mlp(inputs: 6, hidden: [8], classes: 3).untrained(seed: 1)
    var two = backbone
    two.outputs.append(.init(name: backbone.nodes[0].outputs[0], type: .float32, shape: [nil, 8]))
    let names = two.outputs.map(\.name)
    #expect(throws: PrivateTrainingError.trunkOutput(found: names)) { try FeatureMap(two) }
    #expect(throws: PrivateTrainingError.trunkOutput(found: names)) {
      try two.adding(
        LinearHead(weight: Tensor.zeros([3, 8]), bias: Tensor.zeros([3])))
    }
    two.outputs = []
    #expect(throws: PrivateTrainingError.trunkOutput(found: [])) { try FeatureMap(two) }
  }
}
