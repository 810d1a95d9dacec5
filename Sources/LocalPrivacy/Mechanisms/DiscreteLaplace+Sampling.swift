extension DiscreteLaplace {
  /// How many numbers get their noise at once: what is kept of them stays in the nearest cache.
  private static let partSize = 1024

  /// The outputs that values within bounds can have.
  func outputs(within bounds: IntegerBounds) -> ClosedRange<Int64> {
    Int64(bounds.lower - reach)...Int64(bounds.upper + reach)
  }

  /// - Parameters:
  ///   - values: Within the bounds, of shape `[n]`.
  ///   - bounds: No wider than the sensitivity.
  /// - Throws: ``PrivacyError/randomnessUnavailable``.
  /// - Complexity: O(n log(scale)) expected, with no memory but the result's and 9 KiB.
  package func sample(
    _ values: [Int32], within bounds: IntegerBounds, noise: inout NoiseStream
  ) throws -> [Int32] {
    let range = outputs(within: bounds)
    let (least, greatest) = (range.lowerBound, range.upperBound)
    return try [Int32](unsafeUninitializedCapacity: values.count) { outputs, initialized in
      var added = [Int64](repeating: 0, count: min(Self.partSize, values.count))
      for start in stride(from: 0, to: values.count, by: Self.partSize) {
        let count = min(Self.partSize, values.count - start)
        try added.withUnsafeMutableBufferPointer {
          try fill(UnsafeMutableBufferPointer(rebasing: $0[..<count]), noise: &noise)
        }
        for index in 0..<count {
          let sum = Int64(values[start &+ index]) &+ added[index]
          outputs[start &+ index] = Int32(truncatingIfNeeded: max(least, min(greatest, sum)))
        }
      }
      initialized = values.count
    }
  }

  /// The noise by itself.
  ///
  /// - Returns: Independent samples, of shape `[count]`.
  /// - Throws: ``PrivacyError/randomnessUnavailable``.
  package func noise(count: Int, from noise: inout NoiseStream) throws -> [Int64] {
    var samples = [Int64](repeating: 0, count: count)
    try samples.withUnsafeMutableBufferPointer { try fill($0, noise: &noise) }
    return samples
  }

  /// Overwrites all of the buffer by independent samples.
  private func fill(
    _ buffer: UnsafeMutableBufferPointer<Int64>, noise: inout NoiseStream
  ) throws {
    var rows = [UInt64](repeating: 0, count: GeometricDigits.rowCount)
    var quotients = [Int64](repeating: 0, count: GeometricDigits.laneCount)
    try rows.withUnsafeMutableBufferPointer { rows in
      try quotients.withUnsafeMutableBufferPointer { quotients in
        var filled = 0
        while filled < buffer.count {
          try digits.draw(into: rows, quotients: quotients, noise: &noise)
          for lane in 0..<GeometricDigits.laneCount where filled < buffer.count {
            let half = rows[lane & 31] >> (lane < 32 ? 0 : 32)
            let magnitude = Int64(half & 0x7FFF_FFFF) &+ quotients[lane]
            let sign = Int64(half >> 31 & 1)
            // Negated without a branch. -0 is rejected by being overwritten.
            buffer[filled] = (magnitude ^ (0 &- sign)) &+ sign
            filled &+= 1 &- Int(sign & (magnitude == 0 ? 1 : 0))
          }
        }
      }
    }
  }
}
