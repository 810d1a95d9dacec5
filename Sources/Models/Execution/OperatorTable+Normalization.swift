internal import Tensors

extension OperatorTable {
  /// Normalisation and softmax.
  static let normalization: [String: Evaluate] = [
    "BatchNormalization": one { call in
      let (training, momentum) =
        switch call.mode {
        case .inference: (false, 0.0)
        case .training(let momentum): (true, momentum)
        }
      return try engineCall1(
        "batch_norm",
        [
          .tensor(call.input(0)), .tensor(call.input(1)), .tensor(call.input(2)),
          .tensor(call.input(3)), .tensor(call.input(4)), .bool(training), .double(momentum),
          .double(call.float("epsilon") ?? 1e-5), .bool(false),
        ])
    },
    "LayerNormalization": one { call in
      let x = try call.input(0)
      let axis = try call.axis(call.int("axis") ?? -1, rank: x.rank)
      return try engineCall1(
        "layer_norm",
        [
          .tensor(x), .ints(Array(x.shape[axis...])), .tensor(call.input(1)),
          call.optional(2).map { .tensor($0) } ?? .none,
          .double(call.float("epsilon") ?? 1e-5), .bool(false),
        ])
    },
    "InstanceNormalization": one { call in
      let x = try call.input(0)
      return try engineCall1(
        "instance_norm",
        [
          .tensor(x), .tensor(call.input(1)), .tensor(call.input(2)), .none, .none, .bool(true),
          .double(0), .double(call.float("epsilon") ?? 1e-5), .bool(false),
        ])
    },
    "Softmax": one { try softmax($0) { try $0.softmax(axis: $1) } },
    "LogSoftmax": one { try softmax($0) { try $0.logSoftmax(axis: $1) } },
  ]

  private static func softmax(_ call: OperatorCall, _ body: (Tensor, Int) throws -> Tensor) throws
    -> Tensor
  {
    let x = try call.input(0)
    if call.operatorSet >= 13 { return try body(x, call.int("axis") ?? -1) }
    // Before operator set 13 everything from `axis` on was one axis.
    let axis = try call.axis(call.int("axis") ?? 1, rank: x.rank)
    let rows = x.shape[..<axis].reduce(1, *)
    return try body(x.reshaped([rows, -1]), 1).reshaped(x.shape)
  }
}
