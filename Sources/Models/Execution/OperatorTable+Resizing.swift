internal import Tensors

extension OperatorTable {
  /// Operators that change the sizes of feature maps other than by a window that slides.
  static let resizing: [String: Evaluate] = [
    "Resize": one(resized),
    "Upsample": one(resized),
    "ConvTranspose": one(transposedConvolution),
    "DepthToSpace": one { call in
      let x = try call.input(0, ranks: 4...4)
      let block = try blockSize(call)
      let (n, c, h, w) = (x.shape[0], x.shape[1] / (block * block), x.shape[2], x.shape[3])
      let cells =
        call.string("mode") == "CRD"
        ? try x.reshaped([n, c, block, block, h, w]).permuted([0, 1, 4, 2, 5, 3])
        : try x.reshaped([n, block, block, c, h, w]).permuted([0, 3, 4, 1, 5, 2])
      return try cells.reshaped([n, c, h * block, w * block])
    },
    "SpaceToDepth": one { call in
      let x = try call.input(0, ranks: 4...4)
      let block = try blockSize(call)
      let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2] / block, x.shape[3] / block)
      return try x.reshaped([n, c, h, block, w, block]).permuted([0, 3, 5, 1, 2, 4])
        .reshaped([n, c * block * block, h, w])
    },
  ]

  /// The side of the squares that `DepthToSpace` and `SpaceToDepth` move.
  static func blockSize(_ call: OperatorCall) throws -> Int {
    guard let block = call.int("blocksize"), block > 0, block < 1 << 15 else {
      throw call.unsupported("needs a block size of 1 to 32767")
    }
    return block
  }

  @Sendable private static func resized(_ call: OperatorCall) throws -> Tensor {
    let x = try call.input(0)
    return try AxisResizing.all(call, shape: x.shape).reduce(x) { try $1.applied(to: $0) }
  }

  @Sendable private static func transposedConvolution(_ call: OperatorCall) throws -> Tensor {
    let weight = try call.input(1, ranks: 3...5)
    let x = try call.input(0, ranks: weight.rank...weight.rank)
    let kernel = Array(weight.shape[2...])
    let ones = Array(repeating: 1, count: kernel.count)
    let zeros = Array(repeating: 0, count: kernel.count)
    let strides = call.ints("strides") ?? ones
    let dilations = call.ints("dilations") ?? ones
    let extra = call.ints("output_padding") ?? zeros
    guard [strides, dilations, extra].allSatisfy({ $0.count == kernel.count }) else {
      throw call.unsupported("strides, dilations and output_padding need \(kernel.count) entries")
    }
    // Beyond this sums and products of them could overflow, here and in the engine.
    guard (kernel + strides + dilations).allSatisfy({ (1...1 << 24).contains($0) }),
      extra.allSatisfy({ (0...1 << 24).contains($0) }),
      (call.ints("pads") ?? []).allSatisfy({ (0...1 << 24).contains($0) }),
      (call.ints("output_shape") ?? []).allSatisfy({ (0...1 << 31).contains($0) }),
      x.shape.allSatisfy({ $0 < 1 << 31 })
    else { throw call.unsupported("has an impossible kernel, stride, dilation or padding") }
    try ValueLimit.check(
      [x.shape[0], weight.shape[1]]
        + kernel.indices.map {
          max(x.shape[$0 + 2] - 1, 0) * strides[$0] + (kernel[$0] - 1) * dilations[$0] + 1
            + extra[$0]
        }, x.elementType, of: call)
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
    guard call.ints("output_shape")?.count ?? kernel.count >= kernel.count else {
      throw call.unsupported("has \(call.ints("output_shape")?.count ?? 0) output sizes")
    }
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
