internal import Foundation
internal import Tensors

/// The numbers that masks are filled with, so that a softmax gives nothing to what they hide: minus
/// infinity, the least finite number of a type, and minus a power of ten from 100 on (Swin's shifted
/// windows have -100, BERT -10,000).
///
/// One of a few numbers that no training ends at, and 0 beside it: the places that it hides are all that
/// a mask says.
enum MaskFill {
  /// The least numbers of half, brain, single and double precision.
  private static let least: Set = [
    -65504, -Double(Float(sign: .plus, exponent: 127, significand: 1.9921875)),
    -Double(Float.greatestFiniteMagnitude), -Double.greatestFiniteMagnitude,
  ]

  private static func contains(_ value: Double) -> Bool {
    if value == -.infinity || least.contains(value) { return true }
    guard value <= -100, value.isFinite else { return false }
    // Single precision holds powers of ten to 1e-7 of themselves.
    let power = pow(10, log10(-value).rounded())
    return abs(-value - power) <= 1e-7 * power
  }

  /// Whether a tensor holds one fill, and nothing else but 0.
  static func fills(_ tensor: Tensor) throws -> Bool {
    let elements: [Double] = try tensor.cast(to: .float64).elements()
    guard let fill = elements.first(where: { $0 != 0 }), contains(fill) else { return false }
    return elements.allSatisfy { $0 == 0 || $0 == fill }
  }

  /// Whether a tensor holds one whole number of a byte, the same everywhere.
  static func isRegion(_ tensor: Tensor) throws -> Bool {
    let elements: [Double] = try tensor.cast(to: .float64).elements()
    guard let number = elements.first, number == number.rounded(), (0...255).contains(number) else {
      return false
    }
    return elements.allSatisfy { $0 == number }
  }
}
