/// The discrete Fourier transform of a power of two of complex numbers, in place.
///
///     X[f] = sum over t of x[t] exp(-2 pi i f t / n)
///
/// Cooley, Tukey 1965, decimation in time, radix 2.
struct FourierTransform {
  /// n, a power of two.
  let count: Int
  private let cosines: [Double]
  private let sines: [Double]

  init(count: Int) {
    precondition(count >= 2 && count & (count - 1) == 0)
    self.count = count
    let angles = (0..<count / 2).map { 2 * Double.pi * Double($0) / Double(count) }
    cosines = angles.map(cosine)
    sines = angles.map { -sine($0) }
  }

  /// The greatest error of any X[f], over the sum of the magnitudes of x.
  ///
  /// A butterfly a + w b has one complex product with a rounded w, within 5 units of 2^-53 of
  /// |b|, and one addition: 6 of |a| + |b|. Through log2 n levels these sum to 6 log2 n of the
  /// sum of all magnitudes, and their products to far less than the 1 more that is taken.
  var relativeError: Double { 7 * Double(count.trailingZeroBitCount) * 0x1p-53 }

  /// - Parameters:
  ///   - real: The real parts, of shape `[n]`; replaced.
  ///   - imaginary: The imaginary parts, of shape `[n]`; replaced.
  /// - Complexity: O(n log n).
  func transform(_ real: inout [Double], _ imaginary: inout [Double]) {
    precondition(real.count == count && imaginary.count == count)
    let bits = count.trailingZeroBitCount
    real.withUnsafeMutableBufferPointer { real in
      imaginary.withUnsafeMutableBufferPointer { imaginary in
        for index in 0..<count {
          let mirrored = Int(UInt64(index).bitReversed >> UInt64(64 - bits))
          if mirrored > index {
            real.swapAt(index, mirrored)
            imaginary.swapAt(index, mirrored)
          }
        }
        cosines.withUnsafeBufferPointer { cosines in
          sines.withUnsafeBufferPointer { sines in
            var half = 1
            while half < count {
              let stride = count / (2 * half)
              for start in Swift.stride(from: 0, to: count, by: 2 * half) {
                for offset in 0..<half {
                  let c = cosines[offset * stride]
                  let s = sines[offset * stride]
                  let one = start + offset
                  let other = one + half
                  let re = real[other] * c - imaginary[other] * s
                  let im = real[other] * s + imaginary[other] * c
                  real[other] = real[one] - re
                  imaginary[other] = imaginary[one] - im
                  real[one] += re
                  imaginary[one] += im
                }
              }
              half *= 2
            }
          }
        }
      }
    }
  }
}

extension UInt64 {
  fileprivate var bitReversed: UInt64 {
    var x = byteSwapped
    x = (x & 0x0F0F_0F0F_0F0F_0F0F) << 4 | (x >> 4) & 0x0F0F_0F0F_0F0F_0F0F
    x = (x & 0x3333_3333_3333_3333) << 2 | (x >> 2) & 0x3333_3333_3333_3333
    x = (x & 0x5555_5555_5555_5555) << 1 | (x >> 1) & 0x5555_5555_5555_5555
    return x
  }
}
