internal import Tensors

extension OperatorTable {
  /// Normalisation by groups of channels, by neighbours and by norms.
  static let statistics: [String: Evaluate] = [
    "GroupNormalization": one { call in
      let x = try call.input(0, ranks: 2...8)
      let groups = try groupCount(call, channels: x.shape[1])
      let normal = try engineCall1(
        "group_norm",
        [
          .tensor(x), .int(groups), .none, .none, .double(call.float("epsilon") ?? 1e-5),
          .bool(false),
        ])
      func perChannel(_ tensor: Tensor) throws -> Tensor {
        // Until operator set 21 there was a number for each group.
        guard tensor.count > 0, x.shape[1].isMultiple(of: tensor.count) else {
          throw call.unsupported("has \(tensor.count) numbers for \(x.shape[1]) channels")
        }
        let repeats = x.shape[1] / tensor.count
        let rows = try tensor.reshaped([-1, 1]).expanded(to: [tensor.count, repeats])
        return try rows.reshaped([-1] + Array(repeating: 1, count: x.rank - 2))
      }
      return try normal.multiplied(by: perChannel(call.input(1)))
        .adding(perChannel(call.input(2)))
    },
    "LRN": one { call in
      let x = try call.input(0, ranks: 2...8)
      guard let size = call.int("size"), size > 0, size < 1 << 10 else {
        throw call.unsupported("needs a size of 1 to 1023")
      }
      let before = (size - 1) / 2
      let spatial = Array(repeating: 0, count: 2 * (x.rank - 2))
      let squares = try engineCall1(
        "constant_pad_nd",
        [
          .tensor(x.multiplied(by: x)), .ints(spatial + [before, size - 1 - before]), .double(0),
        ])
      let channels = x.shape[1]
      let sum = try (1..<size).reduce(squares.slice(0..<channels, axis: 1)) { sum, offset in
        try sum.adding(squares.slice(offset..<(offset + channels), axis: 1))
      }
      let alpha = (call.float("alpha") ?? 1e-4) / Double(size)
      let scale = try sum.multiplied(by: alpha).adding(call.float("bias") ?? 1)
      return try x.divided(by: scale.power(call.float("beta") ?? 0.75))
    },
    "LpNormalization": one { call in
      let x = try call.input(0)
      let axis = try call.axis(call.int("axis") ?? -1, rank: x.rank)
      let norm =
        call.int("p") == 1
        ? try x.absolute().sum([axis], keepingAxes: true)
        : try x.multiplied(by: x).sum([axis], keepingAxes: true).squareRoot()
      return try x.divided(by: norm)
    },
  ]

  /// The number of groups of a `GroupNormalization`, which must divide the channels.
  static func groupCount(_ call: OperatorCall, channels: Int) throws -> Int {
    guard let groups = call.int("num_groups"), groups > 0, channels.isMultiple(of: groups) else {
      throw call.unsupported("needs a number of groups that divides \(channels) channels")
    }
    return groups
  }
}
