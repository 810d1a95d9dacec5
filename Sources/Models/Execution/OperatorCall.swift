internal import Tensors

/// A node together with the tensors it reads, on its way to being evaluated.
struct OperatorCall {
  let node: ModelGraph.Node
  let inputs: [Tensor?]
  let operatorSet: Int
  let mode: ExecutionMode

  func input(_ index: Int) throws -> Tensor {
    guard let tensor = optional(index) else {
      throw unsupported("input \(index) is missing")
    }
    return tensor
  }

  /// An input of as many axes as the operator needs.
  func input(_ index: Int, ranks: ClosedRange<Int>) throws -> Tensor {
    let tensor = try input(index)
    guard ranks.contains(tensor.rank) else {
      let needed =
        ranks.count == 1 ? "\(ranks.lowerBound)" : "\(ranks.lowerBound) to \(ranks.upperBound)"
      throw unsupported("input \(index) needs \(needed) axes, got \(tensor.rank)")
    }
    return tensor
  }

  func optional(_ index: Int) -> Tensor? {
    inputs.indices.contains(index) ? inputs[index] : nil
  }

  func int(_ name: String) -> Int? {
    if case .int(let value)? = node.attributes[name] { value } else { nil }
  }

  func float(_ name: String) -> Double? {
    if case .float(let value)? = node.attributes[name] { value } else { nil }
  }

  func string(_ name: String) -> String? {
    if case .string(let value)? = node.attributes[name] { value } else { nil }
  }

  func ints(_ name: String) -> [Int]? {
    if case .ints(let value)? = node.attributes[name] { value } else { nil }
  }

  func floats(_ name: String) -> [Double]? {
    if case .floats(let value)? = node.attributes[name] { value } else { nil }
  }

  func strings(_ name: String) -> [String]? {
    if case .strings(let value)? = node.attributes[name] { value } else { nil }
  }

  /// Integers that older operator sets give as an attribute and newer ones as an input.
  func ints(_ name: String, orInput index: Int) throws -> [Int]? {
    if let value = ints(name) { return value }
    return try optional(index)?.integers()
  }

  /// An axis counted from the front, for a tensor of `rank` axes.
  ///
  /// - Parameter allowsEnd: Whether the place behind the last axis is one, too.
  func axis(_ value: Int, rank: Int, allowsEnd: Bool = false) throws -> Int {
    let axis = value < 0 ? value + rank : value
    guard axis >= 0, allowsEnd ? axis <= rank : axis < rank else {
      throw unsupported("axis \(value) is out of range for \(rank) axes")
    }
    return axis
  }

  func unsupported(_ reason: String) -> ModelError {
    .unsupported(operation: node.operation, node: node.label, reason: reason)
  }
}

extension ModelGraph.Node {
  /// What to call the node in words: its name, or its first output's.
  var label: String { name.isEmpty ? outputs.first ?? operation : name }
}

extension Tensor {
  /// The elements of an integer tensor.
  func integers() throws -> [Int] {
    let wide: [Int64] = try cast(to: .int64).elements()
    return wide.map(Int.init)
  }
}

/// Whether normalisation layers use their stored statistics or those of the batch.
public enum ExecutionMode: Sendable {
  /// Stored statistics.
  case inference
  /// The batch's statistics; the stored ones, which the caller must own, move towards them in place
  /// with this momentum.
  case training(momentum: Double)
}
