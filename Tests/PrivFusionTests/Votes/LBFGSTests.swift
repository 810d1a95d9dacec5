import PrivFusion
import Testing

@Suite struct LBFGSTests {
  /// Twenty coordinates of curvature 1 to 10^4; the optimum is known.
  @Test func `it finds the minimum of a badly scaled parabola`() {
    let size = 20
    let curvatures = (0..<size).map { Double(1 + 25 * $0 * $0) }
    let found = LBFGS(steps: 200, tolerance: 1e-9).minimum(
      from: [Double](repeating: 0, count: size)
    ) { point in
      let gradient = point.indices.map { curvatures[$0] * (point[$0] - Double($0)) }
      let value = point.indices.reduce(0) {
        $0 + curvatures[$1] / 2 * (point[$1] - Double($1)) * (point[$1] - Double($1))
      }
      return (value, gradient)
    }
    for (index, value) in found.point.enumerated() {
      // A gradient of 1e-9 at a curvature of at least 1.
      #expect(abs(value - Double(index)) < 1e-8)
    }
    #expect(found.value < 1e-12)
  }

  /// Rosenbrock's valley has its minimum, 0, at (1, 1).
  @Test func `it follows a curved valley`() {
    let found = LBFGS(steps: 200, tolerance: 1e-9).minimum(from: [-1.2, 1]) { point in
      let (x, y) = (point[0], point[1])
      let rise = y - x * x
      return (
        100 * rise * rise + (1 - x) * (1 - x), [-400 * x * rise - 2 * (1 - x), 200 * rise]
      )
    }
    #expect(abs(found.point[0] - 1) < 1e-6 && abs(found.point[1] - 1) < 1e-6)
  }

  @Test func `it stays at a minimum, and never ends above its start`() {
    func square(_ point: [Double]) -> LBFGS.Evaluation {
      (point.reduce(0) { $0 + $1 * $1 }, point.map { 2 * $0 })
    }
    let stayed = LBFGS(steps: 10).minimum(from: [0, 0], of: square)
    #expect(stayed.point == [0, 0])
    let none = LBFGS(steps: 0).minimum(from: [3], of: square)
    #expect(none.point == [3] && none.value == 9)
    // A wrong gradient leads uphill: nothing is gained, nothing lost.
    let misled = LBFGS(steps: 10).minimum(from: [1]) { (square($0).value, [-2 * $0[0]]) }
    #expect(misled.point == [1])
  }
}
