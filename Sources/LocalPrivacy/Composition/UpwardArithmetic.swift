/// Sums and products of losses that are never below the exact ones.
enum UpwardArithmetic {
  /// a + b, or the next number above when it was rounded down (Knuth's TwoSum).
  static func sum(_ a: Double, _ b: Double) -> Double {
    let sum = a + b
    let partOfB = sum - a
    let error = (a - (sum - partOfB)) + (b - partOfB)
    return error > 0 ? sum.nextUp : sum
  }

  /// a b, or the next number above when it was rounded down.
  static func product(_ a: Double, _ b: Double) -> Double {
    let product = a * b
    return (-product).addingProduct(a, b) > 0 ? product.nextUp : product
  }

  /// A figure that took a few thousand libm calls and roundings, each within 2^-50 of itself.
  static func bound(_ value: Double) -> Double { value * (1 + 1e-10) }
}
