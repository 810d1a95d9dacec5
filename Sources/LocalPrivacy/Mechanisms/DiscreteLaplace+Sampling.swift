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
    try [Int32](unsafeUninitializedCapacity: values.count) { outputs, initialized in
      try values.withUnsafeBufferPointer {
        try draw(for: $0, within: bounds, into: outputs, noise: &noise)
      }
      initialized = values.count
    }
  }

  /// Outputs of a release, drawn by several threads when they are many.
  ///
  /// - Parameters:
  ///   - values: Within the bounds, of shape `[n]`.
  ///   - bounds: No wider than the sensitivity.
  /// - Throws: ``PrivacyError/randomnessUnavailable``.
  func sampleConcurrently(_ values: [Int32], within bounds: IntegerBounds) throws -> [Int32] {
    try ConcurrentDraw.outputs(count: values.count) { range, outputs, noise in
      try values.withUnsafeBufferPointer {
        try draw(
          for: UnsafeBufferPointer(rebasing: $0[range]), within: bounds, into: outputs,
          noise: &noise)
      }
    }
  }

  /// Initializes an output for every value.
  private func draw(
    for values: UnsafeBufferPointer<Int32>, within bounds: IntegerBounds,
    into outputs: UnsafeMutableBufferPointer<Int32>, noise: inout NoiseStream
  ) throws {
    let range = self.outputs(within: bounds)
    let (least, greatest) = (range.lowerBound, range.upperBound)
    var part = Part()
    for start in stride(from: 0, to: values.count, by: Self.partSize) {
      let count = min(Self.partSize, values.count - start)
      try part.fill(count, by: digits, noise: &noise)
      for index in 0..<count {
        let sum = Int64(values[start &+ index]) &+ part.samples[index]
        outputs[start &+ index] = Int32(truncatingIfNeeded: max(least, min(greatest, sum)))
      }
    }
  }

  /// The noise by itself.
  ///
  /// - Returns: Independent samples, of shape `[count]`.
  /// - Throws: ``PrivacyError/randomnessUnavailable``.
  package func noise(count: Int, from noise: inout NoiseStream) throws -> [Int64] {
    var samples: [Int64] = []
    var part = Part()
    while samples.count < count {
      let wanted = min(Self.partSize, count - samples.count)
      try part.fill(wanted, by: digits, noise: &noise)
      samples += part.samples[..<wanted]
    }
    return samples
  }

  /// Room for a part's noise.
  private struct Part {
    /// As many as are asked for, and room for a whole draw of lanes more.
    var samples = [Int64](repeating: 0, count: partSize + GeometricDigits.laneCount)
    var rows = [UInt64](repeating: 0, count: GeometricDigits.rowCount)

    /// Overwrites the first `count` samples by independent ones.
    mutating func fill(
      _ count: Int, by digits: GeometricDigits, noise: inout NoiseStream
    ) throws {
      try samples.withUnsafeMutableBufferPointer { samples in
        try rows.withUnsafeMutableBufferPointer { rows in
          var filled = 0
          while filled < count {
            let beyond = try digits.draw(into: rows, noise: &noise)
            guard beyond == 0 else {
              try Self.fill(samples, &filled, from: rows, beyond, by: digits, noise: &noise)
              continue
            }
            for half in [0, 32] as [UInt64] {
              for row in 0..<GeometricDigits.rowCount {
                let lane = UInt32(truncatingIfNeeded: rows[row] &>> half)
                let sign = lane >> 31
                // Negated without a branch. -0 is rejected by being overwritten.
                let magnitude = lane & 0x7FFF_FFFF
                samples[filled] = Int64(Int32(bitPattern: (magnitude ^ (0 &- sign)) &+ sign))
                filled &+= lane == 1 << 31 ? 0 : 1
              }
            }
          }
        }
      }
    }

    /// The same for a draw in which some magnitudes are greater than what the digits tell.
    @inline(never)
    private static func fill(
      _ samples: UnsafeMutableBufferPointer<Int64>, _ filled: inout Int,
      from rows: UnsafeMutableBufferPointer<UInt64>, _ beyond: UInt64, by digits: GeometricDigits,
      noise: inout NoiseStream
    ) throws {
      for index in 0..<GeometricDigits.laneCount {
        let lane = rows[index & 31] >> (index < 32 ? 0 : 32)
        var magnitude = Int64(lane & 0x7FFF_FFFF)
        if beyond >> UInt64(index) & 1 == 1 { magnitude += try digits.quotient(from: &noise) }
        let isNegative = lane >> 31 & 1 == 1
        if magnitude == 0, isNegative { continue }
        samples[filled] = isNegative ? -magnitude : magnitude
        filled += 1
      }
    }
  }
}
