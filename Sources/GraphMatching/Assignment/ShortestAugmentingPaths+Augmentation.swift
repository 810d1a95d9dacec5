/// The last phase: Dijkstra's search from one free row over reduced costs.
extension ShortestAugmentingPaths {
  /// The nearest free column found so far.
  private struct Target {
    var distance = Double.infinity
    var column = -1
  }

  /// Assigns `root` along a shortest alternating path to a free column, and lowers the prices of
  /// the columns passed so that reduced costs stay at least those of the assigned places.
  ///
  /// Only assigned columns nearer than the nearest free one wait in `distances`: no other can be
  /// on the path. A visited column's distance is minus infinity, so that nothing improves it.
  /// Nearly all places fail to shorten anything; `limits` finds that out in single precision, and
  /// errs only towards looking closer.
  func augment(from root: Int) {
    var target = nearestFreeColumn(inRow: root)
    startDistances(row: root, below: target.distance)
    var visitedCount = 0
    while let (column, distance) = popNearest(below: target.distance) {
      visited[visitedCount] = Int32(column)
      visitedDistances[visitedCount] = distance
      visitedCount += 1
      relax(row: Int(assignedRow[column]), over: column, at: distance, target: &target)
    }
    for index in 0..<visitedCount {
      prices[Int(visited[index])] += visitedDistances[index] - target.distance
    }
    takePath(to: target.column, from: root)
  }

  private func nearestFreeColumn(inRow row: Int) -> Target {
    var target = Target()
    for index in 0..<freeColumnCount {
      let column = Int(freeColumns[index])
      let distance = Double(costs[row * stride + column]) - prices[column]
      if distance < target.distance { target = Target(distance: distance, column: column) }
    }
    return target
  }

  private func startDistances(row: Int, below limit: Double) {
    let costs = UnsafeRawPointer(self.costs + row * stride)
    let prices = UnsafeRawPointer(self.prices)
    let infinite = Lanes(repeating: .infinity)
    for block in 0..<blockCount {
      var least = infinite
      let start = block * Self.blockSize
      for column in Swift.stride(from: start, to: start + Self.blockSize, by: 8) {
        let reduced = reducedCosts(costs, prices, column)
        let kept = infinite.replacing(with: reduced, where: reduced .< limit)
        UnsafeMutableRawPointer(distances + column).storeBytes(of: kept, as: Lanes.self)
        least.replace(with: kept, where: kept .< least)
        let price = UnsafeRawPointer(self.prices + column).load(as: Lanes.self)
        let nearest = kept.replacing(with: limit, where: limit .< kept)
        UnsafeMutableRawPointer(limits + column).storeBytes(
          of: Self.roundedUp(price + nearest), as: SIMD8<Float>.self)
      }
      blockMinima[block] = least.min()
    }
    predecessors.update(repeating: Int32(row), count: stride)
  }

  /// Takes the waiting column of the least distance, if that is below `limit`.
  private func popNearest(below limit: Double) -> (column: Int, distance: Double)? {
    var block = 0
    var distance = Double.infinity
    for candidate in 0..<blockCount where blockMinima[candidate] < distance {
      block = candidate
      distance = blockMinima[candidate]
    }
    guard distance < limit else { return nil }
    var found = -1
    var rest = Double.infinity
    for column in block * Self.blockSize..<(block + 1) * Self.blockSize {
      let other = distances[column]
      if found < 0, other == distance {
        found = column
      } else if other > -.infinity {
        rest = min(rest, other)
      }
    }
    distances[found] = -.infinity
    limits[found] = -.infinity
    blockMinima[block] = rest
    return (found, distance)
  }

  /// Shortens distances by going on from `row`, whose column `entry` is at `distance`.
  private func relax(row: Int, over entry: Int, at distance: Double, target: inout Target) {
    let costs = UnsafeRawPointer(self.costs + row * stride)
    let limits = UnsafeRawPointer(self.limits)
    let base = distance - (Double(assignedCosts[row]) - prices[entry])
    // `cost - limit` in single precision is off by at most 2^-24 of itself, less than is added here.
    let threshold = Self.roundedUp(Lanes(repeating: -base))
    let before = target.distance
    for block in 0..<blockCount {
      let start = block * Self.blockSize
      var isNear = SIMDMask<SIMD8<Int32>>(repeating: false)
      for column in Swift.stride(from: start, to: start + Self.blockSize, by: 8) {
        let cost = costs.load(fromByteOffset: column * 4, as: SIMD8<Float>.self)
        let limit = limits.load(fromByteOffset: column * 4, as: SIMD8<Float>.self)
        isNear .|= (cost - limit) .< threshold
      }
      if any(isNear) { relax(row: row, block: block, base: base, target: &target) }
    }
    if target.distance < before { lowerLimits(to: target.distance) }
  }

  /// Compares one block's distances in full precision, and stores the shorter ones.
  private func relax(row: Int, block: Int, base: Double, target: inout Target) {
    let costs = self.costs + row * stride
    for column in block * Self.blockSize..<(block + 1) * Self.blockSize {
      let reached = Double(costs[column]) - prices[column] + base
      guard reached < distances[column], reached < target.distance else { continue }
      predecessors[column] = Int32(row)
      if assignedRow[column] < 0 {
        target = Target(distance: reached, column: column)
      } else {
        distances[column] = reached
        limits[column] = Self.roundedUp(Lanes(repeating: prices[column] + reached))[0]
        blockMinima[block] = min(blockMinima[block], reached)
      }
    }
  }

  private func lowerLimits(to distance: Double) {
    let prices = UnsafeRawPointer(self.prices)
    for column in Swift.stride(from: 0, to: stride, by: 8) {
      let price = prices.load(fromByteOffset: column * 8, as: Lanes.self)
      let limit = Self.roundedUp(price + distance)
      var current = UnsafeRawPointer(limits + column).load(as: SIMD8<Float>.self)
      current.replace(with: limit, where: limit .< current)
      UnsafeMutableRawPointer(limits + column).storeBytes(of: current, as: SIMD8<Float>.self)
    }
  }

  /// Single precision and not below the values: 2^-22 of them and the least normal number above.
  @inline(__always)
  private static func roundedUp(_ values: Lanes) -> SIMD8<Float> {
    let nearest = SIMD8<Float>(values)
    let size = nearest.replacing(with: -nearest, where: nearest .< 0)
    return nearest + (size * 0x1p-22 + Float.leastNormalMagnitude)
  }

  private func takePath(to end: Int, from root: Int) {
    if let index = (0..<freeColumnCount).first(where: { freeColumns[$0] == end }) {
      freeColumnCount -= 1
      freeColumns[index] = freeColumns[freeColumnCount]
    }
    var column = end
    while true {
      let row = Int(predecessors[column])
      assignedRow[column] = Int32(row)
      let previous = Int(assignedColumn[row])
      assignedColumn[row] = Int32(column)
      assignedCosts[row] = costs[row * stride + column]
      if row == root { return }
      column = previous
    }
  }
}
