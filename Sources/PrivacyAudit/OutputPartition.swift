/// A way to sort what a trial shows into a few cells, of which an attack makes its event.
struct OutputPartition: Sendable {
  /// What is looked at.
  enum Feature: String, CaseIterable, Sendable {
    /// The attacked value's output.
    case output
    /// Both outputs, coarsely.
    case pair = "output beside its companion's"
    /// How far apart they are, and whether they are the same.
    case difference = "difference to the companion's output"
    /// The place of the last binary digit that is 1. Outputs of floating-point noise betray what they
    /// were added to there (Mironov 2012, "On significance of the least significant bits for
    /// differential privacy", section 4).
    case lastDigit = "last binary digit"
  }

  typealias Observation = AuditedRelease.Observation

  private static let fineCells = 128
  private static let coarseCells = 16
  /// Of 2^-1074 to 2^1023, the places in which a last digit is told apart, and 0.
  private static let digits = -128...128

  let feature: Feature
  private let targets: [Double]
  private let others: [Double]

  /// - Parameter sample: Observations of both inputs, from which the cells' edges are taken.
  init(_ feature: Feature, of sample: [Observation]) {
    self.feature = feature
    switch feature {
    case .output:
      targets = Self.edges(sample.map(\.target), cells: Self.fineCells)
      others = []
    case .pair:
      targets = Self.edges(sample.map(\.target), cells: Self.coarseCells)
      others = Self.edges(sample.map(\.companion), cells: Self.coarseCells)
    case .difference:
      targets = Self.edges(sample.map { $0.target - $0.companion }, cells: Self.fineCells)
      others = []
    case .lastDigit:
      targets = []
      others = []
    }
  }

  var cellCount: Int {
    switch feature {
    case .output: targets.count + 1
    case .pair: (targets.count + 1) * (others.count + 1)
    case .difference: 2 * (targets.count + 1)
    case .lastDigit: Self.digits.count + 1
    }
  }

  /// In `0 ..< cellCount`.
  func cell(of seen: Observation) -> Int {
    switch feature {
    case .output: Self.place(of: seen.target, among: targets)
    case .pair:
      Self.place(of: seen.target, among: targets) * (others.count + 1)
        + Self.place(of: seen.companion, among: others)
    case .difference:
      2 * Self.place(of: seen.target - seen.companion, among: targets)
        + (seen.target == seen.companion ? 1 : 0)
    case .lastDigit: Self.lastDigit(of: seen.target)
    }
  }

  /// How often each cell is seen.
  func counts(_ observations: ArraySlice<Observation>) -> [Int] {
    var counts = [Int](repeating: 0, count: cellCount)
    for seen in observations { counts[cell(of: seen)] += 1 }
    return counts
  }

  /// Where cells begin, increasing: at every value but the least if there are few, or at quantiles.
  private static func edges(_ values: [Double], cells: Int) -> [Double] {
    let sorted = values.filter { !$0.isNaN }.sorted()
    guard let least = sorted.first else { return [] }
    var edges: [Double] = []
    for value in sorted where value > edges.last ?? least {
      edges.append(value)
      if edges.count == cells { break }
    }
    if edges.count < cells { return edges }
    edges = []
    for cell in 1..<cells {
      let value = sorted[cell * sorted.count / cells]
      if value > edges.last ?? least { edges.append(value) }
    }
    return edges
  }

  /// The number of edges at or below a value.
  private static func place(of value: Double, among edges: [Double]) -> Int {
    var (low, high) = (0, edges.count)
    while low < high {
      let middle = (low + high) / 2
      if edges[middle] <= value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private static func lastDigit(of value: Double) -> Int {
    guard value != 0, value.isFinite else { return digits.count }
    let place = Int(value.exponent) - value.significandWidth
    return min(max(place, digits.lowerBound), digits.upperBound) - digits.lowerBound
  }
}
