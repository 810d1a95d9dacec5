internal import Tensors

/// Builds a graph layer by layer, with fresh parameters under the names of PyTorch's `state_dict`.
///
/// A layer's node and the value that it makes share the layer's name.
struct GraphBuilder {
  private(set) var nodes: [ModelGraph.Node] = []
  private(set) var initializers: [String: Tensor] = [:]
  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  /// Appends a node and returns the name of the value it makes.
  mutating func append(
    _ operation: String, _ name: String, _ inputs: [String],
    _ attributes: [String: ModelGraph.Attribute] = [:]
  ) -> String {
    nodes.append(
      ModelGraph.Node(
        name: name, operation: operation, inputs: inputs, outputs: [name], attributes: attributes))
    return name
  }

  /// `x · weightᵀ + bias`, with a weight of shape `[outputs, inputs]`.
  mutating func linear(
    _ x: String, name: String, inputs: Int, outputs: Int, parameters: String? = nil,
    gain: Double = Double(2).squareRoot(), bias: Bool = true
  ) throws -> String {
    let prefix = parameters ?? name
    var operands = [x, "\(prefix).weight"]
    initializers[operands[1]] = try kaiming([outputs, inputs], gain: gain)
    if bias {
      operands.append("\(prefix).bias")
      initializers["\(prefix).bias"] = try Tensor.zeros([outputs])
    }
    return append("Gemm", name, operands, ["transB": .int(1)])
  }

  /// A convolution over two axes with a weight of shape `[outputs, inputs, kernel, kernel]`.
  mutating func convolution(
    _ x: String, name: String, inputs: Int, outputs: Int, kernel: Int, stride: Int, padding: Int,
    bias: Bool
  ) throws -> String {
    var operands = [x, "\(name).weight"]
    initializers[operands[1]] = try kaiming(
      [outputs, inputs, kernel, kernel], gain: Double(2).squareRoot())
    if bias {
      operands.append("\(name).bias")
      initializers["\(name).bias"] = try Tensor.zeros([outputs])
    }
    return append(
      "Conv", name, operands,
      [
        "kernel_shape": .ints([kernel, kernel]), "strides": .ints([stride, stride]),
        "pads": .ints([padding, padding, padding, padding]), "dilations": .ints([1, 1]),
        "group": .int(1),
      ])
  }

  /// Batch normalisation over axis 1, of `size` channels or features.
  mutating func batchNormalization(_ x: String, name: String, size: Int) throws -> String {
    initializers["\(name).weight"] = try Tensor.full([size], 1)
    initializers["\(name).bias"] = try Tensor.zeros([size])
    initializers["\(name).running_mean"] = try Tensor.zeros([size])
    initializers["\(name).running_var"] = try Tensor.full([size], 1)
    return append(
      "BatchNormalization", name,
      [x, "\(name).weight", "\(name).bias", "\(name).running_mean", "\(name).running_var"],
      ["epsilon": .float(1e-5), "momentum": .float(0.9)])
  }

  mutating func relu(_ x: String, name: String) -> String { append("Relu", name, [x]) }

  mutating func flatten(_ x: String) -> String {
    append("Flatten", "flatten", [x], ["axis": .int(1)])
  }

  /// The graph from the input `x` to the value `logits`.
  ///
  /// - Parameter sample: The shape of one sample.
  func graph(name: String, sample: [Int], classes: Int) -> ModelGraph {
    ModelGraph(
      name: name, operatorSet: 17, nodes: nodes, initializers: initializers,
      inputs: [.init(name: "x", type: .float32, shape: [nil] + sample)],
      outputs: [.init(name: "logits", type: .float32, shape: [nil, classes])])
  }

  /// Normal numbers of standard deviation `gain / sqrt(fan-in)`.
  ///
  /// He, Zhang, Ren, Sun 2015, equation 10, with a gain of sqrt 2 before a rectifier.
  private mutating func kaiming(_ shape: [Int], gain: Double) throws -> Tensor {
    let fanIn = Double(shape.dropFirst().reduce(1, *))
    return try Tensor.normal(shape, seed: generator.next())
      .multiplied(by: gain / fanIn.squareRoot())
  }
}
