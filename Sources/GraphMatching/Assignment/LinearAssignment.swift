/// An assignment of rows to columns, each used at most once, of the least or greatest total.
///
///     minimise  sum_i costs[i, column(i)]        over injective maps of the shorter side
///
/// Solved exactly by shortest augmenting paths: column reduction, reduction transfer, augmenting
/// row reduction, then Dijkstra's search for every row still free. Jonker, Volgenant 1987, "A
/// shortest augmenting path algorithm for dense and sparse linear assignment problems"; Crouse 2016,
/// "On implementing 2D rectangular assignment algorithms" for the rectangular case. Deviations: the
/// duals are `Double` although costs are `Float`, so that costs are compared without loss; columns
/// no nearer than the nearest free column are never queued; the row reduction is limited in steps.
///
/// The same costs always give the same assignment; among equal ones the choice is unspecified.
public struct LinearAssignment: Sendable {
  public enum Goal: Sendable { case minimum, maximum }

  /// For every row its column; `nil` for a row left over when there are more rows than columns.
  public let columns: [Int?]
  /// The total of the chosen costs.
  public let total: Double
  /// Dual variables `u`, one a row, and `v`, one a column, that prove the optimum:
  /// `u[i] + v[j] <= costs[i, j]` (`>=` for a maximum), with equality where `i` is assigned to `j`.
  /// A row or column left over has dual 0, and no other of its side is above 0 (below, for a maximum).
  public let rowDuals: [Double]
  public let columnDuals: [Double]

  /// Solves the assignment of `costs`.
  ///
  /// - Parameters:
  ///   - costs: Shape `[rows, columns]`, row-major, finite.
  ///   - rows: At least 0.
  ///   - columns: At least 0.
  ///   - goal: Whether the total is made least or greatest.
  /// - Throws: ``MatchingError/costCount(rows:columns:found:)`` when the number of costs is wrong,
  ///   ``MatchingError/nonFiniteCost(row:column:)`` for a NaN or an infinity,
  ///   ``MatchingError/tooLarge(rows:columns:)`` beyond 2^31 - 1 rows or columns.
  /// - Complexity: O(k² n) for a shorter side k and a longer side n; a matrix in which most rows
  ///   have a best column of their own takes O(k n).
  public init(costs: [Float], rows: Int, columns: Int, goal: Goal) throws(MatchingError) {
    precondition(rows >= 0 && columns >= 0, "\(rows) x \(columns) costs")
    let limit = Int(Int32.max) - 64
    guard rows <= limit, columns <= limit else {
      throw .tooLarge(rows: rows, columns: columns)
    }
    guard costs.count == rows * columns else {
      throw .costCount(rows: rows, columns: columns, found: costs.count)
    }
    let isTransposed = rows > columns
    let solver = ShortestAugmentingPaths(
      rows: min(rows, columns), columns: max(rows, columns))
    guard solver.load(costs, transposed: isTransposed, negated: goal == .maximum) else {
      let place = costs.firstIndex { !$0.isFinite } ?? 0
      throw .nonFiniteCost(row: place / columns, column: place % columns)
    }
    solver.solve()

    let sign: Double = goal == .maximum ? -1 : 1
    let short = solver.rowDuals.map { $0 * sign }
    let long = solver.columnDuals.map { $0 * sign }
    rowDuals = isTransposed ? long : short
    columnDuals = isTransposed ? short : long
    let assigned = isTransposed ? solver.rowOfColumn : solver.columnOfRow
    self.columns = assigned
    total = assigned.enumerated().reduce(0) { total, pair in
      pair.element.map { total + Double(costs[pair.offset * columns + $0]) } ?? total
    }
  }
}
