internal import Tensors

/// Parameters that move along gradients which are noisy already.
final class NoisyDescent {
  private enum State {
    case velocity([Tensor], momentum: Double)
    case adam(Adam)
  }

  private var state: State
  /// Leaves that gradients can be taken with respect to.
  private(set) var parameters: [Tensor]

  /// - Parameter initial: Where to start from; copied.
  init(_ initial: [Tensor], _ optimizer: PrivateOptimizer) throws {
    switch optimizer {
    case .sgd(let momentum):
      parameters = try initial.map { try $0.asParameter() }
      state = .velocity(
        try initial.map { try Tensor.zeros($0.shape, type: $0.elementType) }, momentum: momentum)
    case .adam:
      let adam = try Adam(initial)
      parameters = adam.parameters
      state = .adam(adam)
    }
  }

  /// One step along `gradients`, one tensor a parameter, at learning rate `rate`.
  func step(_ gradients: [Tensor], rate: Double) throws {
    switch state {
    case .adam(let adam):
      try adam.step(gradients, rate: rate)
    case .velocity(let velocity, let momentum):
      try withoutGradients {
        let next = try zip(velocity, gradients).map {
          try $0.multiplied(by: momentum).adding($1)
        }
        parameters = try zip(parameters, next).map {
          try $0.subtracting($1.multiplied(by: rate)).asParameter()
        }
        state = .velocity(next, momentum: momentum)
      }
    }
  }

  /// Copies of the parameters as they are now.
  func snapshot() throws -> [Tensor] {
    try withoutGradients { try parameters.map { try $0.contiguous().detached() } }
  }
}
