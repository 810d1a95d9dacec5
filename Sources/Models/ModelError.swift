/// What can be wrong with a model or with what is asked of it.
public enum ModelError: Error, Equatable, CustomStringConvertible {
  /// No rule exists for an operator.
  case unknownOperator(operation: String, node: String)
  /// The model computes with integers that stand for real numbers.
  case quantised(operation: String, node: String)
  /// An operator is known but not with these attributes or inputs.
  case unsupported(operation: String, node: String, reason: String)
  /// A value is read that no node, input or initializer makes.
  case missingValue(name: String, node: String)
  /// A graph input was not given.
  case missingInput(name: String)
  /// Something was given for an input that the model does not have.
  case unknownInput(name: String, known: [String])
  /// A graph input has another shape than the model declares.
  case inputShape(name: String, expected: [Int?], found: [Int])
  /// A graph input has another element type than the model declares.
  case inputType(name: String, expected: String, found: String)
  /// The engine refused a node's operands.
  case evaluation(operation: String, node: String, message: String)
  /// Two models do not share one architecture.
  case differentArchitecture(reason: String)
  /// A network can't be brought to another width.
  case fixedWidth(reason: String)

  public var description: String {
    switch self {
    case .unknownOperator(let operation, let node):
      """
      operator \(operation) (node \(node)) has no rule here: export the model without it, \
      or replace it by operators that the README lists
      """
    case .quantised(let operation, let node):
      """
      operator \(operation) (node \(node)) belongs to a quantised model, whose integers cannot be \
      averaged: give the model as it was before quantisation, in floating point
      """
    case .unsupported(let operation, let node, let reason):
      "operator \(operation) (node \(node)): \(reason)"
    case .missingValue(let name, let node):
      "node \(node) reads the value '\(name)', which nothing makes"
    case .missingInput(let name):
      "the model needs an input named '\(name)', which the data do not hold"
    case .unknownInput(let name, let known):
      "the model has no input '\(name)'; its inputs are: \(known.joined(separator: ", "))"
    case .inputShape(let name, let expected, let found):
      """
      input '\(name)' must have the shape [\(expected.map { $0.map(String.init) ?? "any" }
        .joined(separator: ", "))], got \(found)
      """
    case .inputType(let name, let expected, let found):
      "input '\(name)' must hold elements of type \(expected), got \(found)"
    case .evaluation(let operation, let node, let message):
      "operator \(operation) (node \(node)): \(message)"
    case .differentArchitecture(let reason):
      "the models do not share one architecture: \(reason)"
    case .fixedWidth(let reason):
      "the network can't be brought to another width: \(reason)"
    }
  }
}
