/// Elementwise arithmetic; shapes broadcast as in NumPy.
extension Tensor {
  public func adding(_ other: Tensor) throws -> Tensor { try binary("add.Tensor", other) }
  public func adding(_ scalar: Double) throws -> Tensor { try with(scalar, "add.Scalar") }
  public func subtracting(_ other: Tensor) throws -> Tensor { try binary("sub.Tensor", other) }
  public func subtracting(_ scalar: Double) throws -> Tensor { try with(scalar, "sub.Scalar") }
  public func multiplied(by other: Tensor) throws -> Tensor { try binary("mul.Tensor", other) }
  public func multiplied(by scalar: Double) throws -> Tensor { try with(scalar, "mul.Scalar") }
  public func divided(by other: Tensor) throws -> Tensor { try binary("div.Tensor", other) }
  public func divided(by scalar: Double) throws -> Tensor { try with(scalar, "div.Scalar") }
  public func power(_ exponent: Double) throws -> Tensor { try with(exponent, "pow.Tensor_Scalar") }
  public func maximum(_ other: Tensor) throws -> Tensor { try binary("maximum", other) }
  public func minimum(_ other: Tensor) throws -> Tensor { try binary("minimum", other) }

  public func negated() throws -> Tensor { try unary("neg") }
  public func absolute() throws -> Tensor { try unary("abs") }
  public func squareRoot() throws -> Tensor { try unary("sqrt") }
  public func reciprocal() throws -> Tensor { try unary("reciprocal") }
  public func exponential() throws -> Tensor { try unary("exp") }
  public func logarithm() throws -> Tensor { try unary("log") }
  public func relu() throws -> Tensor { try unary("relu") }

  /// Elements limited to `range`.
  public func clamped(to range: ClosedRange<Double>) throws -> Tensor {
    try engineCall1(
      "clamp", [.tensor(self), .double(range.lowerBound), .double(range.upperBound)])
  }

  /// Elements limited to at least `bound`.
  public func clamped(atLeast bound: Double) throws -> Tensor {
    try engineCall1("clamp", [.tensor(self), .double(bound), .none])
  }

  /// Whether every element is neither infinite nor NaN.
  public func isFinite() throws -> Bool {
    guard elementType.isFloatingPoint else { return true }
    let finite = try engineCall1("isfinite", [.tensor(self)])
    return try engineCall1("all", [.tensor(finite)]).scalar() != 0
  }

  /// Whether shape, type and every element are the same.
  public func isIdentical(to other: Tensor) throws -> Bool {
    guard shape == other.shape, elementType == other.elementType else { return false }
    return try engineCall1("eq.Tensor", [.tensor(self), .tensor(other)]).all()
  }

  /// Whether every element is true (or not zero).
  public func all() throws -> Bool {
    try engineCall1("all", [.tensor(self)]).scalar() != 0
  }

  package func unary(_ name: String) throws -> Tensor { try engineCall1(name, [.tensor(self)]) }

  package func binary(_ name: String, _ other: Tensor) throws -> Tensor {
    try engineCall1(name, [.tensor(self), .tensor(other)])
  }

  private func with(_ scalar: Double, _ name: String) throws -> Tensor {
    try engineCall1(name, [.tensor(self), .double(scalar)])
  }
}
