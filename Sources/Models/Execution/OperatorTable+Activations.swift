internal import Tensors

extension OperatorTable {
  /// Activations and functions of one element beside the usual ones.
  static let activations: [String: Evaluate] = {
    var table: [String: Evaluate] = [:]
    for name in [
      "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh", "IsInf",
    ] {
      table[name] = one { try $0.input(0).unary(name.lowercased()) }
    }
    table["Selu"] = one { call in
      // gamma · elu(x, alpha); the defaults are those of the specification.
      let x = try call.input(0)
      let alpha = call.float("alpha") ?? 1.67326319217681884765625
      return try engineCall1("elu", [.tensor(x), .double(alpha)])
        .multiplied(by: call.float("gamma") ?? 1.05070102214813232421875)
    }
    table["Celu"] = one {
      try engineCall1("celu", [.tensor($0.input(0)), .double($0.float("alpha") ?? 1)])
    }
    table["ThresholdedRelu"] = one { call in
      try engineCall1(
        "threshold", [.tensor(call.input(0)), .double(call.float("alpha") ?? 1), .double(0)])
    }
    table["Softsign"] = one { call in
      let x = try call.input(0)
      return try x.divided(by: x.absolute().adding(1))
    }
    table["Swish"] = one { call in
      let x = try call.input(0)
      return try x.multiplied(by: x.multiplied(by: call.float("alpha") ?? 1).unary("sigmoid"))
    }
    table["Mean"] = one { call in
      let sum = try call.inputs.dropFirst().reduce(call.input(0)) { result, next in
        try next.map { try result.adding($0) } ?? result
      }
      return try sum.divided(by: Double(call.inputs.count))
    }
    table["Xor"] = one { try $0.input(0).binary("logical_xor", $0.input(1)) }
    return table
  }()
}
