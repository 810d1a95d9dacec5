extension Tensor {
  /// Zeros of `shape`.
  public static func zeros(_ shape: [Int], type: ElementType = .float32) throws -> Tensor {
    try engineCall1("zeros", [.ints(shape)], [("dtype", .type(type))])
  }

  /// A tensor of `shape` filled with `value`.
  public static func full(_ shape: [Int], _ value: Double, type: ElementType = .float32) throws
    -> Tensor
  {
    try engineCall1("full", [.ints(shape), .double(value)], [("dtype", .type(type))])
  }

  /// The identity matrix of `size` rows.
  public static func identity(_ size: Int, type: ElementType = .float32) throws -> Tensor {
    try engineCall1("eye", [.int(size)], [("dtype", .type(type))])
  }

  /// The integers of `range` as `int64`.
  public static func integers(_ range: Range<Int>) throws -> Tensor {
    try Tensor(range.map(Int64.init), shape: [range.count])
  }

  /// Pseudo-random standard normal numbers, the same for the same seed. Not for privacy noise.
  public static func normal(_ shape: [Int], seed: UInt64, type: ElementType = .float32) throws
    -> Tensor
  {
    try engineCall1(
      "randn.generator", [.ints(shape)], [("generator", .seed(seed)), ("dtype", .type(type))])
  }

  /// Pseudo-random numbers uniform in [0, 1), the same for the same seed. Not for privacy noise.
  public static func uniform(_ shape: [Int], seed: UInt64, type: ElementType = .float32) throws
    -> Tensor
  {
    try engineCall1(
      "rand.generator", [.ints(shape)], [("generator", .seed(seed)), ("dtype", .type(type))])
  }

  /// Indices as an `int64` tensor of shape `[count]`.
  public init(indices: [Int]) throws {
    self = try Tensor(indices.map(Int64.init), shape: [indices.count])
  }
}
