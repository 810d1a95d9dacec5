internal import Tensors

/// Adds up gradients of all parameters in double precision.
package struct GradientSum {
  /// Shape `[d]`: the parameters' elements one after the other.
  package private(set) var values: [Double]
  /// A gradient on its way into ``values``; kept, as fresh memory would be paid for page by page.
  private var singles: [Float] = []

  package init(count: Int) { values = [Double](repeating: 0, count: count) }

  mutating func reset() {
    for index in values.indices { values[index] = 0 }
  }

  /// - Parameter gradients: A tensor for each parameter, of `d` elements together.
  mutating func add(_ gradients: [Tensor]) throws {
    var start = 0
    for gradient in gradients {
      let count = gradient.count
      precondition(start + count <= values.count, "every parameter has one gradient")
      if gradient.elementType == .float32 {
        if singles.count < count { singles = [Float](repeating: 0, count: count) }
        try singles.withUnsafeMutableBytes {
          try gradient.copyBytes(
            into: UnsafeMutableRawBufferPointer(
              rebasing: $0[..<(count * MemoryLayout<Float>.size)]))
        }
        singles.withUnsafeBufferPointer {
          add(UnsafeBufferPointer(rebasing: $0[..<count]), at: start)
        }
      } else {
        let doubles: [Double] = try gradient.cast(to: .float64).elements()
        doubles.withUnsafeBufferPointer { add($0, at: start) }
      }
      start += count
    }
    precondition(start == values.count, "every parameter has one gradient")
  }

  mutating func add(_ other: GradientSum) {
    precondition(other.values.count == values.count, "sums of the same parameters")
    other.values.withUnsafeBufferPointer { add($0, at: 0) }
  }

  @inline(__always)
  private mutating func add<Number: BinaryFloatingPoint>(
    _ part: UnsafeBufferPointer<Number>, at start: Int
  ) {
    values.withUnsafeMutableBufferPointer { sums in
      for index in part.indices { sums[start &+ index] += Double(part[index]) }
    }
  }
}
