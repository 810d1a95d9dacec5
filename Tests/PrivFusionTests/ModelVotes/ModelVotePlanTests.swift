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

  /// All numbers of answers up to 30, the best of which the plan must have.
  @Test(arguments: [(5, 100.0), (30, 8), (300, 2), (1000, 16)])
  func `no number of answers is predicted to be better than the chosen one`(
    parties: Int, epsilon: Double
  ) throws {
    let choice = ModelVoteChoice(
      parties: parties, epsilon: epsilon, classes: 10, partyAccuracy: 0.7, probes: 2000)
    let purities = [
      10: 0.71, 15: 0.73, 20: 0.745, 30: 0.76, 50: 0.795, 100: 0.8, 200: 0.83,
      500: 0.875, 2000: 1,
    ]
    let others = (1...30).map { answers in
      PredictedVoteAccuracy(
        parties: parties, answers: answers, epsilon: min(epsilon, 20 * Double(answers)),
        classes: 10, partyAccuracy: 0.7, purities: purities
      ).accuracy
    }
    #expect(choice.prediction.accuracy >= (others.max() ?? 1) - PredictedVoteAccuracy.meanError)
    #expect(choice.clusterCount >= choice.answersPerParty)
  }

  @Test func `questions are dealt out, also where all parties are asked about all clusters`() throws
  {
    let plan = try plan(parties: 5, epsilon: 100)
    #expect(Set(plan.dealing.probes.map { Set($0) }).count > 1)
  }

  @Test func `few parties and guesses are said to be what they are`() throws {
    let few = try plan(parties: 30, epsilon: 2)
    #expect(few.isLocalBetter && !few.isNoise)
    let single = try plan(parties: 1, epsilon: 0.1)
    #expect(single.isNoise && single.isLocalBetter)
    let many = try plan(parties: 3000, epsilon: 8, partyAccuracy: 0.6)
    #expect(!many.isNoise && !many.isLocalBetter)
  }

  @Test func `a loss that no mechanism takes is refused`() {
    for epsilon in [0, -1, 0.0009, .nan, .infinity] {
      #expect(throws: PrivacyError.self) { try plan(epsilon: epsilon) }
    }
  }
}
