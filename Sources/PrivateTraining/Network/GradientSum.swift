internal import Tensors

/// Adds up gradients of all parameters in double precision.
package struct GradientSum {
  /// Shape `[d]`: the parameters' elements one after the other.
  package private(set) var values: [Double]

  package init(count: Int) { values = [Double](repeating: 0, count: count) }

  mutating func reset() {
    for index in values.indices { values[index] = 0 }
  }

  /// - Parameter gradients: A tensor for each parameter, of `d` elements together.
  mutating func add(_ gradients: [Tensor]) throws {
    var start = 0
    for gradient in gradients {
      if gradient.elementType == .float32 {
        start = add(try gradient.elements() as [Float], at: start)
      } else {
        start = add(try gradient.cast(to: .float64).elements() as [Double], at: start)
      }
    }
    precondition(start == values.count, "every parameter has one gradient")
  }

  @inline(__always)
  private mutating func add<Number: BinaryFloatingPoint>(_ part: [Number], at start: Int) -> Int {
    precondition(start + part.count <= values.count, "every parameter has one gradient")
    values.withUnsafeMutableBufferPointer { sums in
      part.withUnsafeBufferPointer { part in
        for index in part.indices { sums[start &+ index] += Double(part[index]) }
      }
    }
    return start + part.count
  }
}
