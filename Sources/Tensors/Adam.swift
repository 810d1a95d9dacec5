/// The Adam optimiser; owns the parameters it updates.
///
/// Kingma & Ba 2015, Algorithm 1, with beta = (0.9, 0.999) and epsilon 1e-8.
///
/// Not `Sendable`: one optimiser belongs to one training loop. Its parameters are the only tensors
/// that are ever written in place; ``snapshot()`` gives copies that stay as they are.
public final class Adam {
  /// Leaves that gradients are taken with respect to; they change with every ``step(_:rate:)``.
  public let parameters: [Tensor]
  private let firstMoments: [Tensor]
  private let secondMoments: [Tensor]
  private let stepCounts: [Tensor]

  /// - Parameter initial: Where to start from; copied.
  public init(_ initial: [Tensor]) throws {
    parameters = try initial.map { try $0.asParameter() }
    firstMoments = try initial.map { try Tensor.zeros($0.shape, type: $0.elementType) }
    secondMoments = try initial.map { try Tensor.zeros($0.shape, type: $0.elementType) }
    stepCounts = try initial.map { _ in try Tensor.zeros([]) }
  }

  /// One step along `gradients`, one tensor a parameter, at learning rate `rate`.
  public func step(_ gradients: [Tensor], rate: Double) throws {
    try withoutGradients {
      _ = try engineCall("_foreach_add_.Scalar", [.tensors(stepCounts), .double(1)])
      _ = try engineCall(
        "_fused_adam_",
        [
          .tensors(parameters), .tensors(gradients), .tensors(firstMoments),
          .tensors(secondMoments), .tensors([]), .tensors(stepCounts),
        ],
        [
          ("lr", .double(rate)), ("beta1", .double(0.9)), ("beta2", .double(0.999)),
          ("weight_decay", .double(0)), ("eps", .double(1e-8)), ("amsgrad", .bool(false)),
          ("maximize", .bool(false)),
        ])
    }
  }

  /// Copies of the parameters as they are now.
  public func snapshot() throws -> [Tensor] {
    try parameters.map { parameter in
      try withoutGradients { try parameter.contiguous().detached() }
    }
  }
}
