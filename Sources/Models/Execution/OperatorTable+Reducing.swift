internal import Tensors

extension OperatorTable {
  /// Reductions over axes.
  static let reducing: [String: Evaluate] = [
    "ReduceMean": one { try reduce($0, "mean.dim") },
    "ReduceSum": one { try reduce($0, "sum.dim_IntList") },
    "ReduceMax": one { try reduce($0, "amax") },
    "ReduceMin": one { try reduce($0, "amin") },
    "ReduceL2": one { call in
      try reduce(call, "sum.dim_IntList", of: { try $0.multiplied(by: $0) }).squareRoot()
    },
    "ReduceL1": one { try reduce($0, "sum.dim_IntList", of: { try $0.absolute() }) },
    "ReduceSumSquare": one { call in
      try reduce(call, "sum.dim_IntList", of: { try $0.multiplied(by: $0) })
    },
    "ReduceLogSum": one { try reduce($0, "sum.dim_IntList").logarithm() },
    "ReduceLogSumExp": one { try reduce($0, "logsumexp") },
    "ArgMax": one { call in
      guard call.int("select_last_index") != 1 else {
        throw call.unsupported("takes the last of several maxima")
      }
      return try engineCall1(
        "argmax", [.tensor(call.input(0)), .int(call.int("axis") ?? 0)],
        [("keepdim", .bool(call.int("keepdims") != 0))])
    },
  ]

  private static func reduce(
    _ call: OperatorCall, _ name: String, of transform: (Tensor) throws -> Tensor = { $0 }
  ) throws -> Tensor {
    let x = try transform(call.input(0))
    var axes = try reducedAxes(call, rank: x.rank)
    if axes.isEmpty {
      if call.int("noop_with_empty_axes") == 1 { return x }
      axes = Array(0..<x.rank)
    }
    return try engineCall1(
      name, [.tensor(x), .ints(axes), .bool(call.int("keepdims") != 0)])
  }

  static func reducedAxes(_ call: OperatorCall, rank: Int) throws -> [Int] {
    try (call.ints("axes", orInput: 1) ?? []).map { try call.axis($0, rank: rank) }
  }
}
