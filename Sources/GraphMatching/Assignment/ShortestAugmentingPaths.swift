/// The working memory of a ``LinearAssignment`` that minimises, with at least as many columns as rows.
///
/// Names follow the papers: a column's price is its dual `v`; the reduced cost of a place is
/// `cost - price`; a free row or column is one not yet assigned.
final class ShortestAugmentingPaths {
  typealias Lanes = SIMD8<Double>
  /// Columns are padded to whole blocks, each with its own least distance.
  static let blockSize = 32

  let rows: Int
  let columns: Int
  /// The padded number of columns; padding costs infinity and is never assigned.
  let stride: Int
  var blockCount: Int { stride / Self.blockSize }

  let costs: UnsafeMutablePointer<Float>
  let prices: UnsafeMutablePointer<Double>
  let distances: UnsafeMutablePointer<Double>
  /// By column, a cost below which a row at distance 0 could shorten the column's distance, rounded
  /// up to single precision; minus infinity for a visited column.
  let limits: UnsafeMutablePointer<Float>
  let blockMinima: UnsafeMutablePointer<Double>
  let visitedDistances: UnsafeMutablePointer<Double>
  let visited: UnsafeMutablePointer<Int32>
  let predecessors: UnsafeMutablePointer<Int32>
  /// By row its column, by column its row; -1 where free.
  let assignedColumn: UnsafeMutablePointer<Int32>
  let assignedRow: UnsafeMutablePointer<Int32>
  /// By assigned row the cost of its place, so that a search need not fetch it from the matrix.
  let assignedCosts: UnsafeMutablePointer<Float>
  let freeRows: UnsafeMutablePointer<Int32>
  let freeColumns: UnsafeMutablePointer<Int32>
  var freeRowCount = 0
  var freeColumnCount = 0

  private let memory: UnsafeMutableRawPointer

  init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    stride = (columns + Self.blockSize - 1) / Self.blockSize * Self.blockSize
    var arena = Arena()
    let costs = arena.place(Float.self, rows * stride)
    let prices = arena.place(Double.self, stride)
    let distances = arena.place(Double.self, stride)
    let limits = arena.place(Float.self, stride)
    let blockMinima = arena.place(Double.self, stride / Self.blockSize)
    let visitedDistances = arena.place(Double.self, stride)
    let visited = arena.place(Int32.self, stride)
    let predecessors = arena.place(Int32.self, stride)
    let assignedColumn = arena.place(Int32.self, rows)
    let assignedRow = arena.place(Int32.self, stride)
    let assignedCosts = arena.place(Float.self, rows)
    let freeRows = arena.place(Int32.self, rows)
    let freeColumns = arena.place(Int32.self, stride)
    memory = UnsafeMutableRawPointer.allocate(
      byteCount: max(arena.byteCount, 1), alignment: Arena.alignment)
    self.costs = costs.bound(in: memory)
    self.prices = prices.bound(in: memory)
    self.distances = distances.bound(in: memory)
    self.limits = limits.bound(in: memory)
    self.blockMinima = blockMinima.bound(in: memory)
    self.visitedDistances = visitedDistances.bound(in: memory)
    self.visited = visited.bound(in: memory)
    self.predecessors = predecessors.bound(in: memory)
    self.assignedColumn = assignedColumn.bound(in: memory)
    self.assignedRow = assignedRow.bound(in: memory)
    self.assignedCosts = assignedCosts.bound(in: memory)
    self.freeRows = freeRows.bound(in: memory)
    self.freeColumns = freeColumns.bound(in: memory)
    self.prices.update(repeating: 0, count: stride)
    self.assignedColumn.update(repeating: -1, count: rows)
    self.assignedRow.update(repeating: -1, count: stride)
  }

  deinit { memory.deallocate() }

  /// Finds the optimum of the loaded costs.
  func solve() {
    guard rows > 0 else { return }
    if rows == columns {
      reduceColumns()
      transferReductions()
    }
    collectFreeRows()
    reduceRows()
    collectFreeColumns()
    for row in 0..<rows where assignedColumn[row] >= 0 {
      assignedCosts[row] = costs[row * stride + Int(assignedColumn[row])]
    }
    for index in 0..<freeRowCount { augment(from: Int(freeRows[index])) }
  }

  var columnOfRow: [Int?] { (0..<rows).map { Int(assignedColumn[$0]) } }

  var rowOfColumn: [Int?] {
    (0..<columns).map { assignedRow[$0] < 0 ? nil : Int(assignedRow[$0]) }
  }

  var columnDuals: [Double] { (0..<columns).map { prices[$0] } }

  var rowDuals: [Double] {
    (0..<rows).map { row in
      let column = Int(assignedColumn[row])
      return Double(costs[row * stride + column]) - prices[column]
    }
  }

  private func collectFreeRows() {
    freeRowCount = 0
    for row in 0..<rows where assignedColumn[row] < 0 {
      freeRows[freeRowCount] = Int32(row)
      freeRowCount += 1
    }
  }

  private func collectFreeColumns() {
    freeColumnCount = 0
    for column in 0..<columns where assignedRow[column] < 0 {
      freeColumns[freeColumnCount] = Int32(column)
      freeColumnCount += 1
    }
  }
}

/// Lays several arrays out in one allocation.
private struct Arena {
  static let alignment = 64
  private(set) var byteCount = 0

  struct Slot<Element: BitwiseCopyable> {
    let offset: Int
    let count: Int

    func bound(in memory: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Element> {
      (memory + offset).bindMemory(to: Element.self, capacity: count)
    }
  }

  mutating func place<Element>(_: Element.Type, _ count: Int) -> Slot<Element> {
    defer {
      let bytes = count * MemoryLayout<Element>.stride
      byteCount += (bytes + Self.alignment - 1) / Self.alignment * Self.alignment
    }
    return Slot(offset: byteCount, count: count)
  }
}
