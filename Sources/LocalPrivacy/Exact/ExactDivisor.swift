/// Division of any 64-bit number by a fixed divisor with a multiplication instead of a division,
/// whose time can depend on the numerator.
///
/// With r = floor(2^64 / d), the estimate floor(n r / 2^64) is floor(n / d) or one less (Granlund
/// & Montgomery 1994, section 4), so that one correction without a branch makes it exact.
struct ExactDivisor: Hashable, Sendable {
  let divisor: UInt64
  let reciprocal: UInt64

  init(_ divisor: UInt64) {
    precondition(divisor >= 2)
    self.divisor = divisor
    // floor((2^64 - 1) / d) would be one too small only when d divides 2^64; then the estimate
    // could be two less, hence the exact quotient.
    reciprocal = divisor.dividingFullWidth((1, 0)).quotient
  }

  @inline(__always)
  func quotient(_ numerator: UInt64) -> UInt64 {
    let estimate = numerator.multipliedFullWidth(by: reciprocal).high
    let remainder = numerator &- estimate &* divisor
    return estimate &+ isAtLeast(remainder, divisor)
  }
}

/// 1 when `a >= b` and 0 otherwise, by the borrow of a subtraction rather than by a branch.
@inline(__always)
func isAtLeast(_ a: UInt64, _ b: UInt64) -> UInt64 {
  1 &- (a.subtractingReportingOverflow(b).overflow ? 1 : 0)
}

/// `a` when `choice` is 1, `b` when it is 0, by a mask rather than by a branch.
@inline(__always)
func select(_ choice: UInt64, _ a: UInt64, _ b: UInt64) -> UInt64 {
  b ^ ((a ^ b) & (0 &- choice))
}
