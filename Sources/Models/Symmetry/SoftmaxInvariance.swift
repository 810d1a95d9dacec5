/// Finds biases that change nothing since a softmax takes them off again.
///
///     softmax(s + c) = softmax(s)       for a c that is the same along the softmax's axis
///
/// The bias of attention's keys is such a one: `q · (k + b) = q · k + q · b`, and `q · b` is the same for
/// all keys. What a bias adds is followed from value to value through operators that are linear in it,
/// with the axes along which it stays the same; every way must end in a softmax along such an axis.
/// This holds for any weights.
struct SoftmaxInvariance {
  private let graph: ModelGraph
  private let shapes: [String: [Int]]
  private var readers: [String: Int] = [:]
  private let places: [String: Int]
  private let outputs: Set<String>

  init(_ graph: ModelGraph, shapes: [String: [Int]]) {
    self.graph = graph
    self.shapes = shapes
    outputs = Set(graph.outputs.map(\.name))
    var places: [String: Int] = [:]
    for (index, node) in graph.nodes.enumerated() {
      for name in node.inputs { readers[name, default: 0] += 1 }
      for name in node.outputs { places[name] = index }
    }
    self.places = places
  }

  /// Whether a vector that `node` adds to another operand changes no output, and nothing else reads it.
  func takesOff(_ bias: String, addedBy node: ModelGraph.Node) -> Bool {
    guard let sum = node.outputs.first, let start = places[sum], let shape = shapes[sum],
      let sizes = shapes[bias], sizes.filter({ $0 > 1 }).count == 1, readers[bias] == 1,
      !outputs.contains(sum), !outputs.contains(bias)
    else { return false }
    let lead = shape.count - sizes.count
    // For every value that the bias takes part in, by axis: whether what it adds is the same along it.
    var isSame = [sum: shape.indices.map { $0 < lead || sizes[$0 - lead] == 1 }]
    var open = readers[sum] ?? 0
    guard open > 0 else { return false }
    for node in graph.nodes[(start + 1)...] {
      let touched = node.inputs.filter { isSame[$0] != nil }
      guard let name = touched.first, let before = isSame[name] else { continue }
      open -= touched.count
      if node.operation != "Shape" && node.operation != "Size" {
        // Twice in one product it would be squared.
        guard touched.count == 1, let output = node.outputs.first, !outputs.contains(output)
        else { return false }
        if ["Softmax", "LogSoftmax"].contains(node.operation) {
          guard isLost(node, before) else { return false }
        } else {
          guard let after = follow(node, name, before), after.contains(true) else { return false }
          isSame[output] = after
          open += readers[output] ?? 0
        }
      }
      if open == 0 { return true }
    }
    return false
  }

  private func isLost(_ node: ModelGraph.Node, _ isSame: [Bool]) -> Bool {
    let before13 = graph.operatorSet < 13
    let given: Int? = if case .int(let axis)? = node.attributes["axis"] { axis } else { nil }
    var axis = given ?? (before13 ? 1 : -1)
    if axis < 0 { axis += isSame.count }
    guard isSame.indices.contains(axis) else { return false }
    // Older operator sets normalise over this axis and all behind it.
    return before13 ? isSame[axis...].allSatisfy(\.self) : isSame[axis]
  }

  /// The axes of a node's output along which the bias still adds the same; `nil` for an operator that is
  /// not linear in it, or not known to be.
  private func follow(_ node: ModelGraph.Node, _ name: String, _ isSame: [Bool]) -> [Bool]? {
    guard let output = node.outputs.first, let shape = shapes[output] else { return nil }
    let isFirst = node.inputs[0] == name
    let other = node.inputs.first { $0 != name }.flatMap { shapes[$0] } ?? []
    switch node.operation {
    case "Cast", "Identity": return isSame
    case "Add", "Sub": return broadcast(name, isSame, to: shape)
    case "Mul", "Div":
      guard node.operation == "Mul" || isFirst, other.allSatisfy({ $0 == 1 }) else { return nil }
      return broadcast(name, isSame, to: shape)
    case "Transpose":
      if case .ints(let order)? = node.attributes["perm"] { return order.map { isSame[$0] } }
      return isSame.reversed()
    case "Reshape", "Flatten", "Squeeze", "Unsqueeze":
      return isFirst ? reshaped(shapes[name] ?? [], isSame, to: shape) : nil
    case "MatMul":
      guard isSame.count > 1, other.count > 1 else { return nil }
      var result = Array(repeating: false, count: shape.count)
      if isFirst {
        result[shape.count - 2] = isSame[isSame.count - 2]
      } else {
        result[shape.count - 1] = isSame[isSame.count - 1]
      }
      return result
    case "Einsum": return contracted(node, isFirst, isSame)
    default: return nil
    }
  }

  private func broadcast(_ name: String, _ isSame: [Bool], to shape: [Int]) -> [Bool]? {
    guard let sizes = shapes[name], sizes.count == isSame.count else { return nil }
    let lead = shape.count - sizes.count
    return shape.indices.map { $0 < lead || sizes[$0 - lead] == 1 || isSame[$0 - lead] }
  }

  /// A run of axes that another run takes the place of is as good as its worst axis.
  private func reshaped(_ sizes: [Int], _ isSame: [Bool], to shape: [Int]) -> [Bool] {
    var result: [Bool] = []
    var (i, j) = (0, 0)
    while i < sizes.count || j < shape.count {
      let (firstInput, firstOutput) = (i, j)
      var (before, after) = (1, 1)
      repeat {
        if i < sizes.count, before <= after || j == shape.count {
          before *= sizes[i]
          i += 1
        } else if j < shape.count {
          after *= shape[j]
          j += 1
        }
      } while before != after && (i < sizes.count || j < shape.count)
      let isWhole = (firstInput..<i).allSatisfy { isSame[$0] || sizes[$0] == 1 }
      result += (firstOutput..<j).map { isWhole || shape[$0] == 1 }
    }
    return result
  }

  private func contracted(
    _ node: ModelGraph.Node, _ isFirst: Bool, _ isSame: [Bool]
  ) -> [Bool]? {
    guard case .string(let equation)? = node.attributes["equation"], node.inputs.count == 2,
      !equation.contains(".")
    else { return nil }
    let sides = equation.filter { $0 != " " }.split(separator: "->")
    let operands = sides.first?.split(separator: ",").map(Array.init) ?? []
    guard sides.count == 2, operands.count == 2 else { return nil }
    let (own, others) = isFirst ? (operands[0], operands[1]) : (operands[1], operands[0])
    return sides[1].map { label in
      !others.contains(label) && zip(own, isSame).contains { $0 == label && $1 }
    }
  }
}
