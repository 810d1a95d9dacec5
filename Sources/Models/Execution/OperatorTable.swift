internal import Tensors

/// How every known operator is evaluated, by ONNX operator type.
package enum OperatorTable {
  typealias Evaluate = @Sendable (OperatorCall) throws -> [Tensor]

  static let evaluators: [String: Evaluate] = [
    indexing, elementwise, linear, normalization, pooling, shaping, reducing, constants,
    activations,
    recurrent, resizing, statistics,
  ].reduce(into: [:]) { table, part in table.merge(part) { first, _ in first } }

  /// Operator types that can be evaluated.
  package static var operations: Set<String> { Set(evaluators.keys) }

  /// Operator types that look at no element of data, so that no symmetry rule is needed.
  package static var constantOperations: Set<String> { Set(constants.keys) }

  static func evaluate(_ call: OperatorCall) throws -> [Tensor] {
    guard let evaluator = evaluators[call.node.operation] else {
      throw ModelError.unknownOperator(operation: call.node.operation, node: call.node.label)
    }
    do {
      return try evaluator(call)
    } catch let error as TensorError {
      throw ModelError.evaluation(
        operation: call.node.operation, node: call.node.label, message: error.description)
    }
  }

  /// An operator that makes one tensor.
  static func one(_ body: @escaping @Sendable (OperatorCall) throws -> Tensor) -> Evaluate {
    { [try body($0)] }
  }
}
