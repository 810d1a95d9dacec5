import LocalPrivacy
import PrivFusion
import Tensors
import Testing

@Suite struct ModelVotePlanTests {
  let features: Tensor

  init() throws { features = try Tensor.normal([200, 8], seed: 1) }

  private func plan(
    parties: Int = 30, epsilon: Double, classes: Int = 10, partyAccuracy: Double = 0.7
  ) throws -> ModelVotePlan {
    try ModelVotePlan(
      parties: parties, epsilon: epsilon, classes: classes, features: features,
      partyAccuracy: partyAccuracy, seed: 0)
  }

  /// Losses at which sums and quotients round both ways.
  @Test(arguments: [0.001, 0.7, 1, 2, 2.7, 3.9, 6, 7.3, 8, 10, 10.1, 14, 33.3, 99.9, 1e3, 1e6])
  func `all answers together lose at most epsilon, of unit model`(epsilon: Double) throws {
    for parties in [5, 30] {
      let plan = try plan(parties: parties, epsilon: epsilon)
      let loss = try plan.composedLoss
      #expect(loss.unit == .model && loss.delta == 0)
      #expect(loss.basic <= epsilon)
      // Nothing is given away, but for losses above 20 an answer.
      if epsilon / Double(plan.answersPerParty) < 20 { #expect(loss.basic > epsilon * 0.999999) }
      var ledger = BudgetLedger(budget: try plan.budget)
      let labels = (0..<200).map { $0 % 10 }
      let released = try plan.release(labels, of: 0, from: &ledger)
      #expect(released.count == plan.answersPerParty)
      #expect(try ledger.composedLoss(delta: 0).basic == loss.basic)
    }
  }

  @Test func `a party that has spent something is refused, and nothing is drawn`() throws {
    let plan = try plan(epsilon: 8)
    let labels = [Int](repeating: 3, count: 200)
    var ledger = BudgetLedger(budget: try plan.budget)
    _ = try ledger.release(
      [1], through: RandomizedResponse(categories: 10, epsilon: 0.1), as: "earlier")
    let before = ledger.expenditures
    #expect(throws: PrivacyError.self) { try plan.release(labels, of: 0, from: &ledger) }
    #expect(ledger.expenditures == before)
    var small = BudgetLedger(budget: try .model(epsilon: 7.9, delta: 0))
    #expect(throws: PrivacyError.self) { try plan.release(labels, of: 0, from: &small) }
    #expect(small.expenditures.isEmpty)
  }

  @Test func `small losses an answer go by sets, great ones by single classes`() throws {
    func isSelection(_ epsilon: Double, classes: Int = 10) throws -> Bool {
      if case .selection = try plan(epsilon: epsilon, classes: classes).randomizer { return true }
      return false
    }
    #expect(try isSelection(2.69))
    #expect(try isSelection(0.5))
    #expect(try !isSelection(2.7))
    #expect(try !isSelection(8))
    // Sets are of at most 32 classes.
    #expect(try !isSelection(0.5, classes: 33))
  }

  @Test func `few parties of great losses answer about the same probes, many about a few each`()
    throws
  {
    let few = try plan(parties: 5, epsilon: 100)
    #expect(few.answersPerParty == 25 && few.clusterCount == 25)
    #expect(Set(few.dealing.probes.map { Set($0) }).count == 1)
    let many = try plan(parties: 30, epsilon: 8)
    #expect(many.answersPerParty == 2)
    #expect(Set(many.dealing.probes.map { Set($0) }).count > 1)
  }

  @Test func `few parties and guesses are said to be what they are`() throws {
    let few = try plan(parties: 30, epsilon: 2)
    #expect(few.isLocalBetter)
    let single = try plan(parties: 1, epsilon: 0.1)
    #expect(single.isNearChance && single.isLocalBetter)
    let many = try plan(parties: 3000, epsilon: 8, partyAccuracy: 0.6)
    #expect(!many.isNearChance && !many.isLocalBetter)
  }

  @Test func `a loss that no mechanism takes is refused`() {
    for epsilon in [0, -1, 0.0009, .nan, .infinity] {
      #expect(throws: PrivacyError.self) { try plan(epsilon: epsilon) }
    }
  }
}
