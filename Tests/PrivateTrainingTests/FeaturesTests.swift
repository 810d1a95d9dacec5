import Models
import PrivateTraining
import Tensors
import Testing

/// Trunks learnt from public inputs.
@Suite struct FeaturesTests {
  struct Probe: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let shape: [Int]

    func inputs(seed: UInt64 = 1) throws -> Tensor { try Tensor.uniform(shape, seed: seed) }
  }

  static let probes = [
    Probe(testDescription: "grey images", shape: [12, 1, 28, 28]),
    Probe(testDescription: "colour images, not square", shape: [12, 3, 11, 17]),
    Probe(testDescription: "images as small as a patch", shape: [300, 1, 6, 6]),
    Probe(testDescription: "images smaller than a patch", shape: [300, 2, 4, 9]),
    Probe(testDescription: "signals", shape: [20, 2, 40]),
    Probe(testDescription: "tables", shape: [50, 5]),
  ]

  static func features(_ trunk: ModelGraph, _ inputs: Tensor) throws -> Tensor {
    try FeatureMap(trunk).features(["x": inputs])
  }

  static func isSame(_ one: ModelGraph, _ other: ModelGraph) throws -> Bool {
    guard one.initializers.keys == other.initializers.keys, one.nodes.count == other.nodes.count
    else { return false }
    return try one.initializers.allSatisfy { name, tensor in
      try other.initializers[name].map { try $0.isIdentical(to: tensor) } ?? false
    }
  }

  @Test(arguments: probes)
  func `every input gets a row of length 1, and new ones too`(probe: Probe) throws {
    let trunk = try PublicFeatures(dimension: 8, seed: 3).trunk(learntFrom: probe.inputs())
    #expect(trunk.inputs[0].shape == [nil] + probe.shape.dropFirst().map { $0 })
    #expect(trunk.outputs[0].shape == [nil, 8])
    for inputs in [try probe.inputs(), try probe.inputs(seed: 2)] {
      let features = try Self.features(trunk, inputs)
      #expect(features.shape == [probe.shape[0], 8])
      let lengths: [Float] = try features.multiplied(by: features).sum([1]).squareRoot().elements()
      // 1e-5: what is added to a length before dividing is 1e-8, and lengths are above 1e-3.
      #expect(lengths.allSatisfy { ($0 - 1).magnitude < 1e-5 })
    }
  }

  @Test(arguments: probes)
  func `the same probe and seed give the same trunk, another seed another`(probe: Probe) throws {
    let inputs = try probe.inputs()
    for centres in [nil, 7] {
      let one = try PublicFeatures(dimension: 6, centres: centres, seed: 3)
        .trunk(learntFrom: inputs)
      let same = try PublicFeatures(dimension: 6, centres: centres, seed: 3)
        .trunk(learntFrom: inputs)
      let other = try PublicFeatures(dimension: 6, centres: centres, seed: 4)
        .trunk(learntFrom: inputs)
      #expect(try Self.isSame(one, same))
      #expect(try !Self.isSame(one, other))
    }
  }

  /// A release is private only if no record's features depend on another record.
  @Test(arguments: probes)
  func `a row depends on its own input only`(probe: Probe) throws {
    let inputs = try probe.inputs()
    let trunk = try PublicFeatures(dimension: 8, centres: 5, seed: 3).trunk(learntFrom: inputs)
    let all = try Self.features(trunk, inputs)
    // Other numbers everywhere but in the first input: huge, and then another draw.
    for others in [
      try Tensor.full(probe.shape, 1e6), try probe.inputs(seed: 9).negated(),
    ] {
      let mixed = try Tensor.concatenated([
        inputs.slice(0..<1), others.slice(1..<probe.shape[0]),
      ])
      let features = try Self.features(trunk, mixed)
      #expect(try features.slice(0..<1).isIdentical(to: all.slice(0..<1)))
      #expect(try !features.slice(1..<2).isIdentical(to: all.slice(1..<2)))
    }
  }

  @Test func `no more dimensions are kept than the probe spans`() throws {
    let inputs = try Tensor.uniform([9, 5], seed: 1)
    let trunk = try PublicFeatures(dimension: 400, seed: 3).trunk(learntFrom: inputs)
    // Nine points span eight directions around their mean.
    #expect(trunk.outputs[0].shape == [nil, 8])
  }

  @Test func `a column without variation and ties are harmless`() throws {
    var elements: [Float] = []
    for row in 0..<40 { elements += [7, Float(row % 2), Float(row)] }
    let inputs = try Tensor(elements, shape: [40, 3])
    let trunk = try PublicFeatures(dimension: 5, seed: 3).trunk(learntFrom: inputs)
    #expect(try Self.features(trunk, inputs).isFinite())
    let extremes = try Tensor(
      [Float](repeating: .greatestFiniteMagnitude, count: 3), shape: [1, 3])
    #expect(try Self.features(trunk, extremes).isFinite())
  }

  @Test func `a probe of no kind, or without anything to learn, is refused`() throws {
    func learn(_ probe: Tensor) throws {
      _ = try PublicFeatures(dimension: 4, seed: 1).trunk(learntFrom: probe)
    }
    for shape in [[5], [5, 1, 2, 3, 4], [0, 3], [5, 0], [3, 1, 0, 9]] {
      #expect(throws: PrivateTrainingError.probeShape(found: shape)) {
        try learn(Tensor.zeros(shape))
      }
    }
    #expect(throws: PrivateTrainingError.probeShape(found: [5, 3])) {
      try learn(Tensor.zeros([5, 3], type: .float64))
    }
    for bad in [Double.nan, .infinity, -.infinity] {
      #expect(throws: PrivateTrainingError.probeNotFinite) { try learn(.full([5, 3], bad)) }
    }
    #expect(throws: PrivateTrainingError.noVariation) { try learn(.uniform([1, 3], seed: 1)) }
    #expect(throws: PrivateTrainingError.noVariation) { try learn(.full([9, 3], 0.5)) }
    let one = try Tensor.uniform([1, 1, 28, 28], seed: 1)
    #expect(throws: PrivateTrainingError.noVariation) {
      try learn(one.expanded(to: [9, 1, 28, 28]).contiguous())
    }
    #expect(throws: PrivateTrainingError.tooFewPatches(found: 0, needed: 128)) {
      try learn(.full([300, 1, 9, 9], 0.5))
    }
    #expect(throws: PrivateTrainingError.tooFewPatches(found: 18, needed: 128)) {
      try learn(.uniform([2, 1, 8, 8], seed: 1))
    }
  }
}
