import Models
import PrivateTraining
import Tensors
import Testing
import Training

@Suite struct ClippedGradientsTests {
  /// All sums as one vector.
  private func clippedSum(_ graph: ModelGraph, _ data: LabeledData, clip: Double) throws -> [Double]
  {
    let recordwise = try RecordwiseGraph(graph, logitsName: "logits")
    var sum = GradientSum(count: graph.parameterCount)
    try ClippedGradients(recordwise, clip: clip).add(
      data.inputs, labels: data.labels, parameters: leaves(graph, recordwise), to: &sum)
    return sum.values
  }

  private func leaves(_ graph: ModelGraph, _ recordwise: RecordwiseGraph) throws -> [String: Tensor]
  {
    try graph.initializers.filter { recordwise.parameterNames.contains($0.key) }
      .mapValues { try $0.asParameter() }
  }

  @Test(arguments: Network.allCases)
  func `norms are those of the gradients taken one by one`(network: Network) throws {
    let (graph, sample) = try network.graph()
    let data = try randomData(sample, count: 6)
    let recordwise = try RecordwiseGraph(graph, logitsName: "logits")
    let norms = try ClippedGradients(recordwise, clip: 1)
      .norms(data.inputs, labels: data.labels, parameters: leaves(graph, recordwise))
    let explicit = try gradientsOneByOne(graph, names: recordwise.parameterNames, data).map(norm)
    #expect(norms.count == 6)
    for (ghost, exact) in zip(norms, explicit) {
      // Both are computed in single precision, over at most 10^4 terms.
      #expect(abs(ghost - exact) <= 1e-4 * exact)
    }
  }

  @Test(arguments: Network.allCases)
  func `sums are those of the gradients clipped one by one`(network: Network) throws {
    let (graph, sample) = try network.graph()
    let data = try randomData(sample, count: 6)
    let names = try RecordwiseGraph(graph, logitsName: "logits").parameterNames
    #expect(Set(names) == Set(graph.parameterNames))
    let gradients = try gradientsOneByOne(graph, names: names, data)
    let norms = gradients.map(norm)
    // Some records are clipped and some are not.
    let clip = norms.sorted()[3] * 0.99
    var expected = [Double](repeating: 0, count: gradients[0].count)
    for (gradient, norm) in zip(gradients, norms) {
      for index in expected.indices {
        expected[index] += gradient[index] * min(1, clip / norm)
      }
    }
    let found = try clippedSum(graph, data, clip: clip)
    #expect(found.count == expected.count)
    let difference = zip(found, expected).map { $0 - $1 }
    #expect(norm(difference) < 1e-4 * clip)
  }

  @Test func `many records' sum is that of parts of them`() throws {
    for network in [Network.strided, .dense, .wide] {
      let (graph, sample) = try network.graph()
      let data = try randomData(sample, count: 300)
      let whole = try clippedSum(graph, data, clip: 1)
      let parts = try [0..<90, 90..<200, 200..<300].map {
        try clippedSum(graph, data.selecting(Array($0)), clip: 1)
      }
      let difference = whole.indices.map { index in
        whole[index] - parts.reduce(0) { $0 + $1[index] }
      }
      // Roundings of 2^-24 in up to 128 additions of records that are at most 1 long.
      #expect(norm(difference) < 300 * 128 * 0x1p-24)
      #expect(norm(whole) > 1)
    }
  }

  private func stepSum(
    _ graph: ModelGraph, _ data: LabeledData, over records: [Int], threads: Int
  ) throws -> [Double] {
    let recordwise = try RecordwiseGraph(graph, logitsName: "logits")
    return try TensorEngine.withThreads(threads) {
      let step = StepGradients(
        ClippedGradients(recordwise, clip: 1), of: data, batchSize: 50,
        count: graph.parameterCount)
      return try step.sum(over: records, parameters: leaves(graph, recordwise))
    }
  }

