import BigInt
import LocalPrivacy
import Testing

@Suite struct BinaryResponseTests {
  static let odds = [Odds(favoured: 7, other: 4), Odds(favoured: 23, other: 2)]

  @Test func `every answer is told with its exact weight`() {
    for odds in Self.odds {
      let (p, q) = (BigInt(odds.favoured), BigInt(odds.other))
      let response = BinaryResponse(odds: odds)
      for answer in UInt64(0)...1 {
        var weights = [BigInt](repeating: 0, count: 2)
        weights[Int(BinaryResponse.output(answer, flipped: 0))] += p
        weights[Int(BinaryResponse.output(answer, flipped: 1))] += q
        #expect(weights[Int(answer)] == p && weights[1 - Int(answer)] == q)
        // (o - q / S) / ((p - q) / S) = (o S - q) / (p - q), so E = answer exactly.
        let total = p + q
        let estimates = [-q, total - q]
        let mean = zip(weights, estimates).reduce(BigInt(0)) { $0 + $1.0 * $1.1 }
        #expect(mean == BigInt(answer) * total * (p - q))
        let second = zip(weights, estimates).reduce(BigInt(0)) { $0 + $1.0 * $1.1 * $1.1 }
        let variance =
          Double(second) / Double(total * (p - q) * (p - q)) - Double(answer)
        #expect(abs(response.variance - variance) < 1e-14 * (1 + variance))
      }
    }
  }

  @Test(arguments: [0.001, 0.5, 1, 7.3, 20])
  func `it is randomised response of two categories`(epsilon: Double) throws {
    let response = try BinaryResponse(epsilon: epsilon)
    let labels = try RandomizedResponse(categories: 2, epsilon: epsilon)
    #expect(response.epsilon == labels.epsilon && response.epsilon <= epsilon)
    #expect(response.keepProbability == labels.keepProbability)
    #expect(abs(response.variance - labels.worstVariance) < 1e-9 * response.variance)
  }

  /// z-tests at 6 deviations: a false failure at most once in 1e8 runs.
  @Test func `released answers are unbiased, cost their loss each, and travel as a bit`() throws {
    var ledger = BudgetLedger(budget: try .value(epsilon: 1))
    let response = try BinaryResponse(epsilon: 1)
    let count = 100_001
    for truth in [false, true] {
      let released = try ledger.release(
        [Bool](repeating: truth, count: count), through: response, as: "\(truth)")
      let mean = released.estimates().reduce(0.0) { $0 + Double($1) } / Double(count)
      #expect(
        (mean - (truth ? 1 : 0)).magnitude
          < 6 * (response.variance / Double(count)).squareRoot() + 1e-6)
      #expect(released.count == count && released.byteCount == (count + 7) / 8)
      #expect(
        try released.encoding.unpack(released.packedBytes(), count: count) == released.outputs)
    }
    #expect(ledger.expenditures.map(\.count) == [count, count])
    #expect(ledger.expenditures.allSatisfy { $0.epsilon == response.epsilon })
    #expect(throws: PrivacyError.self) {
      try ledger.release([true], through: BinaryResponse(epsilon: 1.1), as: "more")
    }
  }

  @Test func `each answer has its own output, in its place`() throws {
    var noise = NoiseStream(reproducibleKey: [UInt8](repeating: 42, count: 32))
    let answers = (0..<1000).map { $0 % 3 == 0 }
    let outputs = try BinaryResponse(epsilon: 20).sample(answers, noise: &noise)
    // Each is flipped with a probability of 2e-9.
    #expect(zip(answers, outputs).allSatisfy { ($0 ? 1 : 0) == $1 })
  }
}
