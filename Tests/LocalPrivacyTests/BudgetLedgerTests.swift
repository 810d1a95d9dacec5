import LocalPrivacy
import Testing

@Suite struct BudgetLedgerTests {
  static func values(_ count: Int) throws -> Clipped {
    try Clipped((0..<count).map { Float($0 % 7) / 7 - 0.4 }, radius: 0.5)
  }

  @Test func `a release over the budget is refused and spends nothing`() throws {
    var ledger = BudgetLedger(budget: try .model(epsilon: 10, delta: 0))
    let mechanism = try NumericMechanism(.duchi, epsilon: 1)
    _ = try ledger.release(Self.values(8), through: mechanism, as: "weights")
    let before = ledger.expenditures
    #expect(throws: PrivacyError.self) {
      try ledger.release(Self.values(3), through: mechanism, as: "bias")
    }
    #expect(ledger.expenditures == before)
    _ = try ledger.release(Self.values(2), through: mechanism, as: "bias")
    #expect(ledger.expenditures.map(\.count) == [8, 2])
    #expect(try ledger.composedLoss(delta: 0).tightest <= 10)
  }

  @Test func `every part of a large release has noise of its own, about its own values`() throws {
    let (parts, each) = (16, 1 << 14)
    // Part k is all (k - 8) / 10; they are drawn by several threads where there are several.
    let values = (0..<parts * each).map { Float($0 / each - 8) / 10 }
    let clipped = try Clipped(values, radius: 1)
    for kind in [NumericMechanism.Kind.duchi, .piecewise, .hybrid] {
      let mechanism = try NumericMechanism(kind, epsilon: 1)
      var ledger = BudgetLedger(budget: nil)
      let released = try ledger.release(clipped, through: mechanism, as: "values")
      #expect(released.count == values.count)
      let estimates = released.estimates()
      // 7 deviations: 48 means fail with a probability below 1e-9 together.
      let slack = 7 * (mechanism.worstVariance / Double(each)).squareRoot()
      for part in 0..<parts {
        let mean = estimates[part * each..<(part + 1) * each].reduce(0) { $0 + Double($1) }
        #expect(abs(mean / Double(each) - Double(part - 8) / 10) < slack, "\(kind) \(part)")
      }
      // Two parts with the same noise would agree in nearly all of 256 places. With noise of their own
      // they agree in all of them with a probability below 2^-50.
      let firsts = (0..<parts).map { Array(released.outputs[$0 * each..<$0 * each + 256]) }
      #expect(Set(firsts).count == parts)
    }
  }

  @Test func `a budget with a delta counts what holds for losses chosen on the way`() throws {
    // 100 losses of 0.1: optimal composition would let them pass at delta 1e-5, the sum of the
    // zero-concentrated losses, which is a filter, does not.
    let all = try Expenditure(
      name: "weights", count: 100, epsilon: NumericMechanism(.duchi, epsilon: 0.1).epsilon,
      unit: .value, mechanismName: "duchi")
    let loss = try Composition(ofModel: [all]).loss(delta: 1e-5)
    let zcdp = try #require(loss.zcdp)
    #expect(loss.tightest < zcdp && zcdp < loss.basic && loss.adaptive == zcdp)
    let between = (loss.tightest + zcdp) / 2
    let mechanism = try NumericMechanism(.duchi, epsilon: 0.1)
    var ledger = BudgetLedger(budget: try .model(epsilon: between, delta: 1e-5))
    #expect(throws: PrivacyError.self) {
      try ledger.release(Self.values(100), through: mechanism, as: "weights")
    }
    #expect(ledger.expenditures.isEmpty)
    var wider = BudgetLedger(budget: try .model(epsilon: zcdp, delta: 1e-5))
    _ = try wider.release(Self.values(100), through: mechanism, as: "weights")
    // Where the sum is less, it counts.
    let few = try Expenditure(
      name: "few", count: 2, epsilon: 0.1, unit: .value, mechanismName: "duchi")
    let sum = try Composition(ofModel: [few]).loss(delta: 1e-5)
    #expect(sum.adaptive == sum.basic)
  }

  @Test func `a budget for single values refuses a greater loss and no number of releases`() throws
  {
    var ledger = BudgetLedger(budget: try .value(epsilon: 1))
    let allowed = try NumericMechanism(.piecewise, epsilon: 1)
    let tooMuch = try NumericMechanism(.piecewise, epsilon: 1.01)
    _ = try ledger.release(Self.values(5000), through: allowed, as: "weights")
    #expect(throws: PrivacyError.self) {
      try ledger.release(Self.values(1), through: tooMuch, as: "bias")
    }
    #expect(ledger.expenditures.count == 1)
  }

  @Test func `a refusal tells the limit and the loss but no value`() throws {
    var ledger = BudgetLedger(budget: try .model(epsilon: 1, delta: 0))
    let mechanism = try NumericMechanism(.hybrid, epsilon: 2)
    let error = #expect(throws: PrivacyError.self) {
      try ledger.release(Self.values(1), through: mechanism, as: "scale")
    }
    guard case .budgetExceeded(let name, let limit, let after) = error else {
      Issue.record("another error: \(String(describing: error))")
      return
    }
    #expect(name == "scale" && limit == 1 && after > 1.99 && after <= 2)
  }

  @Test func `asking again for a name gives the same outputs and spends nothing`() throws {
    var ledger = BudgetLedger(budget: nil)
    let mechanism = try NumericMechanism(.piecewise, epsilon: 1)
    let first = try ledger.release(Self.values(100), through: mechanism, as: "weights")
    let again = try ledger.release(Self.values(100), through: mechanism, as: "weights")
    #expect(first.outputs == again.outputs)
    #expect(ledger.expenditures.count == 1)
    #expect(throws: PrivacyError.nameTaken("weights")) {
      try ledger.release(Self.values(99), through: mechanism, as: "weights")
    }
    #expect(throws: PrivacyError.nameTaken("weights")) {
      try ledger.release(
        Self.values(100), through: NumericMechanism(.piecewise, epsilon: 2), as: "weights")
    }
    #expect(ledger.expenditures.count == 1)
  }

  @Test func `two ledgers never draw the same noise`() throws {
    let mechanism = try NumericMechanism(.piecewise, epsilon: 1)
    var one = BudgetLedger(budget: nil)
    // A copy stands for a restored snapshot: it must draw anew.
    var other = one
    // 100 outputs of about 17 bits agree by chance with probability below 2^-1500.
    let first = try one.release(Self.values(100), through: mechanism, as: "weights")
    let second = try other.release(Self.values(100), through: mechanism, as: "weights")
    #expect(first.outputs != second.outputs)
  }

  @Test func `a nameless or empty release and an impossible label are refused`() throws {
    var ledger = BudgetLedger(budget: nil)
    let mechanism = try NumericMechanism(.duchi, epsilon: 1)
    let response = try RandomizedResponse(categories: 3, epsilon: 1)
    #expect(throws: PrivacyError.emptyRelease) {
      try ledger.release(Self.values(0), through: mechanism, as: "weights")
    }
    #expect(throws: PrivacyError.emptyRelease) {
      try ledger.release(Self.values(1), through: mechanism, as: "")
    }
    for label in [-1, 3, .min, .max] {
      #expect(throws: PrivacyError.labelOutOfRange(categories: 3)) {
        try ledger.release([0, label], through: response, as: "votes")
      }
    }
    #expect(ledger.expenditures.isEmpty)
  }

  @Test func `released numbers and labels are unbiased in their own units`() throws {
    var ledger = BudgetLedger(budget: nil)
    let count = 200_000
    let numbers = try ledger.release(
      Clipped([Float](repeating: 1.5, count: count), radius: 2),
      through: NumericMechanism(.hybrid, epsilon: 2), as: "numbers")
    let mean = numbers.estimates().reduce(0.0) { $0 + Double($1) } / Double(count)
    // 6 standard deviations: a false failure at most once in 5e8 runs.
    #expect((mean - 1.5).magnitude < 6 * (numbers.worstNoiseVariance / Double(count)).squareRoot())

    let response = try RandomizedResponse(categories: 10, epsilon: 2)
    let labels = try ledger.release(
      [Int](repeating: 4, count: count), through: response, as: "labels")
    let indicators = labels.estimates()
    for category in 0..<10 {
      let total = stride(from: category, to: indicators.count, by: 10).reduce(0.0) {
        $0 + Double(indicators[$1])
      }
      let expected = category == 4 ? 1.0 : 0
      let variance = response.variance(ofPresent: category == 4)
      // 10 tests at 6 standard deviations: a false failure at most once in 5e7 runs.
      #expect(
        (total / Double(count) - expected).magnitude
          < 6 * (variance / Double(count)).squareRoot() + 1e-6)
    }
  }

  @Test func `a budget out of range can't be made`() {
    for epsilon in [0, -1, .nan, .infinity] {
      #expect(throws: PrivacyError.self) { try PrivacyBudget.value(epsilon: epsilon) }
      #expect(throws: PrivacyError.self) { try PrivacyBudget.model(epsilon: epsilon, delta: 0) }
    }
    for delta in [-1e-9, 1, .nan, .infinity] {
      #expect(throws: PrivacyError.self) { try PrivacyBudget.model(epsilon: 1, delta: delta) }
    }
  }
}
