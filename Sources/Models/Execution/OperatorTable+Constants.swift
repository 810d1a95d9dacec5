internal import Tensors

extension OperatorTable {
  /// Operators that make values from attributes and shapes alone.
  static let constants: [String: Evaluate] = [
    "Constant": one { call in
      let attributes = call.node.attributes
      if case .tensor(let tensor)? = attributes["value"] { return tensor }
      if case .float(let value)? = attributes["value_float"] { return Tensor(Float(value)) }
      if case .int(let value)? = attributes["value_int"] { return Tensor(Int64(value)) }
      if case .floats(let values)? = attributes["value_floats"] {
        return try Tensor(values.map(Float.init), shape: [values.count])
      }
      if case .ints(let values)? = attributes["value_ints"] { return try Tensor(indices: values) }
      throw call.unsupported("holds a value of an unsupported kind")
    },
    "ConstantOfShape": one { call in
      let shape = try call.input(0).integers()
      guard case .tensor(let value)? = call.node.attributes["value"] else {
        try ValueLimit.check(shape, .float32, of: call)
        return try Tensor.zeros(shape)
      }
      try ValueLimit.check(shape, value.elementType, of: call)
      return try value.reshaped([]).expanded(to: shape).contiguous()
    },
    "Shape": one { call in
      let shape = try call.input(0).shape
      func bounded(_ axis: Int) -> Int {
        min(max(axis < 0 ? axis + shape.count : axis, 0), shape.count)
      }
      let start = bounded(call.int("start") ?? 0)
      let end = bounded(call.int("end") ?? shape.count)
      return try Tensor(indices: start < end ? Array(shape[start..<end]) : [])
    },
    "Size": one { Tensor(Int64(try $0.input(0).count)) },
    "Range": one { call in
      let type = try call.input(0).elementType
      let (start, end, step) = try (
        call.input(0).scalar(), call.input(1).scalar(), call.input(2).scalar()
      )
      let count = ((end - start) / step).rounded(.up)
      guard count.isFinite, count <= Double(ValueLimit.byteCount / type.byteCount) else {
        throw call.unsupported("would make \(count) numbers, from \(start) to \(end) by \(step)")
      }
      return try engineCall1(
        "arange.start_step", [.double(start), .double(end), .double(step)],
        [("dtype", .type(type))])
    },
  ]
}
