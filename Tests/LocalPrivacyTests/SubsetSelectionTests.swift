import BigInt
import LocalPrivacy
import Testing

@Suite struct SubsetSelectionTests {
  /// All values of the coin and of the picks, through the code that samples.
  static func counts(_ selection: SubsetSelection, _ label: UInt64) -> [Int32: BigInt] {
    var drawn: [[UInt64]] = [[]]
    for count in selection.pickCounts {
      drawn = drawn.flatMap { picks in (0..<count).map { picks + [$0] } }
    }
    var counts: [Int32: BigInt] = [:]
    for coin in 0..<selection.coinWeight {
      for picks in drawn {
        counts[selection.output(label, coin: coin, picks: picks), default: 0] += 1
      }
    }
    return counts
  }

  static let small: [(categories: Int, size: Int)] = (2...6).flatMap { categories in
    (1..<categories).map { (categories, $0) }
  }

  @Test(arguments: small)
  func `every set has its exact weight`(categories: Int, size: Int) throws {
    let odds = Odds(favoured: 13, other: 4)
    let selection = try SubsetSelection(categories: categories, odds: odds, subsetSize: size)
    for label in 0..<categories {
      let counts = Self.counts(selection, UInt64(label))
      #expect(counts.count == selection.subsetCount)
      let inside = counts.filter { selection.subset(of: $0.key).contains(label) }
      let outside = counts.filter { !selection.subset(of: $0.key).contains(label) }
      // Sets that hold the label are alike, sets that do not are alike, and the ratio is the odds'.
      let high = try #require(inside.values.first)
      let low = try #require(outside.values.first)
      #expect(inside.values.allSatisfy { $0 == high })
      #expect(outside.values.allSatisfy { $0 == low })
      #expect(high * 4 == low * 13)
      let total = counts.values.reduce(0, +)
      #expect(abs(selection.insideProbability - Double(high) / Double(total)) < 1e-15)
      #expect(abs(selection.outsideProbability - Double(low) / Double(total)) < 1e-15)
      let held = inside.values.reduce(0, +)
      #expect(abs(selection.holdProbability - Double(held) / Double(total)) < 1e-15)
    }
  }

  @Test(arguments: small)
  func `every set has one number`(categories: Int, size: Int) throws {
    let selection = try SubsetSelection(
      categories: categories, odds: Odds(favoured: 3, other: 2), subsetSize: size)
    let sets = (0..<Int32(selection.subsetCount)).map { selection.subset(of: $0) }
    #expect(Set(sets).count == selection.subsetCount)
    for set in sets {
      #expect(set.count == size && set == set.sorted() && Set(set).count == size)
      #expect(set.allSatisfy { (0..<categories).contains($0) })
    }
  }

  @Test func `a one-element set is randomised response`() throws {
    let odds = Odds(favoured: 29, other: 3)
    let selection = try SubsetSelection(categories: 7, odds: odds, subsetSize: 1)
    let response = try RandomizedResponse(categories: 7, odds: odds)
    #expect(abs(selection.insideProbability - response.keepProbability) < 1e-15)
    #expect(abs(selection.outsideProbability - response.otherProbability) < 1e-15)
    #expect(abs(selection.worstVariance - response.worstVariance) < 1e-12)
  }

  /// Of all sizes, by the noise in all categories' estimates together.
  @Test(arguments: [0.001, 0.1, 0.5, 1, 1.5, 2, 2.7, 5], [2, 3, 10, 31, 32])
  func `the size is the best`(epsilon: Double, categories: Int) throws {
    let odds = try Odds(epsilon: epsilon)
    func risk(_ size: Int) throws -> Double {
      let one = try SubsetSelection(categories: categories, odds: odds, subsetSize: size)
      return one.variance(ofPresent: true) + Double(categories - 1) * one.variance(ofPresent: false)
    }
    let best = try SubsetSelection(categories: categories, epsilon: epsilon).subsetSize
    let risks = try (1..<categories).map { try risk($0) }
    let least = try #require(risks.min())
    // Equal risks are apart by rounding.
    #expect(try risk(best) <= least * (1 + 1e-9))
  }

