/// Drawing outputs. Each value takes two words of noise, and more only when a word is rejected,
/// which does not depend on the value:
///
///     first word:  uniform in 0 ..< S, by rejection
///     second word: 31 bits (from above) of the coin or the rounding, 32 bits (from below) of the
///                  hybrid's public coin
extension NumericMechanism {
  /// - Parameter values: Multiples of 2^-30, in [-1, 1].
  /// - Complexity: O(n) expected, with no memory but the result's and 64 KiB.
  package func sample(_ values: [Int32], noise: inout NoiseStream) throws -> [Int32] {
    var outputs = [Int32](repeating: 0, count: values.count)
    switch grid {
    case .duchi(let duchi):
      for index in values.indices {
        let uniform = try duchi.flip.draw(from: &noise)
        outputs[index] = duchi.output(values[index], uniform: uniform, bits: try noise.next())
      }
    case .piecewise(let piecewise):
      for index in values.indices {
        let uniform = try piecewise.uniform.draw(from: &noise)
        outputs[index] = piecewise.output(values[index], uniform: uniform, bits: try noise.next())
      }
    case .hybrid(let duchi, let piecewise, let coin):
      // The branch is on the public coin, which every output shows anyway.
      let beyond = Int32(piecewise.greatestOutput) + 1
      for index in values.indices {
        let bits = try noise.next()
        if bits & 0xFFFF_FFFF < coin {
          let uniform = try piecewise.uniform.draw(from: &noise)
          outputs[index] = piecewise.output(values[index], uniform: uniform, bits: bits)
        } else {
          let uniform = try duchi.flip.draw(from: &noise)
          outputs[index] = beyond * duchi.output(values[index], uniform: uniform, bits: bits)
        }
      }
    }
    return outputs
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
  fileprivate func output(_ value: Int32, uniform: UInt64, bits: UInt64) -> Int32 {
    output(Int64(value), coin: bits >> 33, uniform: uniform)
  }
}

extension PiecewiseGrid {
  /// Rounds the value to the grid at random, without bias: floor(t m + R) with R uniform in
  /// [0, 1), all in units of 2^-30.
  @inline(__always)
  fileprivate func output(_ value: Int32, uniform: UInt64, bits: UInt64) -> Int32 {
    let scaled = Int64(value) &* Int64(bitPattern: resolution) &+ Int64(bitPattern: bits >> 34)
    return output(scaled >> 30, uniform: uniform)
  }
}
