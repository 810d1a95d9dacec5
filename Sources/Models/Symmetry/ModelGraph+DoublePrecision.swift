internal import Tensors

extension ModelGraph {
  /// The same graph with every cast to, and constant of, real numbers in double precision, so that
  /// a run on parameters and inputs in double precision is not cut short in between.
  func inDoublePrecision() throws -> ModelGraph {
    try withNodes(in: .float64) { $0.isFloatingPoint }
  }

  /// The same graph with the casts and constants of some real types in another.
  func withNodes(
    in type: ElementType, replacing isReplaced: (ElementType) -> Bool
  ) throws -> ModelGraph {
    var copy = self
    for index in copy.nodes.indices {
      switch (nodes[index].operation, nodes[index].attributes) {
      case ("Cast", let attributes):
        guard case .int(let code)? = attributes["to"],
          let old = ElementType(onnxCode: code), isReplaced(old)
        else { continue }
        copy.nodes[index].attributes["to"] = .int(type.onnxCode)
      case ("Constant", let attributes), ("ConstantOfShape", let attributes):
        // What an attribute holds without a tensor is in single precision.
        guard let value = try Self.reals(attributes, of: nodes[index].operation),
          isReplaced(value.elementType)
        else { continue }
        copy.nodes[index].attributes = ["value": .tensor(try value.cast(to: type))]
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
      return try Tensor.zeros([1])
    }
    return switch attributes.first?.value {
    case .tensor(let value) where value.elementType.isFloatingPoint: value
    case .float(let value): Tensor(Float(value))
    case .floats(let values): try Tensor(values.map(Float.init), shape: [values.count])
    default: nil
    }
  }
}
