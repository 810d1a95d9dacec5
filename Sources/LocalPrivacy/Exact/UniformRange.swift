/// The integers `0 ..< bound`, drawn from uniformly and exactly.
///
/// Lemire 2019, "Fast random integer generation in an interval", Algorithm 5. Whether a word is
/// rejected depends on the word and on the public bound only, never on a private value.
package struct UniformRange: Hashable, Sendable {
  package let bound: UInt64
  private let threshold: UInt64

  package init(_ bound: UInt64) {
    precondition(bound > 0)
    self.bound = bound
    threshold = (0 &- bound) % bound
  }

  @inline(__always)
  package func draw(from noise: inout NoiseStream) throws -> UInt64 {
    while true {
      let product = try noise.next().multipliedFullWidth(by: bound)
      if product.low >= threshold { return product.high }
    }
  }
}
