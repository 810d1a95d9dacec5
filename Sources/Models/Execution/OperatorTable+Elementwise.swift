internal import Tensors

extension OperatorTable {
  /// Operators that map each element, or each pair of broadcast elements, by itself.
  static let elementwise: [String: Evaluate] = {
    var table: [String: Evaluate] = [:]
    let unary = [
      "Relu": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "Erf": "erf", "Sqrt": "sqrt",
      "Exp": "exp", "Log": "log", "Neg": "neg", "Abs": "abs", "Reciprocal": "reciprocal",
      "Sin": "sin", "Cos": "cos", "Floor": "floor", "Ceil": "ceil", "Softplus": "softplus",
      "Not": "logical_not", "IsNaN": "isnan", "Sign": "sign", "HardSwish": "hardswish",
      "Mish": "mish", "Round": "round",
    ]
    for (operation, name) in unary {
      table[operation] = one { try $0.input(0).unary(name) }
    }
    let binary = [
      "Add": "add.Tensor", "Sub": "sub.Tensor", "Mul": "mul.Tensor", "Equal": "eq.Tensor",
      "Less": "lt.Tensor", "Greater": "gt.Tensor", "LessOrEqual": "le.Tensor",
      "GreaterOrEqual": "ge.Tensor", "And": "logical_and", "Or": "logical_or",
    ]
    for (operation, name) in binary {
      table[operation] = one { try $0.input(0).binary(name, $0.input(1)) }
    }
    table["Mod"] = one { call in
      // The sign is the divisor's, or with `fmod` the dividend's.
      let name = call.int("fmod") == 1 ? "fmod.Tensor" : "remainder.Tensor"
      return try call.input(0).binary(name, call.input(1))
    }
    table["Div"] = one { call in
      let (a, b) = (try call.input(0), try call.input(1))
      if a.elementType.isFloatingPoint { return try a.divided(by: b) }
      return try engineCall1(
        "div.Tensor_mode", [.tensor(a), .tensor(b)], [("rounding_mode", .string("trunc"))])
    }
    table["Pow"] = one { call in
      let base = try call.input(0)
      return try base.binary("pow.Tensor_Tensor", call.input(1)).cast(to: base.elementType)
    }
    for (operation, name) in [("Max", "maximum"), ("Min", "minimum"), ("Sum", "add.Tensor")] {
      table[operation] = one { call in
        try call.inputs.dropFirst().reduce(call.input(0)) { result, next in
          try next.map { try result.binary(name, $0) } ?? result
        }
      }
    }
    table["LeakyRelu"] = one { call in
      try engineCall1(
        "leaky_relu", [.tensor(call.input(0)), .double(call.float("alpha") ?? 0.01)])
    }
    table["Elu"] = one { call in
      try engineCall1("elu", [.tensor(call.input(0)), .double(call.float("alpha") ?? 1)])
    }
    table["HardSigmoid"] = one { call in
      try call.input(0).multiplied(by: call.float("alpha") ?? 0.2)
        .adding(call.float("beta") ?? 0.5).clamped(to: 0...1)
    }
    table["PRelu"] = one { call in
      let x = try call.input(0)
      let negative = try x.clamped(to: -Double.infinity...0)
      return try x.relu().adding(negative.multiplied(by: call.input(1)))
    }
    table["Gelu"] = one { call in
      try engineCall1(
        "gelu", [.tensor(call.input(0))],
        [("approximate", .string(call.string("approximate") ?? "none"))])
    }
    table["Clip"] = one { call in
      var result = try call.input(0)
      if let low = call.float("min").map({ Tensor($0) }) ?? call.optional(1) {
        result = try result.maximum(low.cast(to: result.elementType))
      }
      if let high = call.float("max").map({ Tensor($0) }) ?? call.optional(2) {
        result = try result.minimum(high.cast(to: result.elementType))
      }
      return result
    }
    table["Where"] = one { call in
      let condition = try call.input(0).cast(to: .bool)
      return try engineCall1(
        "where.self", [.tensor(condition), .tensor(call.input(1)), .tensor(call.input(2))])
    }
    table["Cast"] = one { call in
      guard let code = call.int("to"), let type = ElementType(onnxCode: code) else {
        throw call.unsupported("casts to an element type that is not supported")
      }
      return try call.input(0).cast(to: type)
    }
    table["CastLike"] = one { try $0.input(0).cast(to: $0.input(1).elementType) }
    table["Identity"] = one { try $0.input(0) }
    table["Dropout"] = one { try $0.input(0) }
    return table
  }()
}

extension ElementType {
  /// The number of this type, which must be real, in ONNX's `TensorProto.DataType`.
  var onnxCode: Int {
    switch self {
    case .float16: 10
    case .bfloat16: 16
    case .float64: 11
    default: 1
    }
  }

  /// The type that ONNX's `TensorProto.DataType` gives this number.
  init?(onnxCode: Int) {
    switch onnxCode {
    case 1: self = .float32
    case 2: self = .uint8
    case 3: self = .int8
    case 5: self = .int16
    case 6: self = .int32
    case 7: self = .int64
    case 9: self = .bool
    case 10: self = .float16
    case 11: self = .float64
    case 16: self = .bfloat16
    default: return nil
    }
  }
}
