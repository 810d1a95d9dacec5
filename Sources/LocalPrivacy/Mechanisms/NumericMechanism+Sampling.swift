/// Drawing outputs. A value takes one word of noise through Duchi and two through Piecewise, and more
/// only where digits of noise do not decide, which does not depend on the value.
extension NumericMechanism {
  /// How many values the hybrid sorts by their coins at once: what it keeps of them stays in the
  /// nearest cache.
  private static let partSize = 1024

  /// - Parameter values: Multiples of 2^-30, in [-1, 1].
  /// - Throws: ``PrivacyError/randomnessUnavailable``.
  /// - Complexity: O(n) expected, with no memory but the result's and 80 KiB.
  package func sample(_ values: [Int32], noise: inout NoiseStream) throws -> [Int32] {
    try [Int32](unsafeUninitializedCapacity: values.count) { outputs, initialized in
      try values.withUnsafeBufferPointer { try draw(for: $0, into: outputs, noise: &noise) }
      initialized = values.count
    }
  }

  /// Outputs of a release, drawn by several threads when they are many.
  ///
  /// - Parameter values: Multiples of 2^-30, in [-1, 1].
  /// - Throws: ``PrivacyError/randomnessUnavailable``.
  func sampleConcurrently(_ values: [Int32]) throws -> [Int32] {
    try ConcurrentDraw.outputs(count: values.count) { range, outputs, noise in
      try values.withUnsafeBufferPointer {
        try draw(for: UnsafeBufferPointer(rebasing: $0[range]), into: outputs, noise: &noise)
      }
    }
  }

  /// Initializes an output for every value.
  private func draw(
    for values: UnsafeBufferPointer<Int32>, into outputs: UnsafeMutableBufferPointer<Int32>,
    noise: inout NoiseStream
  ) throws {
    switch grid {
    case .duchi(let duchi):
      for index in values.indices {
        let word = NoiseWord(try noise.next())
        outputs[index] = try duchi.output(values[index], word: word, noise: &noise)
      }
    case .piecewise(let piecewise):
      for index in values.indices {
        let word = NoiseWord(try noise.next())
        outputs[index] = try piecewise.output(values[index], word: word, noise: &noise)
      }
    case .hybrid(let duchi, let piecewise, let coin):
      // Of each part all values go through Duchi, and those that the public coin chose once more
      // through Piecewise: a branch for each value would be foreseen wrongly as often as the coin falls on
      // the rarer side. The coin is in every output to be seen.
      let beyond = Int32(piecewise.greatestOutput) + 1
      var chosen = [(index: Int, word: NoiseWord)](
        repeating: (0, NoiseWord(0)), count: Self.partSize)
      try chosen.withUnsafeMutableBufferPointer { chosen in
        for start in stride(from: 0, to: values.count, by: Self.partSize) {
          var chosenCount = 0
          for index in start..<min(start + Self.partSize, values.count) {
            let word = NoiseWord(try noise.next())
            outputs[index] =
              beyond &* (try duchi.output(values[index], word: word, noise: &noise))
            chosen[chosenCount] = (index, word)
            chosenCount &+= Int(try coin.draw(prefix: word.choice, noise: &noise))
          }
          for (index, word) in chosen[..<chosenCount] {
            outputs[index] = try piecewise.output(values[index], word: word, noise: &noise)
          }
        }
      }
    }
  }

  /// The greatest absolute output: outputs are in `-greatestOutput ... greatestOutput`.
  var greatestOutput: Int32 {
    switch grid {
    case .duchi: 1
    case .piecewise(let piecewise): Int32(piecewise.greatestOutput)
    case .hybrid(_, let piecewise, _): Int32(piecewise.greatestOutput) + 1
    }
  }

  /// The unbiased estimate of the value in [-1, 1] behind an output.
  func estimate(_ output: Int32) -> Double {
    switch grid {
    case .duchi(let duchi):
      return Double(output) * duchi.scale
    case .piecewise(let piecewise):
      return Double(output) * piecewise.scale
    case .hybrid(let duchi, let piecewise, _):
      guard output.magnitude > piecewise.greatestOutput else {
        return Double(output) * piecewise.scale
      }
      return Double(output.signum()) * duchi.scale
    }
  }
}

extension DuchiGrid {
  @inline(__always)
  fileprivate func output(
    _ value: Int32, word: NoiseWord, noise: inout NoiseStream
  ) throws -> Int32 {
    output(
      Int64(value), coin: word.rounding, flipped: try flip.draw(prefix: word.flip, noise: &noise))
  }
}

extension PiecewiseGrid {
  /// Rounds the value to the grid at random, without bias: floor(t m + R) with R uniform in
  /// [0, 1), all in units of 2^-30.
  @inline(__always)
  fileprivate func output(
    _ value: Int32, word: NoiseWord, noise: inout NoiseStream
  ) throws -> Int32 {
    let scaled =
      Int64(value) &* Int64(bitPattern: resolution) &+ Int64(bitPattern: word.rounding >> 1)
    return output(scaled >> 30, uniform: try uniform.draw(from: &noise))
  }
}
