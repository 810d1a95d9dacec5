internal import Tensors

extension OperatorTable {
  /// Operators that change the sizes of feature maps other than by a window that slides.
  static let resizing: [String: Evaluate] = [
    "Resize": one(resized),
    "Upsample": one(resized),
    "ConvTranspose": one(transposedConvolution),
    "DepthToSpace": one { call in
      let x = try call.input(0)
      let block = try blockSize(call)
      let (n, c, h, w) = (x.shape[0], x.shape[1] / (block * block), x.shape[2], x.shape[3])
      let cells =
        call.string("mode") == "CRD"
        ? try x.reshaped([n, c, block, block, h, w]).permuted([0, 1, 4, 2, 5, 3])
        : try x.reshaped([n, block, block, c, h, w]).permuted([0, 3, 4, 1, 5, 2])
      return try cells.reshaped([n, c, h * block, w * block])
    },
    "SpaceToDepth": one { call in
      let x = try call.input(0)
      let block = try blockSize(call)
      let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2] / block, x.shape[3] / block)
      return try x.reshaped([n, c, h, block, w, block]).permuted([0, 3, 5, 1, 2, 4])
        .reshaped([n, c * block * block, h, w])
    },
  ]

  /// The side of the squares that `DepthToSpace` and `SpaceToDepth` move.
  static func blockSize(_ call: OperatorCall) throws -> Int {
    guard let block = call.int("blocksize"), block > 0 else {
      throw call.unsupported("needs a block size above 0")
    }
    return block
  }

  @Sendable private static func resized(_ call: OperatorCall) throws -> Tensor {
    let x = try call.input(0)
    return try AxisResizing.all(call, shape: x.shape).reduce(x) { try $1.applied(to: $0) }
  }

  @Sendable private static func transposedConvolution(_ call: OperatorCall) throws -> Tensor {
    let (x, weight) = (try call.input(0), try call.input(1))
    let kernel = Array(weight.shape[2...])
    guard (1...3).contains(kernel.count) else {
      throw call.unsupported("needs 1 to 3 spatial axes, got \(kernel.count)")
    }
    let ones = Array(repeating: 1, count: kernel.count)
    let zeros = Array(repeating: 0, count: kernel.count)
    let strides = call.ints("strides") ?? ones
    let dilations = call.ints("dilations") ?? ones
    let extra = call.ints("output_padding") ?? zeros
    guard [strides, dilations, extra].allSatisfy({ $0.count == kernel.count }) else {
      throw call.unsupported("strides, dilations and output_padding need \(kernel.count) entries")
    }
    let whole = try engineCall1(
      "convolution",
      [
        .tensor(x), .tensor(weight), call.optional(2).map { .tensor($0) } ?? .none,
        .ints(strides), .ints(zeros), .ints(dilations), .bool(true), .ints(extra),
        .int(call.int("group") ?? 1),
      ])
    let mode = call.string("auto_pad") ?? "NOTSET"
    let pads = call.ints("pads") ?? zeros + zeros
    guard pads.count == 2 * kernel.count else { throw call.unsupported("has \(pads.count) pads") }
    let wanted =
      call.ints("output_shape")?.suffix(kernel.count)
      ?? (mode.hasPrefix("SAME") ? zip(x.shape[2...], strides).map { $0 * $1 }[...] : nil)
    // Padding of a transposed convolution is what is cut off its result.
    return try kernel.indices.reduce(whole) { result, index in
      let size = whole.shape[index + 2]
      var (before, after) = (pads[index], pads[kernel.count + index])
      if let wanted {
        let total = size - wanted[wanted.startIndex + index]
        before = mode == "SAME_UPPER" ? total / 2 : total - total / 2
        after = total - before
      }
      guard before >= 0, after >= 0, before + after < size else {
        throw call.unsupported("cuts \(before) and \(after) positions off \(size)")
      }
      return try result.slice(before..<(size - after), axis: index + 2)
    }
  }
}
