/// The cheap first phases, which assign most rows. Jonker, Volgenant 1987, steps 1 to 3.
extension ShortestAugmentingPaths {
  /// Copies the costs in.
  ///
  /// - Parameters:
  ///   - source: Shape `[rows, columns]`, or `[columns, rows]` when `transposed`.
  ///   - transposed: Whether the source's rows are this problem's columns.
  ///   - negated: Whether the signs are flipped.
  /// - Returns: `false` when a cost is not finite.
  func load(_ source: [Float], transposed: Bool, negated: Bool) -> Bool {
    let sign: Float = negated ? -1 : 1
    var allFinite = true
    source.withUnsafeBufferPointer { source in
      for row in 0..<rows {
        let target = costs + row * stride
        // 0 x is 0 for a finite x and NaN otherwise, and NaN stays in a sum.
        var check = SIMD8<Float>.zero
        for column in columns..<stride { target[column] = .infinity }
        if transposed {
          for column in 0..<columns {
            let cost = source[column * rows + row]
            check[0] += cost * 0
            target[column] = cost * sign
          }
        } else {
          let start = UnsafeRawPointer(source.baseAddress.unsafelyUnwrapped + row * columns)
          let whole = columns / 8 * 8
          for column in Swift.stride(from: 0, to: whole, by: 8) {
            let values = start.loadUnaligned(fromByteOffset: column * 4, as: SIMD8<Float>.self)
            check += values * 0
            UnsafeMutableRawPointer(target + column).storeBytes(
              of: values * sign, as: SIMD8<Float>.self)
          }
          for column in whole..<columns {
            let cost = source[row * columns + column]
            check[0] += cost * 0
            target[column] = cost * sign
          }
        }
        if check.sum() != 0 { allFinite = false }
      }
    }
    return allFinite
  }

  /// Gives every column its least cost as its price, and to that row if it is still free.
  ///
  /// Leaves in `freeRows`, by row, the number of columns that wanted it.
  func reduceColumns() {
    typealias Costs = SIMD8<Float>
    // The working arrays of the last phase serve here: least costs, and the rows that have them.
    let leastRows = predecessors
    for start in Swift.stride(from: 0, to: stride, by: 256) {
      let end = min(start + 256, stride)
      for column in Swift.stride(from: start, to: end, by: 8) {
        var least = Costs(repeating: .infinity)
        var leastRow = SIMD8<Int32>.zero
        var place = UnsafeRawPointer(costs + column)
        for row in 0..<rows {
          let cost = place.load(as: Costs.self)
          let isLess = cost .< least
          least.replace(with: cost, where: isLess)
          leastRow.replace(with: Int32(row), where: isLess)
          place += stride * MemoryLayout<Float>.stride
        }
        for lane in 0..<8 where column + lane < columns {
          prices[column + lane] = Double(least[lane])
          leastRows[column + lane] = leastRow[lane]
        }
      }
    }
    let claims = freeRows
    claims.update(repeating: 0, count: rows)
    for column in (0..<columns).reversed() {
      let row = Int(leastRows[column])
      claims[row] += 1
      if claims[row] == 1 {
        assignedColumn[row] = Int32(column)
        assignedRow[column] = Int32(row)
      }
    }
  }

  /// Lowers the price of the column of every row that only one column wanted, as far as the row's
  /// second best allows.
  func transferReductions() {
    guard columns > 1 else { return }
    let claims = freeRows
    for row in 0..<rows where claims[row] == 1 {
      let column = Int(assignedColumn[row])
      let two = twoLeast(inRow: row)
      let own = Double(costs[row * stride + column]) - prices[column]
      let other = column == two.column ? two.second : two.first
      prices[column] -= other - own
    }
  }

  /// Lets every free row take its best column and lower that column's price until the second best
  /// is as good; a row thrown out goes on in turn.
  func reduceRows() {
    // Without a limit, nearly equal costs can lower prices by one unit in the last place at a time.
    var steps = 8 * rows
    for _ in 0..<2 {
      let count = freeRowCount
      var next = 0
      freeRowCount = 0
      while next < count {
        let row = Int(freeRows[next])
        next += 1
        guard steps > 0, columns > 1 else {
          freeRows[freeRowCount] = Int32(row)
          freeRowCount += 1
          continue
        }
        steps -= 1
        let two = twoLeast(inRow: row)
        var column = two.column
        var evicted = assignedRow[column]
        let lowered = prices[column] - (two.second - two.first)
        let isLower = lowered < prices[column]
        if isLower {
          prices[column] = lowered
        } else if evicted >= 0, let other = nextColumn(inRow: row, of: two.first, after: column) {
          column = other
          evicted = assignedRow[column]
        }
        assignedColumn[row] = Int32(column)
        assignedRow[column] = Int32(row)
        guard evicted >= 0 else { continue }
        assignedColumn[Int(evicted)] = -1
        if isLower {
          next -= 1
          freeRows[next] = evicted
        } else {
          freeRows[freeRowCount] = evicted
          freeRowCount += 1
        }
      }
    }
  }

  /// The least reduced cost of a row, its first column, and the second least (equal in a tie).
  private func twoLeast(inRow row: Int) -> (first: Double, column: Int, second: Double) {
    let costs = UnsafeRawPointer(self.costs + row * stride)
    let prices = UnsafeRawPointer(self.prices)
    var first = Lanes(repeating: .infinity)
    var second = first
    for column in Swift.stride(from: 0, to: stride, by: 8) {
      let reduced = reducedCosts(costs, prices, column)
      let greater = first.replacing(with: reduced, where: first .< reduced)
      second.replace(with: greater, where: greater .< second)
      first.replace(with: reduced, where: reduced .< first)
    }
    let least = first.min()
    var runnerUp = second.min()
    var isFirst = true
    for lane in 0..<8 {
      if first[lane] == least, isFirst {
        isFirst = false
      } else {
        runnerUp = min(runnerUp, first[lane])
      }
    }
    return (least, nextColumn(inRow: row, of: least, after: -1) ?? 0, runnerUp)
  }

  /// The first column after `column` whose reduced cost in `row` is exactly `value`.
  private func nextColumn(inRow row: Int, of value: Double, after column: Int) -> Int? {
    let costs = UnsafeRawPointer(self.costs + row * stride)
    let prices = UnsafeRawPointer(self.prices)
    for start in Swift.stride(from: (column + 1) / 8 * 8, to: stride, by: 8) {
      let isEqual = reducedCosts(costs, prices, start) .== value
      guard any(isEqual) else { continue }
      for lane in 0..<8 where isEqual[lane] && start + lane > column { return start + lane }
    }
    return nil
  }

  @inline(__always)
  func reducedCosts(_ costs: UnsafeRawPointer, _ prices: UnsafeRawPointer, _ column: Int) -> Lanes {
    Lanes(costs.load(fromByteOffset: column * 4, as: SIMD8<Float>.self))
      - prices.load(fromByteOffset: column * 8, as: Lanes.self)
  }
}
