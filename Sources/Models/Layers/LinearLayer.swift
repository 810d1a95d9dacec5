internal import Tensors

/// A layer that is linear in its input: a matrix product or a convolution, with its bias.
///
/// Its output is what the literature calls the pre-activation.
public struct LinearLayer: Sendable, Equatable {
  /// How the weight's elements form a matrix `[outputs, inputs]`.
  public enum Form: Sendable, Equatable {
    /// Weight `[outputs, inputs]`, or `[inputs, outputs]` when transposed.
    case dense(isTransposed: Bool)
    /// Weight `[outputs, inputs / groups, kernel...]`.
    case convolution(ConvolutionGeometry)
  }

  /// The value it reads.
  public let input: String
  /// The value it makes, bias included.
  public let output: String
  public let weight: String
  public let bias: String?
  public let form: Form
  /// The axis of `output` that holds the units; the other axes are batch and positions.
  public let unitAxis: Int
  /// The node at which it starts, as an index into the graph's nodes.
  public let node: Int

  /// The axes of the weight that hold outputs and inputs.
  public var outputAxis: Int { form == .dense(isTransposed: true) ? 1 : 0 }
  public var inputAxis: Int { form == .dense(isTransposed: true) ? 0 : 1 }
}

/// The attributes of a convolution.
public struct ConvolutionGeometry: Sendable, Equatable {
  public let groups: Int
  public let kernel: [Int]
  public let strides: [Int]
  public let dilations: [Int]
  /// Padding before every spatial axis, then after.
  public let padsBefore: [Int]
  public let padsAfter: [Int]
}

extension ModelGraph {
  /// The linear layers whose weight, and bias if any, belong to them alone, in topological order.
  public var linearLayers: [LinearLayer] {
    let parameters = Set(parameterNames)
    var readers: [String: [Int]] = [:]
    for (index, node) in nodes.enumerated() {
      for name in Set(node.inputs) { readers[name, default: []].append(index) }
    }
    func isOwn(_ name: String) -> Bool {
      parameters.contains(name) && readers[name]?.count == 1
    }
    return nodes.indices.compactMap { index in
      let node = nodes[index]
      guard node.inputs.count > 1, isOwn(node.inputs[1]), !parameters.contains(node.inputs[0])
      else { return nil }
      let weight = node.inputs[1]
      let rank = initializers[weight]?.rank ?? 0
      let third = node.inputs.count > 2 && !node.inputs[2].isEmpty ? node.inputs[2] : nil
      // A bias that is shared, computed or not a vector makes this something else than a layer.
      if let third, !isOwn(third) || initializers[third]?.rank != 1 { return nil }
      switch node.operation {
      case "Conv":
        guard let geometry = geometry(of: node), rank == 3 || rank == 4 else { return nil }
        return LinearLayer(
          input: node.inputs[0], output: node.outputs[0], weight: weight, bias: third,
          form: .convolution(geometry), unitAxis: 1, node: index)
      case "Gemm":
        guard node.isPlainGemm else { return nil }
        let isTransposed = if case .int(1)? = node.attributes["transB"] { false } else { true }
        return LinearLayer(
          input: node.inputs[0], output: node.outputs[0], weight: weight, bias: third,
          form: .dense(isTransposed: isTransposed), unitAxis: 1, node: index)
      case "MatMul":
        guard rank == 2 else { return nil }
        let units = initializers[weight]?.shape[1]
        let added = bias(addedTo: node.outputs[0], readers: readers) {
          // A longer vector would widen a product of one column.
          isOwn($0) && initializers[$0]?.shape == units.map { [$0] }
        }
        return LinearLayer(
          input: node.inputs[0], output: added?.output ?? node.outputs[0], weight: weight,
          bias: added?.bias, form: .dense(isTransposed: true), unitAxis: -1, node: index)
      default:
        return nil
      }
    }
  }

  /// The bias that the only reader of a product adds to it.
  private func bias(
    addedTo value: String, readers: [String: [Int]], isBias: (String) -> Bool
  ) -> (bias: String, output: String)? {
    guard let only = readers[value], only.count == 1, nodes[only[0]].operation == "Add",
      !outputs.contains(where: { $0.name == value })
    else { return nil }
    let node = nodes[only[0]]
    guard let name = node.inputs.first(where: { $0 != value }), isBias(name)
    else { return nil }
    return (name, node.outputs[0])
  }

  private func geometry(of node: Node) -> ConvolutionGeometry? {
    guard let weight = initializers[node.inputs[1]], weight.rank > 2 else { return nil }
    let call = OperatorCall(node: node, inputs: [], operatorSet: operatorSet, mode: .inference)
    // Padding worked out from the input's size is left to the forward pass.
    guard ["NOTSET", "VALID"].contains(call.string("auto_pad") ?? "NOTSET"),
      let window = try? Window(call, kernel: Array(weight.shape[2...]))
    else { return nil }
    return ConvolutionGeometry(
      groups: call.int("group") ?? 1, kernel: window.kernel, strides: window.strides,
      dilations: window.dilations, padsBefore: window.pads.map(\.before),
      padsAfter: window.pads.map(\.after))
  }
}

extension ModelGraph.Node {
  /// Whether a `Gemm` computes `A · B + C` without factors or a transposed A.
  fileprivate var isPlainGemm: Bool {
    for (name, neutral) in [("alpha", 1.0), ("beta", 1.0)] {
      if case .float(let value)? = attributes[name], value != neutral { return false }
    }
    if case .int(1)? = attributes["transA"] { return false }
    return true
  }
}
