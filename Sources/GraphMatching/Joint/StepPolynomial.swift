/// A polynomial on [0, 1]: how an objective changes along a step.
///
///     value(x) = sum over k of coefficients[k] · x^k
package struct StepPolynomial: Sendable {
  package private(set) var coefficients: [Double]

  package init(_ coefficients: [Double]) { self.coefficients = coefficients }

  package func value(_ x: Double) -> Double {
    coefficients.reversed().reduce(0) { $0 * x + $1 }
  }

  /// Adds half of `weight` times the quadratic form of the polynomials that are 1 at one node each.
  ///
  ///     weight / 2 · sum over k, l of gram[k][l] · L_k(x) · L_l(x)
  ///
  /// It is the inner product along the step of a tensor that is a polynomial of degree
  /// `gram.count - 1` in `x`, from the inner products at the nodes: exact, whatever the degree.
  mutating func add(gram: [[Double]], weight: Double) {
    let basis = Self.lagrangeBasis(degree: gram.count - 1)
    for k in gram.indices {
      for l in gram.indices {
        let product = Self.product(basis[k], basis[l])
        while coefficients.count < product.count { coefficients.append(0) }
        for index in product.indices {
          coefficients[index] += weight / 2 * gram[k][l] * product[index]
        }
      }
    }
  }

  /// The places in [0, 1] at which a polynomial of some degree is looked at, both ends among them.
  static func nodes(degree: Int) -> [Double] {
    degree == 0 ? [0] : (0...degree).map { Double($0) / Double(degree) }
  }

  /// For every node the polynomial that is 1 there and 0 at all other nodes.
  private static func lagrangeBasis(degree: Int) -> [[Double]] {
    let nodes = nodes(degree: degree)
    return nodes.map { own in
      nodes.filter { $0 != own }.reduce([1]) { result, other in
        product(result, [-other / (own - other), 1 / (own - other)])
      }
    }
  }

  private static func product(_ one: [Double], _ other: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: one.count + other.count - 1)
    for (i, a) in one.enumerated() {
      for (j, b) in other.enumerated() { result[i + j] += a * b }
    }
    return result
  }

  /// Where the polynomial is greatest on [0, 1]; the least such place among those found.
  ///
  /// The candidates are both ends and all roots of the derivative, which are found between the
  /// roots of its own derivative, where it is monotone, by bisection to the last bit.
  package var maximum: Double {
    var best = 0.0
    for candidate in derivative.roots + [1] where value(candidate) > value(best) {
      best = candidate
    }
    return best
  }

  private var derivative: StepPolynomial {
    StepPolynomial(coefficients.enumerated().dropFirst().map { Double($0.offset) * $0.element })
  }

  /// The places in (0, 1) where the sign changes, in order.
  private var roots: [Double] {
    guard coefficients.count > 1 else { return [] }
    let bounds = [0] + derivative.roots + [1]
    return zip(bounds, bounds.dropFirst()).compactMap { lower, upper in
      var (low, high) = (lower, upper)
      let isRising = value(low) < 0
      guard isRising ? value(high) > 0 : value(low) > 0 && value(high) < 0 else { return nil }
      while true {
        let middle = (low + high) / 2
        guard middle > low, middle < high else { return low }
        if (value(middle) < 0) == isRising { low = middle } else { high = middle }
      }
    }
  }
}
