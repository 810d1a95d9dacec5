internal import Tensors

extension OperatorTable {
  /// Matrix products and convolutions.
  static let linear: [String: Evaluate] = [
    "MatMul": one { try $0.input(0).matmul($0.input(1)) },
    "Gemm": one { call in
      var a = try call.input(0)
      var b = try call.input(1)
      if call.int("transA") == 1 { a = try a.transposed() }
      if call.int("transB") == 1 { b = try b.transposed() }
      let alpha = call.float("alpha") ?? 1
      let beta = call.float("beta") ?? 1
      if let c = call.optional(2) {
        return try engineCall1(
          "addmm", [.tensor(c), .tensor(a), .tensor(b)],
          [("beta", .double(beta)), ("alpha", .double(alpha))])
      }
      let product = try a.matmul(b)
      return alpha == 1 ? product : try product.multiplied(by: alpha)
    },
    "Einsum": one { call in
      guard let equation = call.string("equation") else {
        throw call.unsupported("has no equation")
      }
      return try engineCall1("einsum", [.string(equation), .tensors(call.inputs)])
    },
    "Conv": one(convolution),
  ]

  @Sendable private static func convolution(_ call: OperatorCall) throws -> Tensor {
    let weight = try call.input(1)
    let spatial = weight.rank - 2
    guard spatial >= 1, spatial <= 3 else {
      throw call.unsupported("needs 1 to 3 spatial axes, got \(spatial)")
    }
    let window = try Window(call, kernel: Array(weight.shape[2...]))
    let (input, padding) = try window.padded(call.input(0), with: 0)
    return try engineCall1(
      "convolution",
      [
        .tensor(input), .tensor(weight), call.optional(2).map { .tensor($0) } ?? .none,
        .ints(window.strides), .ints(padding), .ints(window.dilations), .bool(false),
        .ints(Array(repeating: 0, count: spatial)), .int(call.int("group") ?? 1),
      ])
  }
}

/// The geometry of a sliding window: shared by convolution and pooling.
struct Window {
  let kernel: [Int]
  let strides: [Int]
  let dilations: [Int]
  /// Padding before and after, an axis each.
  let pads: [(before: Int, after: Int)]

  init(_ call: OperatorCall, kernel: [Int]) throws {
    self.kernel = kernel
    let count = kernel.count
    let ones = Array(repeating: 1, count: count)
    strides = call.ints("strides") ?? ones
    dilations = call.ints("dilations") ?? ones
    let (strides, dilations) = (strides, dilations)
    // Beyond this sums and products of them could overflow, here and in the engine.
    let numbers = kernel + strides + dilations + (call.ints("pads") ?? [])
    guard strides.count == count, dilations.count == count,
      (kernel + strides + dilations).allSatisfy({ $0 > 0 }),
      numbers.allSatisfy({ (-1 << 24...1 << 24).contains($0) })
    else { throw call.unsupported("has an impossible kernel, stride, dilation or padding") }
    switch call.string("auto_pad") ?? "NOTSET" {
    case "NOTSET", "VALID":
      let flat = call.ints("pads") ?? Array(repeating: 0, count: 2 * count)
      guard flat.count == 2 * count else { throw call.unsupported("has \(flat.count) pads") }
      pads = (0..<count).map { (flat[$0], flat[count + $0]) }
    case let mode where mode == "SAME_UPPER" || mode == "SAME_LOWER":
      let sizes = try Array(call.input(0).shape.dropFirst(2))
      guard sizes.count == count else { throw call.unsupported("needs \(count) spatial axes") }
      pads = (0..<count).map { axis in
        let outputs = (sizes[axis] + strides[axis] - 1) / strides[axis]
        let reach = (outputs - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1
        let total = max(reach - sizes[axis], 0)
        let small = total / 2
        return mode == "SAME_UPPER" ? (small, total - small) : (total - small, small)
      }
    case let mode:
      throw call.unsupported("auto_pad \(mode) is unknown")
    }
    // A layer's geometry is also asked for where no values are.
    guard let input = call.optional(0) else { return }
    let shape = input.shape
    guard shape.count == count + 2 else {
      throw call.unsupported("needs an input of \(count + 2) axes, got \(shape.count)")
    }
    try ValueLimit.check(
      Array(shape[..<2]) + OperatorTable.paddedShape(Array(shape[2...]), pads, of: call),
      input.elementType, of: call)
  }

  var isSymmetric: Bool { pads.allSatisfy { $0.before == $0.after } }

  /// The input with uneven padding already applied, and the even padding that is left to do.
  func padded(_ input: Tensor, with value: Double) throws -> (Tensor, [Int]) {
    if isSymmetric { return (input, pads.map(\.before)) }
    let reversed = pads.reversed().flatMap { [$0.before, $0.after] }
    let padded = try engineCall1(
      "constant_pad_nd", [.tensor(input), .ints(reversed), .double(value)])
    return (padded, pads.map { _ in 0 })
  }
}
