internal import Tensors

extension OperatorTable {
  /// Maxima and means over windows or over all positions.
  static let pooling: [String: Evaluate] = [
    "MaxPool": one { call in
      let kernel = try kernel(call)
      let window = try Window(call, kernel: kernel)
      let (input, padding) = try window.padded(call.input(0), with: -Double.infinity)
      return try engineCall1(
        "max_pool\(kernel.count)d",
        [
          .tensor(input), .ints(kernel), .ints(window.strides), .ints(padding),
          .ints(window.dilations), .bool(call.int("ceil_mode") == 1),
        ])
    },
    "AveragePool": one { call in
      let kernel = try kernel(call)
      let window = try Window(call, kernel: kernel)
      let countsPadding = call.int("count_include_pad") == 1
      guard window.isSymmetric || countsPadding else {
        throw call.unsupported("uneven padding that is left out of the mean")
      }
      guard window.dilations.allSatisfy({ $0 == 1 }) else { throw call.unsupported("dilations") }
      let (input, padding) = try window.padded(call.input(0), with: 0)
      return try engineCall1(
        "avg_pool\(kernel.count)d",
        [
          .tensor(input), .ints(kernel), .ints(window.strides), .ints(padding),
          .bool(call.int("ceil_mode") == 1), .bool(countsPadding),
        ])
    },
    "GlobalAveragePool": one { call in
      let x = try call.input(0)
      return try x.mean(positions(call), keepingAxes: true)
    },
    "GlobalMaxPool": one { call in
      let x = try call.input(0)
      return try engineCall1("amax", [.tensor(x), .ints(positions(call)), .bool(true)])
    },
  ]

  /// The axes after batch and channels.
  private static func positions(_ call: OperatorCall) throws -> [Int] {
    let rank = try call.input(0).rank
    guard rank > 2 else { throw call.unsupported("needs an input of 3 axes or more, got \(rank)") }
    return Array(2..<rank)
  }

  private static func kernel(_ call: OperatorCall) throws -> [Int] {
    guard let kernel = call.ints("kernel_shape"), (1...3).contains(kernel.count) else {
      throw call.unsupported("needs a kernel of 1 to 3 axes")
    }
    return kernel
  }
}