  @Test func `several threads' sum is that of one, for any number of records`() throws {
    for network in [Network.strided, .dense, .wide] {
      let (graph, sample) = try network.graph()
      let data = try randomData(sample, count: 160)
      for count in [0, 1, 2, 5, 150] {
        let records = Array(7..<(7 + count))
        let expected =
          count == 0
          ? [Double](repeating: 0, count: graph.parameterCount)
          : try clippedSum(graph, data.selecting(records), clip: 1)
        for threads in 1...5 {
          let found = try stepSum(graph, data, over: records, threads: threads)
          // As for parts of many records.
          #expect(norm(zip(found, expected).map { $0 - $1 }) <= Double(2 * count * 128) * 0x1p-24)
          #expect(count == 0 || norm(found) > 0.1)
        }
      }
    }
  }

  @Test func `what one thread throws ends the step`() throws {
    let (graph, sample) = try Network.dense.graph()
    let good = try randomData(sample, count: 9)
    for wrong in [0, 4, 8] {
      let data = try LabeledData(
        inputs: good.inputs, labels: Tensor(indices: (0..<9).map { $0 == wrong ? 99 : 0 }))
      #expect(throws: TensorError.self) {
        try stepSum(graph, data, over: Array(0..<9), threads: 3)
      }
    }
  }

  @Test func `every form of a layer's gradients is tried by these networks`() {
    // The convolutions of `strided` and of `wide`, per group.
    #expect(LayerGradients.isExplicitCheaper(inputs: 27, outputs: 6, positions: 40))
    #expect(!LayerGradients.isExplicitCheaper(inputs: 288, outputs: 32, positions: 4))
    #expect(!LayerGradients.isExplicitCheaper(inputs: 64, outputs: 80, positions: 2))
  }

  @Test(arguments: [Network.dense, .strided, .wide, .sequence])
  func `no record adds more than the clip, whatever it holds`(network: Network) throws {
    let (graph, sample) = try network.graph()
    let count = sample.reduce(1, *)
    for clip in [1e-3, 1, 50] {
      for extreme: Float in [0, 1e-30, 1, 1e5, 1e10, 1e18, 1e20, -1e20, 3e38, .infinity, .nan] {
        for isAlternating in [false, true] {
          let pixels = (0..<count).map { isAlternating && $0 % 2 == 1 ? -extreme / 3 : extreme }
          let data = try LabeledData(
            inputs: ["x": Tensor(pixels, shape: [1] + sample)], labels: Tensor(indices: [3]))
          let length = norm(try clippedSum(graph, data, clip: clip))
          #expect(length <= clip)
        }
      }
    }
  }

  @Test func `nor where single precision ends`() throws {
    // The logits are so far apart that their gradients are near 1e-25, at an input near 1e38: the
    // clipped gradients of the logits would be multiples of 2^-149 rounded to nearest.
    var builder = NetworkBuilder()
    try builder.gemm("x", "logits", 8, 4)
    for distance in stride(from: Float(54), to: 64, by: 0.5) {
      let input: Float = 3e38
      let weights = (0..<32).map { $0 < 8 ? distance / 8 / input : 0 }
      builder.initializers["logits.w"] = try Tensor(weights, shape: [4, 8])
      builder.initializers["logits.b"] = try Tensor.zeros([4])
      let data = try LabeledData(
        inputs: ["x": Tensor.full([1, 8], Double(input))], labels: Tensor(indices: [0]))
      let graph = builder.graph([8], classes: 4)
      for clip in [1e-5, 1e-4, 1e-3] {
        #expect(norm(try clippedSum(graph, data, clip: clip)) <= clip)
      }
    }
  }

  @Test func `a record that is not finite leaves the others' sum as it is`() throws {
    for network in [Network.dense, .strided, .wide] {
      let (graph, sample) = try network.graph()
      let count = sample.reduce(1, *)
      var pixels: [Float] = try randomData(sample, count: 5).inputs["x"]?.elements() ?? []
      let labels = try Tensor(indices: [0, 1, 2, 3, 0])
      func sum(_ value: Float) throws -> [Double] {
        for index in (2 * count)..<(3 * count) { pixels[index] = value }
        let x = try Tensor(pixels, shape: [5] + sample)
        return try clippedSum(graph, LabeledData(inputs: ["x": x], labels: labels), clip: 1)
      }
      let empty = try sum(.nan)
      #expect(norm(empty) > 0)
      #expect(try sum(.infinity) == empty)
    }
  }
}
