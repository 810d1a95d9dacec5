/// The loss's distribution from below.
extension SubsampledGaussian {
  /// A distribution on multiples of `step` that loses no more than one step of the mechanism does,
  /// in any number of steps.
  ///
  /// Outputs between two boundaries are taken for one. That is post-processing, and turns their
  /// losses into a single one, ln of P over Q of them all. It is then rounded down to a multiple
  /// of `step`, l[i], and its mass is rounded down too: delta of steps together,
  ///
  ///     the mean over P of max(0, 1 - exp(e - sum of losses)),
  ///
  /// grows with every loss and every mass. Rounding down takes next to nothing off as boundaries
  /// are chosen, one after the other, so that the loss is l[i] but for rounding:
  ///
  ///     G(b) = (1 - q - e^l[i]) A(before, b) + q B(before, b) = 0
  ///
  /// with A and B the probabilities of N(0, sigma^2) and N(1, sigma^2). G falls until the loss of
  /// b is l[i] and grows after. A boundary at the root or past it makes the cell's loss at least
  /// l[i] in the direction `present`, one at the root or before it in the direction `absent`,
  /// where it is -l[i] or more. In terms of Doroshenko et al. 2022, these are tangents to the
  /// curve of delta that meet on the grid, where ``distribution(_:step:range:)`` has chords.
  ///
  /// Outputs past the last boundary count as nothing, and no loss is infinite.
  func distributionFromBelow(
    _ direction: Direction, step: Double, range: ClosedRange<Double>
  ) -> LossDistribution {
    let firstEdge = Int((range.lowerBound / step).rounded(.down))
    let lastEdge = max(firstEdge + 1, Int((range.upperBound / step).rounded(.up)))
    var masses = [Double](repeating: 0, count: lastEdge - firstEdge + 1)
    var boundary = Boundary(-.infinity, in: self)
    for index in masses.indices {
      let edge = Double(firstEdge + index) * step
      let nextEdge = Double(firstEdge + index + 1) * step
      let next = self.boundary(
        after: boundary, loss: edge, before: nextEdge, direction: direction)
      guard let next else { continue }
      let (a, aError) = boundary.absent.probability(to: next.absent)
      let (b, bError) = boundary.present.probability(to: next.present)
      boundary = next
      let mass =
        switch direction {
        case .present: (1 - probability) * (a - aError) + probability * (b - bError)
        case .absent: a - aError
        }
      masses[index] = max(0, mass * (1 - 0x1p-50))
    }
    return LossDistribution(
      first: direction == .present ? firstEdge : -lastEdge, step: step,
      masses: direction == .present ? masses : masses.reversed(), infinite: 0,
      lossError: 1e-14 * (1 + range.upperBound.magnitude))
  }

  /// An output that ends a cell, with its tails under A and B.
  private struct Boundary {
    let output: Double
    let absent: Tails
    let present: Tails

    init(_ output: Double, in step: SubsampledGaussian) {
      self.output = output
      absent = Tails(output / step.noiseMultiplier)
      present = Tails((output - 1) / step.noiseMultiplier)
    }
  }

  /// The next boundary, for a cell whose loss is l; nil when the cell would be empty.
  ///
  /// G is evaluated with a bound of its error, and only its sign beyond that counts, so that the
  /// search may end anywhere: it costs tightness and not validity.
  private func boundary(
    after before: Boundary, loss: Double, before nextLoss: Double, direction: Direction
  ) -> Boundary? {
    // 1 - q - e^l, without its cancellation.
    let growth = exponentialMinusOne(loss)
    let factor = -probability - growth
    // Below all losses: no boundary in one direction, an empty cell in the other.
    guard factor < 0, nextLoss > loss else { return nil }
    let factorError = 0x1p-51 * (probability + growth.magnitude)
    let edge = output(withLoss: loss)
    guard edge.isFinite, edge > before.output else { return nil }
    let nextEdge = output(withLoss: nextLoss)
    // G(b), the bound of its error, and G'(b) = density (e^loss(b) - e^l).
    func excess(_ next: Boundary) -> (value: Double, error: Double, slope: Double) {
      let (a, aError) = before.absent.probability(to: next.absent)
      let (b, bError) = before.present.probability(to: next.present)
      let value = factor * a + probability * b
      let error =
        factorError * a + factor.magnitude * aError + probability * bError
        + 0x1p-51 * (factor.magnitude * a + probability * b)
      let density = normalDensity(next.output / noiseMultiplier) / noiseMultiplier
      let ahead = (2 * next.output - 1) / (2 * variance)
      return (value, error, density * (factor + probability * exponential(ahead)))
    }
    let sign: Double = direction == .present ? 1 : -1
    // The cell's other side mirrors the first one, but for the density's fall across it: to the
    // second order, half-widths h differ by 2/3 h^2 (edge - 1/2) / sigma^2.
    let width =
      before.output.isFinite ? min(edge - before.output, nextEdge - edge) : nextEdge - edge
    let bent = width * (1 + (2.0 / 3) * width * (edge - 0.5) / variance)
    var (low, high) = (edge, Double.infinity)
    var guess = edge + max(width * 0.25, min(bent, width * 2))
    for _ in 0..<60 {
      let next = Boundary(guess, in: self)
      let (value, error, slope) = excess(next)
      // A millionth of the cell beyond the root is near enough.
      let margin = error + 1e-6 * slope * (guess - edge)
      if sign * value >= error, sign * value <= 4 * margin { return next }
      if direction == .absent, value <= -error, guess >= nextEdge {
        return Boundary(nextEdge, in: self)
      }
      if value < sign * margin { low = guess } else { high = guess }
      let newton = guess - (value - sign * 2 * margin) / slope
      let middle = high.isFinite ? low + (high - low) / 2 : low + 2 * (low - edge) + width
      guess = slope > 0 && newton > low && newton < high ? newton : middle
      guard guess > edge, guess.isFinite else { return nil }
    }
    // Where the search ends without a root, outputs up to the edge still have losses on one side
    // of it.
    return direction == .absent ? Boundary(edge, in: self) : nil
  }
}
