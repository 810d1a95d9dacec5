import Foundation
import ModelFormats
import PrivFusion
import Tensors
import Testing

/// The known answer in `Vectors`, computed by another program.
@Suite struct FilterVectorTests {
  private let vectors: ArrayArchive
  /// Double precision, and matrices of condition below 1e4.
  private let tolerance = 1e-9

  init() throws {
    vectors = try ArrayArchive(contentsOf: Fixtures.vectors + "filter_mlp.npz")
  }

  private func vector(_ name: String) throws -> Tensor { try #require(vectors[name]) }

  private func number(_ name: String, _ index: Int) throws -> Double {
    let all: [Double] = try vector(name).elements()
    return all[index]
  }

  private func target(_ layer: Int) throws -> LayerFilter.Target {
    try LayerFilter.Target(
      mean: vector("T\(layer)"), noiseVariance: number("signature_variance", layer))
  }

  /// `[outputs, inputs]` with the leading axis of groups that the filter works on.
  private func weight(_ layer: Int) throws -> Tensor { try vector("W\(layer)").unsqueezed(0) }

  /// What layer `layer` reads, through the filtered layers before it.
  private func inputs(_ layer: Int) throws -> Tensor {
    var value = try vector("x")
    for before in 0..<layer {
      value = try value.matmul(vector("filtered_W\(before)").transposed())
        .adding(vector("filtered_b\(before)")).relu()
    }
    return try value.unsqueezed(0)
  }

  private func expect(
    _ found: Tensor, is name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let expected = try vector(name)
    let shaped = try found.reshaped(expected.shape)
    let difference = try relativeDifference(shaped, expected)
    #expect(difference < tolerance, "\(name)", sourceLocation: sourceLocation)
  }

  @Test(arguments: [0, 1])
  func `a target is the standardised mean signature`(layer: Int) throws {
    let target = try target(layer)
    try expect(target.values, is: "target\(layer)")
    let noise = try number("v_n", layer)
    #expect(abs(target.relativeNoise - noise) < tolerance * noise)
  }

  @Test(arguments: [0, 1])
  func `a hidden layer is drawn from its noisy average to its target`(layer: Int) throws {
    let filtered = try LayerFilter.hidden(
      weight: weight(layer), weightVariance: number("weight_variance", layer),
      inputs: inputs(layer), target: target(layer), strength: .fromNoise(kappa: 0.3))
    try expect(filtered.weight, is: "filtered_W\(layer)")
    try expect(filtered.bias, is: "filtered_b\(layer)")
  }

  @Test func `the output layer is drawn to the votes`() throws {
    let filtered = try LayerFilter.output(
      weight: weight(2), weightVariance: number("weight_variance", 2), inputs: inputs(2),
      wanted: vector("last_target").transposed(), lambda: 0.03)
    try expect(filtered.weight, is: "filtered_W2")
    try expect(filtered.bias, is: "filtered_b2")
  }

  /// Ten rows of twelve inputs make the dual form; the same rows twice have the same means and the
  /// same Gram matrix over N, and make the primal form.
  @Test func `with fewer rows than inputs the dual form gives what the primal gives`() throws {
    func filtered(copies: Int) throws -> (weight: Tensor, bias: Tensor) {
      let inputs = try inputs(0).slice(0..<10, axis: 1)
      let wanted = try vector("T0").slice(0..<10, axis: 1)
      return try LayerFilter.output(
        weight: weight(0), weightVariance: 0.01,
        inputs: .concatenated(Array(repeating: inputs, count: copies), axis: 1),
        wanted: .concatenated(Array(repeating: wanted, count: copies), axis: 1), lambda: 0.01)
    }
    let (dual, primal) = (try filtered(copies: 1), try filtered(copies: 2))
    #expect(try relativeDifference(dual.weight, primal.weight) < tolerance)
    #expect(try relativeDifference(dual.bias, primal.bias) < tolerance)
    #expect(try relativeDifference(dual.weight, vector("W0").unsqueezed(0)) > 0.01)
  }
}