  @Test(arguments: [0.001, 0.1, 1, 2, 2.69, 7.3, 20], [2, 10, 32])
  func `the loss is at most what was asked for`(epsilon: Double, categories: Int) throws {
    let selection = try SubsetSelection(categories: categories, epsilon: epsilon)
    #expect(selection.epsilon <= epsilon && selection.epsilon > epsilon - 1e-6)
    #expect(selection.logLikelihoodRatio <= selection.epsilon)
    let sum =
      Double(selection.subsetCount)
      * (Double(selection.subsetSize) * selection.insideProbability
        + Double(categories - selection.subsetSize) * selection.outsideProbability)
      / Double(categories)
    #expect(abs(sum - 1) < 1e-12)
  }

  @Test func `what it can't take is refused`() {
    for categories in [Int.min, 0, 1, 33, .max] {
      #expect(throws: PrivacyError.categoriesOutOfRange(categories, greatest: 32)) {
        try SubsetSelection(categories: categories, epsilon: 1)
      }
    }
    for epsilon in [0, -1, 0.0009, 20.1, .nan, .infinity, .greatestFiniteMagnitude] {
      #expect(throws: PrivacyError.self) { try SubsetSelection(categories: 10, epsilon: epsilon) }
    }
  }

  @Test func `packed sets come back and take the least number of bits`() throws {
    var ledger = BudgetLedger(budget: nil)
    // 10 over 3 is 120, and 32 over 16 is 601,080,390.
    for (categories, epsilon, bits) in [(10, 1.0, 7), (32, 0.01, 30), (2, 1, 1)] {
      let selection = try SubsetSelection(categories: categories, epsilon: epsilon)
      let labels = (0..<333).map { $0 % categories }
      let released = try ledger.release(labels, through: selection, as: "\(categories)")
      #expect(released.encoding.bitsPerOutput == bits)
      #expect(
        try released.encoding.unpack(released.packedBytes(), count: 333) == released.outputs)
    }
    let selection = try SubsetSelection(categories: 10, epsilon: 1)
    #expect(throws: PrivacyError.outputOutOfRange(position: 0)) {
      try ReleaseEncoding.subsets(selection).unpack([120], count: 1)
    }
  }

  @Test func `released sets are unbiased`() throws {
    var ledger = BudgetLedger(budget: nil)
    let selection = try SubsetSelection(categories: 10, epsilon: 1)
    let count = 200_000
    let released = try ledger.release(
      [Int](repeating: 4, count: count), through: selection, as: "sets")
    let indicators = released.estimates()
    for category in 0..<10 {
      let total = stride(from: category, to: indicators.count, by: 10).reduce(0.0) {
        $0 + Double(indicators[$1])
      }
      let variance = selection.variance(ofPresent: category == 4)
      // 10 tests at 6 standard deviations: a false failure at most once in 5e7 runs.
      #expect(
        (total / Double(count) - (category == 4 ? 1 : 0)).magnitude
          < 6 * (variance / Double(count)).squareRoot() + 1e-6)
    }
  }

  @Test func `answers over a model's whole budget are refused before a draw`() throws {
    let selection = try SubsetSelection(categories: 10, epsilon: 1)
    var ledger = BudgetLedger(budget: try .model(epsilon: 3, delta: 0))
    #expect(throws: PrivacyError.self) {
      try ledger.release([1, 2, 3, 4], through: selection, as: "votes")
    }
    #expect(ledger.expenditures.isEmpty)
    _ = try ledger.release([1, 2, 3], through: selection, as: "votes")
    let loss = try ledger.composedLoss(delta: 0)
    #expect(loss.unit == .model && loss.basic <= 3 && loss.basic > 2.999)
    #expect(throws: PrivacyError.labelOutOfRange(categories: 10)) {
      try ledger.release([10], through: selection, as: "more")
    }
  }
}
