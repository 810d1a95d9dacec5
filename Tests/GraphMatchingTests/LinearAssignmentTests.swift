import GraphMatching
import Testing

@Suite struct LinearAssignmentTests {
  enum Costs: CaseIterable { case real, integer, tied, equal }

  func costs(_ kind: Costs, _ count: Int, _ generator: inout SplitMix) -> [Float] {
    (0..<count).map { _ in
      switch kind {
      case .real: Float.random(in: -10...10, using: &generator)
      case .integer: Float(Int.random(in: -50...50, using: &generator))
      case .tied: Float(Int.random(in: 0...2, using: &generator))
      case .equal: -3
      }
    }
  }

  /// The best total over every injective map of the shorter side, by trying all of them.
  func bruteForce(_ costs: [Float], _ rows: Int, _ columns: Int, _ goal: LinearAssignment.Goal)
    -> Double
  {
    let isWide = rows <= columns
    let (short, long) = isWide ? (rows, columns) : (columns, rows)
    func best(_ index: Int, _ used: Int) -> Double {
      guard index < short else { return 0 }
      let totals = (0..<long).filter { used & (1 << $0) == 0 }.map { other in
        Double(isWide ? costs[index * columns + other] : costs[other * columns + index])
          + best(index + 1, used | (1 << other))
      }
      return (goal == .minimum ? totals.min() : totals.max()) ?? 0
    }
    return best(0, 0)
  }

  func expectValid(_ assignment: LinearAssignment, _ rows: Int, _ columns: Int) {
    let used = assignment.columns.compactMap { $0 }
    #expect(assignment.columns.count == rows)
    #expect(used.count == min(rows, columns))
    #expect(Set(used).count == used.count)
    #expect(used.allSatisfy { (0..<columns).contains($0) })
  }

  /// Feasible duals with equality on the assignment prove that nothing is better.
  func expectCertificate(
    _ assignment: LinearAssignment, _ costs: [Float], _ rows: Int, _ columns: Int,
    _ goal: LinearAssignment.Goal
  ) {
    let sign: Double = goal == .minimum ? 1 : -1
    let scale = costs.reduce(1) { max($0, abs(Double($1))) }
    // Prices are sums of at most a few thousand rounded differences of costs.
    let tolerance = 1e-11 * scale
    var worst = Double.infinity
    var slack = 0.0
    for row in 0..<rows {
      for column in 0..<columns {
        let reduced =
          sign
          * (Double(costs[row * columns + column]) - assignment.rowDuals[row]
            - assignment.columnDuals[column])
        worst = min(worst, reduced)
        if assignment.columns[row] == column { slack = max(slack, abs(reduced)) }
      }
    }
    #expect(worst >= -tolerance)
    #expect(slack <= tolerance)
    let long = rows < columns ? assignment.columnDuals : assignment.rowDuals
    if rows != columns { #expect(long.allSatisfy { sign * $0 <= 0 }) }
    let dual = (assignment.rowDuals + assignment.columnDuals).reduce(0, +)
    #expect(abs(dual - assignment.total) <= tolerance * Double(rows + columns))
  }

  @Test(arguments: Costs.allCases, [LinearAssignment.Goal.minimum, .maximum])
  func `the total is the best of all assignments up to six by six`(
    kind: Costs, goal: LinearAssignment.Goal
  ) throws {
    var generator = SplitMix(1)
    for rows in 0...6 {
      for columns in 0...6 {
        for _ in 0..<(rows == columns ? 40 : 10) {
          let matrix = costs(kind, rows * columns, &generator)
          let assignment = try LinearAssignment(
            costs: matrix, rows: rows, columns: columns, goal: goal)
          expectValid(assignment, rows, columns)
          // Sums of at most six costs in a different order.
          let best = bruteForce(matrix, rows, columns, goal)
          #expect(abs(assignment.total - best) <= 1e-12)
          expectCertificate(assignment, matrix, rows, columns, goal)
        }
      }
    }
  }

  @Test(arguments: Costs.allCases, [LinearAssignment.Goal.minimum, .maximum])
  func `duals prove the optimum at five hundred`(kind: Costs, goal: LinearAssignment.Goal) throws {
    var generator = SplitMix(2)
    for (rows, columns) in [(500, 500), (150, 400), (401, 130)] {
      let matrix = costs(kind, rows * columns, &generator)
      let assignment = try LinearAssignment(
        costs: matrix, rows: rows, columns: columns, goal: goal)
      expectValid(assignment, rows, columns)
      expectCertificate(assignment, matrix, rows, columns, goal)
    }
  }

  @Test func `a shuffled self is recovered at three hundred`() throws {
    var generator = SplitMix(3)
    let (count, features) = (300, 40)
    let rows = (0..<count).map { _ in costs(.real, features, &generator) }
    let order = Array(0..<count).shuffled(using: &generator)
    var matrix = [Float]()
    for source in order {
      let noisy = rows[source].map { $0 + Float.random(in: -3...3, using: &generator) }
      for row in rows { matrix.append(zip(noisy, row).reduce(0) { $0 + $1.0 * $1.1 }) }
    }
    let assignment = try LinearAssignment(
      costs: matrix, rows: count, columns: count, goal: .maximum)
    #expect(assignment.columns == order.map { $0 })
  }

  @Test func `costs of very different sizes are compared without loss`() throws {
    // In single precision 2^24 + 1 is 2^24: both assignments would look equal.
    let matrix: [Float] = [16_777_216, 1, 16_777_216, 0]
    let assignment = try LinearAssignment(costs: matrix, rows: 2, columns: 2, goal: .maximum)
    #expect(assignment.columns == [1, 0])
    #expect(assignment.total == 16_777_217)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `a cost that is not finite is refused with its place`(bad: Float) {
    var matrix = [Float](repeating: 1, count: 12)
    matrix[7] = bad
    #expect(throws: MatchingError.nonFiniteCost(row: 1, column: 3)) {
      try LinearAssignment(costs: matrix, rows: 3, columns: 4, goal: .minimum)
    }
    #expect(throws: MatchingError.nonFiniteCost(row: 2, column: 1)) {
      try LinearAssignment(costs: matrix, rows: 4, columns: 3, goal: .minimum)
    }
  }

  @Test func `a wrong number of costs is refused`() {
    #expect(throws: MatchingError.costCount(rows: 2, columns: 2, found: 3)) {
      try LinearAssignment(costs: [1, 2, 3], rows: 2, columns: 2, goal: .minimum)
    }
  }
}
