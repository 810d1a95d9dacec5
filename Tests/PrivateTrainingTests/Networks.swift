import Models
import Tensors
import Training

/// Builds small networks for tests, whatever their operators.
struct NetworkBuilder {
  var nodes: [ModelGraph.Node] = []
  var initializers: [String: Tensor] = [:]
  var seed: UInt64 = 1

  mutating func node(
    _ operation: String, _ inputs: [String], _ output: String,
    _ attributes: [String: ModelGraph.Attribute] = [:]
  ) {
    nodes.append(
      ModelGraph.Node(
        name: output, operation: operation, inputs: inputs, outputs: [output],
        attributes: attributes))
  }

  /// A parameter of normal numbers.
  mutating func parameter(_ name: String, _ shape: [Int]) throws -> String {
    seed += 1
    initializers[name] = try Tensor.normal(shape, seed: seed).multiplied(by: 0.3)
    return name
  }

  mutating func gemm(_ x: String, _ output: String, _ inputs: Int, _ outputs: Int) throws {
    node(
      "Gemm",
      [
        x, try parameter("\(output).w", [outputs, inputs]), try parameter("\(output).b", [outputs]),
      ],
      output, ["transB": .int(1)])
  }

  mutating func convolution(
    _ x: String, _ output: String, weight: [Int], strides: [Int], pads: [Int], dilations: [Int],
    group: Int = 1, bias: Bool = true
  ) throws {
    var operands = [x, try parameter("\(output).w", weight)]
    if bias { operands.append(try parameter("\(output).b", [weight[0]])) }
    node(
      "Conv", operands, output,
      [
        "strides": .ints(strides), "pads": .ints(pads), "dilations": .ints(dilations),
        "group": .int(group),
      ])
  }

  func graph(_ sample: [Int], classes: Int) -> ModelGraph {
    ModelGraph(
      name: "network", operatorSet: 17, nodes: nodes, initializers: initializers,
      inputs: [.init(name: "x", type: .float32, shape: [nil] + sample)],
      outputs: [.init(name: "logits", type: .float32, shape: [nil, classes])])
  }
}

/// Networks that between them use every kind of layer and every form of its gradients.
enum Network: String, CaseIterable {
  case dense, strided, grouped, dilated, uneven, signal, residual, sequence, wide

