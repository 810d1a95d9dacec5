internal import Tensors

/// What LSTM, GRU and RNN share: directions, steps, gates and states (ONNX 1.21, Operators.md).
///
/// Shapes, with D directions, G gates and H hidden units: `W` is `[D, G·H, inputs]`, `R` is
/// `[D, G·H, H]`, `B` is `[D, 2·G·H]`, the peepholes `P` of an LSTM are `[D, 3·H]`, and states are
/// `[D, batch, H]`. A gate's units lie together.
struct RecurrentLayer {
  private let call: OperatorCall
  private let gates: Int
  private let hidden: Int
  private let directions: [Bool]
  private let activations: [String]
  private let x: Tensor
  private let isBatchFirst: Bool

  /// Maps a step's gates `[batch, G·H]` from the input, and the states before it, to those after it.
  typealias Step = (Tensor, Tensor, Tensor) throws -> (hidden: Tensor, cell: Tensor)

  /// - Throws: ``ModelError/unsupported(operation:node:reason:)`` for what is not evaluated: sequences
  ///   of unequal lengths, coupled gates, activations other than those of ``RecurrentCell``.
  init(_ call: OperatorCall, gates: Int, activations defaults: [String]) throws {
    self.call = call
    self.gates = gates
    isBatchFirst = call.int("layout") == 1
    let given = try call.input(0, ranks: 3...3)
    x = isBatchFirst ? try given.permuted([1, 0, 2]) : given
    hidden = try call.input(2, ranks: 3...3).shape[2]
    _ = try call.input(1, ranks: 3...3)
    for (index, rank) in [(3, 2), (5, 3), (6, 3), (7, 2)] where call.optional(index) != nil {
      _ = try call.input(index, ranks: rank...rank)
    }
    directions =
      switch call.string("direction") ?? "forward" {
      case "forward": [false]
      case "reverse": [true]
      case "bidirectional": [false, true]
      case let other: throw call.unsupported("direction \(other) is unknown")
      }
    activations =
      call.strings("activations")
      ?? Array(repeating: defaults, count: directions.count).flatMap { $0 }
    guard activations.count == defaults.count * directions.count,
      activations.allSatisfy({ RecurrentCell.activations[$0] != nil })
    else { throw call.unsupported("activations \(activations) are not evaluated") }
    guard hidden > 0, x.shape[0] > 0,
      try call.input(1).shape.prefix(2) == [directions.count, gates * hidden]
    else {
      throw call.unsupported("its weights have \(try call.input(1).shape.prefix(2)) as first sizes")
    }
    if let lengths = try call.optional(4)?.integers() {
      guard lengths.allSatisfy({ $0 == x.shape[0] }) else {
        throw call.unsupported("sequences of unequal lengths are not evaluated")
      }
    }
    guard call.int("input_forget") != 1 else {
      throw call.unsupported("coupled input and forget gates are not evaluated")
    }
  }

  /// All outputs: every hidden state, the last one, and the last cell state.
  func run(_ step: (RecurrentCell) -> Step) throws -> [Tensor] {
    var all: [Tensor] = []
    var last: [Tensor] = []
    var cells: [Tensor] = []
    let kinds = activations.count / directions.count
    for (direction, isReverse) in directions.enumerated() {
      let cell = try RecurrentCell(
        hidden: hidden, recurrence: part(2, direction), bias: bias(direction)?.recurrent,
        peepholes: call.optional(7).map { try $0.selecting([direction], axis: 0).reshaped([-1]) },
        activations: Array(activations[(direction * kinds)..<((direction + 1) * kinds)]),
        clip: call.float("clip"))
      let advance = step(cell)
      var inputs = try x.matmul(part(1, direction).transposed())
      if let bias = try bias(direction) { inputs = try inputs.adding(bias.input) }
      var h = try state(5, direction)
      var c = try state(6, direction)
      var made: [Tensor] = []
      let steps = 0..<x.shape[0]
      for time in isReverse ? steps.reversed() : Array(steps) {
        (h, c) = try advance(inputs.slice(time..<(time + 1)).reshaped([-1, gates * hidden]), h, c)
        made.append(h)
      }
      all.append(try Tensor.stacked(isReverse ? made.reversed() : made))
      last.append(h)
      cells.append(c)
    }
    // [D, steps, batch, H], and [D, batch, H].
    let whole = try Tensor.stacked(all)
    let (end, cell) = try (Tensor.stacked(last), Tensor.stacked(cells))
    if isBatchFirst {
      return try [
        whole.permuted([2, 1, 0, 3]), end.permuted([1, 0, 2]), cell.permuted([1, 0, 2]),
      ]
    }
    return try [whole.permuted([1, 0, 2, 3]), end, cell]
  }

