/// Minimises a smooth function by the limited-memory BFGS method.
///
/// Nocedal & Wright 2006, algorithms 7.4 and 7.5, with the initial scaling of equation 7.20.
/// Deviation: the line search backtracks until the decrease is sufficient (algorithm 3.1, c = 1e-4),
/// and a pair of differences without positive curvature is left out, where the book asks for the
/// Wolfe conditions.
package struct LBFGS: Sendable {
  /// The greatest number of steps.
  package var steps: Int
  /// Ends when no entry of the gradient is larger than this times `max(1, |value|)`.
  package var tolerance: Double
  /// The number of pairs that are kept.
  package var history: Int

  package init(steps: Int, tolerance: Double = 1e-6, history: Int = 10) {
    precondition(steps >= 0 && history > 0, "steps are at least 0 and pairs at least 1")
    self.steps = steps
    self.tolerance = tolerance
    self.history = history
  }

  package typealias Evaluation = (value: Double, gradient: [Double])

  /// The best point that was found, and the value there.
  ///
  /// - Parameters:
  ///   - start: Where to start from, shape `[d]`.
  ///   - function: The value at a point and the gradient, shape `[d]`.
  /// - Complexity: O(history d) a step, beside one or a few evaluations.
  package func minimum(
    from start: [Double], of function: ([Double]) throws -> Evaluation
  ) rethrows -> (point: [Double], value: Double) {
    var point = start
    var current = try function(point)
    var pairs: [Pair] = []
    for _ in 0..<steps {
      let largest = current.gradient.reduce(0) { max($0, abs($1)) }
      guard largest > tolerance * max(1, abs(current.value)) else { break }
      var direction = Self.direction(current.gradient, pairs)
      var slope = Self.dot(direction, current.gradient)
      if slope >= 0 {
        // Rounding has spoilt the pairs: start again along the gradient.
        pairs = []
        direction = Self.direction(current.gradient, [])
        slope = Self.dot(direction, current.gradient)
      }
      guard
        let next = try Self.search(from: point, current, along: direction, slope, of: function)
      else { break }
      let moved = zip(next.point, point).map { $0 - $1 }
      let change = zip(next.evaluation.gradient, current.gradient).map { $0 - $1 }
      let curvature = Self.dot(moved, change)
      if curvature > 1e-10 * Self.dot(change, change).squareRoot() {
        pairs.append(Pair(moved: moved, change: change, inverse: 1 / curvature))
        if pairs.count > history { pairs.removeFirst() }
      }
      (point, current) = (next.point, next.evaluation)
    }
    return (point, current.value)
  }

  private struct Pair {
    let moved: [Double]
    let change: [Double]
    /// 1 / (moved · change).
    let inverse: Double
  }

  /// Algorithm 7.4: minus the approximate inverse Hessian times the gradient.
  private static func direction(_ gradient: [Double], _ pairs: [Pair]) -> [Double] {
    var q = gradient
    var weights = [Double](repeating: 0, count: pairs.count)
    for (index, pair) in pairs.enumerated().reversed() {
      weights[index] = pair.inverse * dot(pair.moved, q)
      add(-weights[index], pair.change, to: &q)
    }
    // Without pairs a step of unit length at most: nothing is known of the curvature.
    let scale =
      pairs.last.map { 1 / ($0.inverse * dot($0.change, $0.change)) }
      ?? 1 / max(1, dot(gradient, gradient).squareRoot())
    q = q.map { scale * $0 }
    for (index, pair) in pairs.enumerated() {
      add(weights[index] - pair.inverse * dot(pair.change, q), pair.moved, to: &q)
    }
    return q.map { -$0 }
  }

  /// Algorithm 3.1; `nil` when no step of useful length lowers the value.
  private static func search(
    from point: [Double], _ current: Evaluation, along direction: [Double], _ slope: Double,
    of function: ([Double]) throws -> Evaluation
  ) rethrows -> (point: [Double], evaluation: Evaluation)? {
    var length = 1.0
    for _ in 0..<30 {
      var candidate = point
      add(length, direction, to: &candidate)
      let found = try function(candidate)
      if found.value <= current.value + 1e-4 * length * slope { return (candidate, found) }
      // The minimum of the parabola through what is known, kept within a tenth and a half.
      let parabola =
        -slope * length * length / (2 * (found.value - current.value - slope * length))
      length = parabola.isFinite ? min(max(parabola, 0.1 * length), 0.5 * length) : 0.1 * length
    }
    return nil
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
  }

  private static func add(_ factor: Double, _ a: [Double], to b: inout [Double]) {
    for index in a.indices { b[index] += factor * a[index] }
  }
}
