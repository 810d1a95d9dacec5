internal import Tensors

extension OperatorTable {
  /// Recurrent layers, step by step as ONNX's specification of each writes them.
  static let recurrent: [String: Evaluate] = [
    "LSTM": { call in
      try RecurrentLayer(call, gates: 4, activations: ["Sigmoid", "Tanh", "Tanh"]).run { cell in
        { x, h, c in
          let (i, o, f, g) = try cell.split4(x.adding(cell.recurrent(h)))
          let forget = try cell.activate(0, cell.peeking(f, at: 2, c))
          let input = try cell.activate(0, cell.peeking(i, at: 0, c))
          let next = try forget.multiplied(by: c)
            .adding(input.multiplied(by: cell.activate(1, g)))
          let output = try cell.activate(0, cell.peeking(o, at: 1, next))
          return try (output.multiplied(by: cell.activate(2, next)), next)
        }
      }
    },
    "GRU": { call in
      let resetsAfter = call.int("linear_before_reset") == 1
      return try RecurrentLayer(call, gates: 3, activations: ["Sigmoid", "Tanh"]).run { cell in
        { x, h, c in
          let update = try cell.activate(0, cell.part(x, 0).adding(cell.recurrent(h, gate: 0)))
          let reset = try cell.activate(0, cell.part(x, 1).adding(cell.recurrent(h, gate: 1)))
          let memory =
            resetsAfter
            ? try reset.multiplied(by: cell.recurrent(h, gate: 2))
            : try cell.recurrent(reset.multiplied(by: h), gate: 2)
          let new = try cell.activate(1, cell.part(x, 2).adding(memory))
          return try (new.adding(update.multiplied(by: h.subtracting(new))), c)
        }
      }.dropLast()
    },
    "RNN": { call in
      try RecurrentLayer(call, gates: 1, activations: ["Tanh"]).run { cell in
        { x, h, c in try (cell.activate(0, x.adding(cell.recurrent(h))), c) }
      }.dropLast()
    },
  ]
}
