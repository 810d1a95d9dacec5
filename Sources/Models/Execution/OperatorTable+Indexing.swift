internal import Tensors

extension OperatorTable {
  /// Operators that read and write elements at places that a tensor names, or repeat them.
  static let indexing: [String: Evaluate] = [
    "ScatterND": one { call in
      let x = try call.input(0)
      let reduction = call.string("reduction") ?? "none"
      guard ["none", "add"].contains(reduction) else {
        throw call.unsupported("combines elements by \(reduction)")
      }
      return try engineCall1(
        "index_put",
        [
          .tensor(x), .tensors(places(call)), .tensor(call.input(2).cast(to: x.elementType)),
          .bool(reduction == "add"),
        ])
    },
    "GatherND": one { call in
      guard (call.int("batch_dims") ?? 0) == 0 else {
        throw call.unsupported("looks up each sample by itself (batch_dims)")
      }
      return try engineCall1("index.Tensor", [.tensor(call.input(0)), .tensors(places(call))])
    },
    "GatherElements": one { call in
      let x = try call.input(0)
      let axis = try call.axis(call.int("axis") ?? 0, rank: x.rank)
      // Negative positions count from the back.
      let positions = try call.input(1).cast(to: .int64)
        .binary("remainder.Tensor", Tensor(Int64(x.shape[axis])))
      return try engineCall1("gather", [.tensor(x), .int(axis), .tensor(positions), .bool(false)])
    },
    "Tile": one { call in
      let x = try call.input(0)
      let repeats = try call.input(1).integers()
      guard repeats.count == x.rank else {
        throw call.unsupported("repeats \(x.shape) by \(repeats)")
      }
      let shape = try zip(x.shape, repeats).map { size, count in
        let (product, overflow) = size.multipliedReportingOverflow(by: count)
        guard count >= 0, !overflow else {
          throw call.unsupported("repeats \(x.shape) by \(repeats)")
        }
        return product
      }
      try ValueLimit.check(shape, x.elementType, of: call)
      return try engineCall1("repeat", [.tensor(x), .ints(repeats)])
    },
    "CumSum": one { call in
      let x = try call.input(0)
      guard let place = try call.input(1).integers().first else {
        throw call.unsupported("has no axis")
      }
      let axis = try call.axis(place, rank: x.rank)
      func turned(_ tensor: Tensor) throws -> Tensor {
        guard call.int("reverse") == 1 else { return tensor }
        return try engineCall1("flip", [.tensor(tensor), .ints([axis])])
      }
      let sums = try turned(engineCall1("cumsum", [.tensor(turned(x)), .int(axis)]))
        .cast(to: x.elementType)
      return call.int("exclusive") == 1 ? try sums.subtracting(x) : sums
    },
  ]

  /// The last axis of the second input taken apart: positions on each of the first axes.
  private static func places(_ call: OperatorCall) throws -> [Tensor?] {
    let indices = try call.input(1).cast(to: .int64)
    guard let count = indices.shape.last, count <= (try call.input(0).rank) else {
      throw call.unsupported("has positions of shape \(indices.shape)")
    }
    let axis = indices.rank - 1
    return try (0..<count).map {
      try indices.slice($0..<($0 + 1), axis: axis).reshaped(Array(indices.shape.dropLast()))
    }
  }
}