  /// The network, and the shape of one record.
  func graph() throws -> (graph: ModelGraph, sample: [Int]) {
    var builder = NetworkBuilder()
    var sample = [3, 9, 8]
    switch self {
    case .dense:
      sample = [20]
      try builder.gemm("x", "h", 20, 16)
      builder.node("Relu", ["h"], "r")
      // A product without a bias, then one whose bias is added by a node of its own.
      builder.node("MatMul", ["r", try builder.parameter("m", [16, 12])], "p")
      builder.node("Tanh", ["p"], "t")
      builder.node("MatMul", ["t", try builder.parameter("last", [12, 4])], "q")
      builder.node("Add", ["q", try builder.parameter("bias", [4])], "logits")
      return (builder.graph(sample, classes: 4), sample)
    case .strided:
      try builder.convolution(
        "x", "c", weight: [6, 3, 3, 3], strides: [2, 1], pads: [1, 1, 1, 1], dilations: [1, 1])
      builder.node("Relu", ["c"], "r")
      builder.node("MaxPool", ["r"], "m", ["kernel_shape": .ints([2, 2])])
      try builder.head("m", inputs: 6 * 4 * 7)
    case .grouped:
      sample = [4, 7, 7]
      try builder.convolution(
        "x", "c", weight: [6, 2, 3, 3], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1],
        group: 2)
      builder.node("Tanh", ["c"], "r")
      try builder.head("r", inputs: 6 * 25)
    case .dilated:
      try builder.convolution(
        "x", "c", weight: [5, 3, 3, 2], strides: [1, 2], pads: [2, 0, 2, 0], dilations: [2, 3],
        bias: false)
      builder.node("Sigmoid", ["c"], "r")
      try builder.head("r", inputs: 5 * 9 * 3)
    case .uneven:
      try builder.convolution(
        "x", "c", weight: [4, 3, 2, 2], strides: [1, 1], pads: [0, 1, 1, 0], dilations: [1, 1])
      builder.node("Relu", ["c"], "r")
      try builder.head("r", inputs: 4 * 9 * 8)
    case .signal:
      sample = [2, 31]
      try builder.convolution(
        "x", "c", weight: [5, 2, 4], strides: [2], pads: [1, 2], dilations: [1])
      builder.node("Relu", ["c"], "r")
      builder.node("ReduceMean", ["r"], "mean", ["axes": .ints([2]), "keepdims": .int(0)])
      try builder.gemm("mean", "logits", 5, 4)
    case .residual:
      sample = [3, 6, 6]
      for (x, c) in [("x", "c1"), ("r1", "c2")] {
        try builder.convolution(
          x, c, weight: [3, 3, 3, 3], strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1])
        if c == "c1" { builder.node("Relu", [c], "r1") }
      }
      builder.node("Add", ["c2", "x"], "s")
      builder.node("Relu", ["s"], "r2")
      builder.node("GlobalAveragePool", ["r2"], "g")
      builder.node("Add", ["r2", "g"], "again")
      try builder.head("again", inputs: 3 * 36)
    case .sequence:
      sample = [5, 6]
      builder.node("MatMul", ["x", try builder.parameter("w", [6, 7])], "p")
      builder.node("Add", ["p", try builder.parameter("b", [7])], "h")
      builder.node("Relu", ["h"], "r")
      builder.node("MatMul", ["r", try builder.parameter("v", [7, 3])], "y")
      try builder.head("y", inputs: 15)
    case .wide:
      // Few positions and a large weight: the form of Gram matrices, with groups and without.
      sample = [64, 3, 3]
      try builder.convolution(
        "x", "c", weight: [64, 32, 3, 3], strides: [2, 2], pads: [1, 1, 1, 1],
        dilations: [1, 1], group: 2)
      builder.node("Relu", ["c"], "r")
      try builder.convolution(
        "r", "d", weight: [64, 64, 2, 1], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1])
      builder.node("Relu", ["d"], "e")
      builder.node("Transpose", ["e"], "t", ["perm": .ints([0, 2, 3, 1])])
      builder.node("MatMul", ["t", try builder.parameter("w", [64, 80])], "p")
      try builder.head("p", inputs: 160)
    }
    return (builder.graph(sample, classes: 4), sample)
  }
}

extension NetworkBuilder {
  /// A dense layer on everything that a record has.
  mutating func head(_ x: String, inputs: Int) throws {
    node("Flatten", [x], "flat", ["axis": .int(1)])
    try gemm("flat", "logits", inputs, 4)
  }
}

/// Random records and labels for a network of four classes.
func randomData(_ sample: [Int], count: Int, seed: UInt64 = 9) throws -> LabeledData {
  try LabeledData(
    inputs: ["x": Tensor.normal([count] + sample, seed: seed)],
    labels: Tensor(indices: (0..<count).map { $0 % 4 }))
}

/// The gradient of every record alone, by the engine's own differentiation: one array of all
/// parameters' elements a record.
func gradientsOneByOne(_ graph: ModelGraph, names: [String], _ data: LabeledData) throws
  -> [[Double]]
{
  let pass = try ForwardPass(graph)
  let leaves = try names.map { try graph.initializers[$0]?.asParameter() }.compactMap { $0 }
  return try (0..<data.count).map { index in
    let record = try data.selecting([index])
    let values = try pass.values(
      record.inputs, parameters: Dictionary(uniqueKeysWithValues: zip(names, leaves)),
      capturing: ["logits"])
    guard let loss = try values["logits"]?.crossEntropy(labels: record.labels) else { return [] }
    return try loss.gradients(of: leaves).flatMap {
      try $0.cast(to: .float64).elements(as: Double.self)
    }
  }
}

func norm(_ vector: [Double]) -> Double {
  vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
}
