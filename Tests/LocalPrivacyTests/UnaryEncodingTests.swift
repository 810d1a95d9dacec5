import BigInt
import LocalPrivacy
import Testing

@Suite struct UnaryEncodingTests {
  static let odds = [Odds(favoured: 7, other: 4), Odds(favoured: 23, other: 2)]

  /// The weight of every answer, a number whose bits are the categories', through the code that
  /// samples: all values of all coins, each with its weight over 2 S.
  static func weights(_ odds: Odds, categories: Int, label: Int) -> [BigInt] {
    let total = BigInt(odds.favoured + odds.other)
    var weights = [Int: BigInt](uniqueKeysWithValues: [(0, BigInt(1))])
    for category in 0..<categories {
      var next: [Int: BigInt] = [:]
      for present in UInt64(0)...1 {
        for absent in UInt64(0)...1 {
          let bit = UnaryEncoding.bit(
            of: UInt64(category), label: UInt64(label), present: present, absent: absent)
          let weight = total * BigInt(absent == 1 ? odds.other : odds.favoured)
          for (answer, earlier) in weights {
            next[answer | Int(bit) << category, default: 0] += earlier * weight
          }
        }
      }
      weights = next
    }
    return (0..<(1 << categories)).map { weights[$0, default: 0] }
  }

  @Test(arguments: [2, 3, 4, 6])
  func `every answer has its exact weight, and the greatest ratio is the odds`(categories: Int)
    throws
  {
    for odds in Self.odds {
      let total = BigInt(odds.favoured + odds.other)
      let tables = (0..<categories).map {
        Self.weights(odds, categories: categories, label: $0)
      }
      for (label, table) in tables.enumerated() {
        for (answer, weight) in table.enumerated() {
          // 1/2 at the label, q or 1 - q elsewhere, over (2 S²)^k.
          var expected = BigInt(1)
          for category in 0..<categories {
            expected *=
              category == label
              ? total * total
              : 2 * total * BigInt(answer >> category & 1 == 1 ? odds.other : odds.favoured)
          }
          #expect(weight == expected)
        }
        #expect(table.reduce(0, +) == (2 * total * total).power(categories))
      }
      var isReached = false
      for one in tables {
        for other in tables {
          for (a, b) in zip(one, other) {
            #expect(a * BigInt(odds.other) <= b * BigInt(odds.favoured))
            if a * BigInt(odds.other) == b * BigInt(odds.favoured) { isReached = true }
          }
        }
      }
      #expect(isReached)
    }
  }

  @Test(arguments: [2, 4])
  func `estimates are unbiased exactly, and have the variance that is stated`(categories: Int)
    throws
  {
    for odds in Self.odds {
      let encoding = try UnaryEncoding(categories: categories, odds: odds)
      let table = Self.weights(odds, categories: categories, label: 1)
      let all = table.reduce(0, +)
      let gap = BigInt(odds.favoured) - BigInt(odds.other)
      for category in 0..<categories {
        // 2 favoured / gap for a bit of 1, -2 other / gap for 0.
        let estimates = [-2 * BigInt(odds.other), 2 * BigInt(odds.favoured)]
        var (mean, second) = (BigInt(0), BigInt(0))
        for (answer, weight) in table.enumerated() {
          let estimate = estimates[answer >> category & 1]
          mean += weight * estimate
          second += weight * estimate * estimate
        }
        let isPresent = category == 1
        #expect(mean == (isPresent ? all * gap : 0))
        let variance = Double(second) / Double(all * gap * gap) - (isPresent ? 1 : 0)
        #expect(abs(encoding.variance(ofPresent: isPresent) - variance) < 1e-13 * (1 + variance))
        #expect(variance <= encoding.worstVariance * (1 + 1e-13))
      }
    }
  }

