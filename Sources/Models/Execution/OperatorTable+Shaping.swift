internal import Tensors

extension OperatorTable {
  /// Operators that move elements without changing them.
  static let shaping: [String: Evaluate] = [
    "Reshape": one { call in
      let x = try call.input(0)
      let target = try call.input(1).integers()
      let keepsZero = call.int("allowzero") == 1
      let shape = try target.enumerated().map { axis, size in
        guard size == 0, !keepsZero else { return size }
        guard axis < x.rank else { throw call.unsupported("copies the size of a missing axis") }
        return x.shape[axis]
      }
      return try x.reshaped(shape)
    },
    "Flatten": one { call in
      let x = try call.input(0)
      let axis = try call.axis(call.int("axis") ?? 1, rank: x.rank, allowsEnd: true)
      return try x.reshaped([x.shape[..<axis].reduce(1, *), x.shape[axis...].reduce(1, *)])
    },
    "Transpose": one { call in
      let x = try call.input(0)
      return try x.permuted(call.ints("perm") ?? Array((0..<x.rank).reversed()))
    },
    "Squeeze": one { call in
      let x = try call.input(0)
      let axes = try call.ints("axes", orInput: 1)?.map { try call.axis($0, rank: x.rank) }
      let dropped = axes ?? x.shape.indices.filter { x.shape[$0] == 1 }
      return try x.reshaped(x.shape.indices.filter { !dropped.contains($0) }.map { x.shape[$0] })
    },
    "Unsqueeze": one { call in
      let x = try call.input(0)
      let axes = try call.ints("axes", orInput: 1) ?? []
      let rank = x.rank + axes.count
      let added = try Set(axes.map { try call.axis($0, rank: rank) })
      var sizes = x.shape.makeIterator()
      return try x.reshaped((0..<rank).map { added.contains($0) ? 1 : sizes.next() ?? 1 })
    },
    "Concat": one { call in
      let tensors = call.inputs.compactMap { $0 }
      return try Tensor.concatenated(tensors, axis: call.int("axis") ?? 0)
    },
    "Split": { call in
      let x = try call.input(0)
      let axis = try call.axis(call.int("axis") ?? 0, rank: x.rank)
      let sizes = try splitSizes(call, size: x.shape[axis])
      var start = 0
      return try sizes.map { size in
        defer { start += size }
        return try x.slice(start..<(start + size), axis: axis)
      }
    },
    "Slice": one { call in
      var x = try call.input(0)
      for slice in try slices(call, shape: x.shape) {
        x = try x.selecting(slice.indices, axis: slice.axis)
      }
      return x
    },
    "Gather": one { call in
      let x = try call.input(0)
      let axis = try call.axis(call.int("axis") ?? 0, rank: x.rank)
      let positions = try call.input(1)
      let size = x.shape[axis]
      let flat = try positions.cast(to: .int64).reshaped([-1])
      // Negative positions count from the back.
      let wrapped = try flat.binary("remainder.Tensor", Tensor(Int64(size)))
      let picked = try x.selecting(wrapped, axis: axis)
      return try picked.reshaped(
        Array(x.shape[..<axis]) + positions.shape + Array(x.shape[(axis + 1)...]))
    },
    "Expand": one { call in
      let x = try call.input(0)
      let target = try call.input(1).integers()
      let rank = max(target.count, x.rank)
      let left = Array(repeating: 1, count: rank - x.rank) + x.shape
      let right = Array(repeating: 1, count: rank - target.count) + target
      let shape = zip(left, right).map { $0 == 1 ? $1 : $0 }
      // Without memory at first; whatever reads it takes it all.
      try ValueLimit.check(shape, x.elementType, of: call)
      return try x.expanded(to: shape)
    },
    "Pad": one { call in
      let x = try call.input(0)
      let pads = try padding(call, rank: x.rank)
      let mode = call.string("mode") ?? "constant"
      guard mode == "constant" else { return try x.padded(by: pads, mode: mode, call) }
      let value = try call.float("value") ?? call.optional(2)?.scalar() ?? 0
      try ValueLimit.check(
        paddedShape(x.shape, pads, of: call), x.elementType, of: call)
      let reversed = pads.reversed().flatMap { [$0.before, $0.after] }
      return try engineCall1("constant_pad_nd", [.tensor(x), .ints(reversed), .double(value)])
    },
    "Trilu": one { call in
      let name = call.int("upper") == 0 ? "tril" : "triu"
      let offset = try call.optional(1)?.integers().first ?? 0
      return try engineCall1(name, [.tensor(call.input(0)), .int(offset)])
    },
  ]

  static func splitSizes(_ call: OperatorCall, size: Int) throws -> [Int] {
    if let sizes = try call.ints("split", orInput: 1) {
      guard sizes.allSatisfy({ (0...size).contains($0) }), sizes.count <= size + 1024 else {
        throw call.unsupported("divides an axis of \(size) into parts of other sizes")
      }
      return sizes
    }
    let parts = call.int("num_outputs") ?? call.node.outputs.count
    guard (1...max(size, 1)).contains(parts) else {
      throw call.unsupported("divides an axis of \(size) into \(parts) parts")
    }
    let each = (size + parts - 1) / parts
    return (0..<parts).map { min(each, size - $0 * each) }
  }

  /// Padding before and after, an axis each.
  static func padding(_ call: OperatorCall, rank: Int) throws -> [(before: Int, after: Int)] {
    let flat = try call.ints("pads", orInput: 1) ?? []
    let axes =
      try call.optional(3)?.integers().map { try call.axis($0, rank: rank) }
      ?? Array(0..<rank)
    guard flat.count == 2 * axes.count else { throw call.unsupported("has \(flat.count) pads") }
    var pads = Array(repeating: (before: 0, after: 0), count: rank)
    for (index, axis) in axes.enumerated() {
      pads[axis] = (flat[index], flat[axes.count + index])
    }
    return pads
  }

  /// The shape of a tensor with padding.
  static func paddedShape(
    _ shape: [Int], _ pads: [(before: Int, after: Int)], of call: OperatorCall
  ) throws -> [Int] {
    try zip(shape, pads).map { size, pad in
      let (both, first) = pad.before.addingReportingOverflow(pad.after)
      let (sum, second) = both.addingReportingOverflow(size)
      guard !first, !second, sum >= 0 else {
        throw call.unsupported("pads an axis of \(size) by \(pad.before) and \(pad.after)")
      }
      return sum
    }
  }

  /// The positions that a `Slice` keeps, axis by axis.
  static func slices(_ call: OperatorCall, shape: [Int]) throws -> [(axis: Int, indices: [Int])] {
    let starts = try call.input(1).integers()
    let ends = try call.input(2).integers()
    let axes = try call.optional(3)?.integers() ?? Array(starts.indices)
    let steps = try call.optional(4)?.integers() ?? starts.map { _ in 1 }
    guard ends.count == starts.count, axes.count == starts.count, steps.count == starts.count
    else { throw call.unsupported("starts, ends, axes and steps differ in number") }
    return try axes.indices.map { i in
      let axis = try call.axis(axes[i], rank: shape.count)
      let size = shape[axis]
      guard steps[i] != 0 else { throw call.unsupported("has a step of 0") }
      // A step beyond the axis takes one position, however far it goes.
      let step = min(max(steps[i], -size - 1), size + 1)
      func bounded(_ value: Int) -> Int {
        let position = value < 0 ? max(value + size, step > 0 ? 0 : -1) : value
        return step > 0 ? min(position, size) : min(position, size - 1)
      }
      return (axis, Array(stride(from: bounded(starts[i]), to: bounded(ends[i]), by: step)))
    }
  }
}
