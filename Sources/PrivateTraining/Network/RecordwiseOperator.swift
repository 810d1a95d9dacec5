internal import Models
internal import Tensors

/// One node that reads records, and whether it is known to leave the first axis alone.
///
/// Not a proof search: what is not on a list here is refused.
struct RecordwiseOperator {
  let node: ModelGraph.Node
  let operatorSet: Int
  /// Values whose first axis counts records.
  let records: Set<String>
  /// Values computed from sizes, the number of records among them.
  let sizes: Set<String>
  /// Values that depend on nothing.
  let constants: [String: Tensor]

  /// Each element by itself, from operands of one shape or that broadcast.
  private static let elementwise: Set<String> = [
    "Relu", "Sigmoid", "Tanh", "Erf", "Sqrt", "Exp", "Log", "Neg", "Abs", "Reciprocal", "Sin",
    "Cos", "Softplus", "HardSwish", "Mish", "Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum",
    "LeakyRelu", "Elu", "HardSigmoid", "Gelu", "Clip", "Identity", "Dropout", "Floor", "Ceil",
    "Round", "Sign",
  ]
  /// Every record by itself, whatever the attributes.
  private static let perRecord: Set<String> = [
    "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool",
  ]
  private static let reducing: Set<String> = [
    "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL2",
  ]

  /// Whether the first operand holds the records and no other does.
  var readsRecordsFirst: Bool {
    guard let first = node.inputs.first, records.contains(first) else { return false }
    return node.inputs.dropFirst().allSatisfy { !records.contains($0) && !sizes.contains($0) }
  }

  var isElementwise: Bool { Self.elementwise.contains(node.operation) }

  /// Whether each record's part of the outputs depends on its part of the inputs alone, given that
  /// the first axis keeps its size.
  var keepsRecordsApart: Bool {
    if isElementwise { return operandsBroadcast }
    guard let first = node.inputs.first, records.contains(first) else { return false }
    if Self.perRecord.contains(node.operation) { return readsRecordsFirst }
    switch node.operation {
    case "Flatten":
      return (int("axis") ?? 1) == 1
    case "Reshape":
      // Elements stay in row-major order, so that a first axis of the same size cuts them into
      // the same records, whatever the target is computed from.
      return node.inputs.dropFirst().allSatisfy { !records.contains($0) }
    case "Transpose":
      if case .ints(let order)? = node.attributes["perm"] { return order.first == 0 }
      return false
    case "Softmax", "LogSoftmax":
      // An axis counted from the back could be the first one of a vector; logits are a matrix.
      let axis = int("axis") ?? (operatorSet >= 13 ? -1 : 1)
      return axis > 0 || (operatorSet >= 13 && axis == -1)
    case let operation where Self.reducing.contains(operation):
      return reducesInside && (int("noop_with_empty_axes") ?? 0) == 0
    case "Concat":
      return (int("axis") ?? 0) > 0 && node.inputs.allSatisfy { records.contains($0) }
    default:
      return false
    }
  }

  /// Operands without records must not reach the first axis: one number, fewer axes than any
  /// value with records can have (two), or the same numbers for all records. What is computed from
  /// sizes is not among the constants: a record's values must not depend on how many there are.
  private var operandsBroadcast: Bool {
    node.inputs.allSatisfy { name in
      if name.isEmpty || records.contains(name) { return true }
      guard let constant = constants[name] else { return false }
      return constant.count == 1 || constant.rank <= 1 || constant.shape[0] == 1
    }
  }

  /// Axes are known and count from the front, the first one excluded.
  private var reducesInside: Bool {
    if case .ints(let axes)? = node.attributes["axes"] {
      return !axes.isEmpty && axes.allSatisfy { $0 > 0 }
    }
    guard node.inputs.count > 1, let tensor = constants[node.inputs[1]],
      let axes: [Int64] = try? tensor.cast(to: .int64).elements()
    else { return false }
    return !axes.isEmpty && axes.allSatisfy { $0 > 0 }
  }

  private func int(_ name: String) -> Int? {
    if case .int(let value)? = node.attributes[name] { value } else { nil }
  }
}