  /// Wang et al. 2017: 4 e^epsilon / (e^epsilon - 1)² for rare categories, whatever k is, and less than
  /// randomised response from k = 3 e^epsilon + 2 on.
  @Test func `the variance is the paper's`() throws {
    for (epsilon, expected) in [(0.5, 15.67), (1, 3.683), (2, 0.7241), (4, 0.07603)] {
      let unary = try UnaryEncoding(categories: 1000, epsilon: epsilon)
      #expect((unary.variance(ofPresent: false) / expected - 1).magnitude < 1e-3)
    }
    for (categories, isBetter) in [(10, false), (11, true)] {
      let unary = try UnaryEncoding(categories: categories, epsilon: 1)
      let response = try RandomizedResponse(categories: categories, epsilon: 1)
      #expect(
        (unary.variance(ofPresent: false) < response.variance(ofPresent: false)) == isBetter)
    }
  }

  /// z-tests at 6 deviations: a false failure at most once in 1e7 runs.
  @Test func `a label costs its loss once, and its bits travel as bits`() throws {
    var ledger = BudgetLedger(budget: try .model(epsilon: 20_000, delta: 0))
    let (count, categories) = (20_000, 10)
    let unary = try UnaryEncoding(categories: categories, epsilon: 1)
    let released = try ledger.release(
      [Int](repeating: 4, count: count), through: unary, as: "labels")
    #expect(released.count == count && released.outputs.count == count * categories)
    #expect(ledger.expenditures.map(\.count) == [count])
    let loss = try ledger.composedLoss(delta: 0).basic
    #expect(loss <= 20_000 && loss > 19_999)
    #expect(released.byteCount == count * categories / 8)
    #expect(released.encoding.bitsPerOutput == categories)
    let estimates = released.estimates()
    for category in 0..<categories {
      let sum = stride(from: category, to: estimates.count, by: categories).reduce(0.0) {
        $0 + Double(estimates[$1])
      }
      let variance = unary.variance(ofPresent: category == 4)
      #expect(
        (sum / Double(count) - (category == 4 ? 1 : 0)).magnitude
          < 6 * (variance / Double(count)).squareRoot() + 1e-6)
    }
    let packed = PackedRelease(released)
    let received = try packed.received(as: "labels", encoding: .unary(unary), count: count)
    #expect(received == Received(released) && received.count == count)
    #expect(throws: PrivacyError.self) {
      try ledger.release([0], through: unary, as: "one more")
    }
  }

  @Test func `malformed bits are refused`() throws {
    let encoding = ReleaseEncoding.unary(try UnaryEncoding(categories: 5, epsilon: 1))
    #expect(try encoding.unpack([0b1010_0110, 0b01], count: 2) == [0, 1, 1, 0, 0, 1, 0, 1, 1, 0])
    #expect(throws: PrivacyError.packedLength(expected: 2, found: 1)) {
      try encoding.unpack([0], count: 2)
    }
    #expect(throws: PrivacyError.packedLength(expected: .max, found: 0)) {
      try encoding.unpack([], count: .max)
    }
    // A spare bit is set.
    #expect(throws: PrivacyError.outputOutOfRange(position: 2)) {
      try encoding.unpack([0, 0b100], count: 2)
    }
  }

  @Test func `labels that are no categories, and too many categories, are refused`() throws {
    var ledger = BudgetLedger(budget: nil)
    let unary = try UnaryEncoding(categories: 1 << 16, epsilon: 1)
    for label in [-1, 1 << 16, .min, .max] {
      #expect(throws: PrivacyError.labelOutOfRange(categories: 1 << 16)) {
        try ledger.release([label], through: unary, as: "labels")
      }
    }
    #expect(ledger.expenditures.isEmpty)
    let released = try ledger.release([65_535], through: unary, as: "labels")
    #expect(released.outputs.count == 1 << 16 && released.count == 1)
    for categories in [Int.min, 0, 1, 1 << 16 + 1, .max] {
      #expect(throws: PrivacyError.categoriesOutOfRange(categories, greatest: 1 << 16)) {
        try UnaryEncoding(categories: categories, epsilon: 1)
      }
    }
  }
}