  private func part(_ input: Int, _ direction: Int) throws -> Tensor {
    let tensor = try call.input(input)
    return try tensor.slice(direction..<(direction + 1)).reshaped(Array(tensor.shape[1...]))
  }

  private func bias(_ direction: Int) throws -> (input: Tensor, recurrent: Tensor)? {
    guard call.optional(3) != nil else { return nil }
    let both = try part(3, direction)
    let half = gates * hidden
    return try (both.slice(0..<half), both.slice(half..<(2 * half)))
  }

  private func state(_ input: Int, _ direction: Int) throws -> Tensor {
    guard call.optional(input) != nil else {
      return try Tensor.zeros([x.shape[1], hidden], type: x.elementType)
    }
    let given = try call.input(input)
    let states = isBatchFirst ? try given.permuted([1, 0, 2]) : given
    return try states.slice(direction..<(direction + 1)).reshaped([x.shape[1], hidden])
  }
}

/// One direction of a recurrent layer, at one step.
struct RecurrentCell {
  let hidden: Int
  /// `[G·H, H]`.
  let recurrence: Tensor
  /// `[G·H]`.
  let bias: Tensor?
  /// `[3·H]`.
  let peepholes: Tensor?
  let activations: [String]
  let clip: Double?

  /// The engine's name of each activation that is evaluated.
  static let activations = ["Sigmoid": "sigmoid", "Tanh": "tanh", "Relu": "relu"]

  /// What the hidden state adds to the gates.
  func recurrent(_ h: Tensor) throws -> Tensor {
    let product = try h.matmul(recurrence.transposed())
    return try bias.map { try product.adding($0) } ?? product
  }

  /// The same for one gate.
  func recurrent(_ h: Tensor, gate: Int) throws -> Tensor {
    let rows = (gate * hidden)..<((gate + 1) * hidden)
    let product = try h.matmul(recurrence.slice(rows).transposed())
    return try bias.map { try product.adding($0.slice(rows)) } ?? product
  }

  /// The units of one gate.
  func part(_ gates: Tensor, _ gate: Int) throws -> Tensor {
    try gates.slice((gate * hidden)..<((gate + 1) * hidden), axis: 1)
  }

  func split4(_ gates: Tensor) throws -> (Tensor, Tensor, Tensor, Tensor) {
    try (part(gates, 0), part(gates, 1), part(gates, 2), part(gates, 3))
  }

  /// A gate with what it sees of the cell state.
  func peeking(_ gate: Tensor, at place: Int, _ c: Tensor) throws -> Tensor {
    guard let peepholes else { return gate }
    return try gate.adding(
      c.multiplied(by: peepholes.slice((place * hidden)..<((place + 1) * hidden))))
  }

  func activate(_ place: Int, _ value: Tensor) throws -> Tensor {
    let bounded = try clip.map { try value.clamped(to: -$0...$0) } ?? value
    guard let name = Self.activations[activations[place]] else {
      preconditionFailure("an activation that was not checked")
    }
    return try bounded.unary(name)
  }
}
