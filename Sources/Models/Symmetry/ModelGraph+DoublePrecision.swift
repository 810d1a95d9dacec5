internal import Tensors

extension ModelGraph {
  /// The same graph with every cast to, and constant of, real numbers in double precision, so that
  /// a run on parameters and inputs in double precision is not cut short in between.
  func inDoublePrecision() throws -> ModelGraph {
    var copy = self
    for index in copy.nodes.indices {
      switch (nodes[index].operation, nodes[index].attributes) {
      case ("Cast", let attributes):
        guard case .int(let code)? = attributes["to"],
          ElementType(onnxCode: code)?.isFloatingPoint == true
        else { continue }
        copy.nodes[index].attributes["to"] = .int(11)
      case ("Constant", let attributes), ("ConstantOfShape", let attributes):
        guard let value = try Self.reals(attributes, of: nodes[index].operation) else { continue }
        copy.nodes[index].attributes = ["value": .tensor(value)]
      default:
        continue
      }
    }
    return copy
  }

  /// The real numbers that a constant's attributes hold, or `nil` when they are of another kind.
  private static func reals(_ attributes: [String: Attribute], of operation: String) throws
    -> Tensor?
  {
    if attributes.isEmpty, operation == "ConstantOfShape" {
      return try Tensor.zeros([1], type: .float64)
    }
    return switch attributes.first?.value {
    case .tensor(let value) where value.elementType.isFloatingPoint: try value.cast(to: .float64)
    case .float(let value): Tensor(value)
    case .floats(let values): try Tensor(values, shape: [values.count])
    default: nil
    }
  }
}
