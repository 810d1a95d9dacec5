/// Public clipping radii, in expected standard deviations, for a loss a value.
///
/// The more noise, the tighter the clip that has the least error; the entries were found by
/// measurement on Fashion-MNIST networks and are interpolated linearly in between. Trained weights
/// have a maximum of 5 to 8 deviations, so clipping at the maximum would drown them in noise.
enum ClippingTable {
  /// For weights in canonical form.
  static func weights(epsilon: Double) -> Double {
    interpolated(epsilon, [(2, 1), (4, 1.5), (8, 2)])
  }

  /// For differences to a common initialisation.
  static func differences(epsilon: Double) -> Double {
    interpolated(epsilon, [(1, 1), (2, 1.5), (4, 2.5), (8, 4)])
  }

  /// For signatures, which have unit deviation.
  static let signatures = 2.0

  private static func interpolated(_ x: Double, _ points: [(x: Double, y: Double)]) -> Double {
    guard let upper = points.firstIndex(where: { $0.x >= x }) else {
      return points[points.count - 1].y
    }
    guard upper > 0 else { return points[0].y }
    let (a, b) = (points[upper - 1], points[upper])
    return a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x)
  }
}
