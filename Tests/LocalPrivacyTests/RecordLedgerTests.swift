import Foundation
import LocalPrivacy
import Testing

@Suite struct RecordLedgerTests {
  static func procedure(
    epsilon: Double, steps: Int = 10, sampling: GaussianProcedure.Sampling = .everyRecord
  ) throws -> GaussianProcedure {
    try .calibrated(epsilon: epsilon, delta: 1e-5, steps: steps, sampling: sampling)
  }

  static func sum(_ values: [Int64], squaredSensitivity: UInt128 = 100) -> ClippedSum {
    ClippedSum(values: values, squaredSensitivity: squaredSensitivity, gridStep: 0x1p-10)
  }

  @Test func `a procedure over the limit is refused and spends nothing`() throws {
    var ledger = RecordLedger(limit: try RecordBudget(epsilon: 1, delta: 1e-5))
    _ = try ledger.debit(Self.procedure(epsilon: 0.9), delta: 1e-5, as: "head")
    let before = ledger.composed
    #expect(throws: PrivacyError.self) {
      try ledger.debit(Self.procedure(epsilon: 0.9), delta: 1e-5, as: "second head")
    }
    #expect(ledger.debits.count == 1 && ledger.composed == before)
    _ = try ledger.debit(Self.procedure(epsilon: 0.1), delta: 1e-5, as: "small head")
    #expect(ledger.debits.map(\.name) == ["head", "small head"])
    for name in ["", "head"] {
      #expect(throws: PrivacyError.self) {
        try ledger.debit(Self.procedure(epsilon: 0.01), delta: 1e-5, as: name)
      }
    }
    #expect(ledger.debits.count == 2)
  }

  @Test func `a procedure calibrated to the whole limit fits it`() throws {
    for epsilon in [0.1, 1, 3, 8] {
      var ledger = RecordLedger(limit: try RecordBudget(epsilon: epsilon, delta: 1e-5))
      let grant = try ledger.grant(Self.procedure(epsilon: epsilon), delta: 1e-5, as: "head")
      #expect(grant.remainingSteps == 10)
      #expect(ledger.composed.epsilon <= epsilon)
    }
  }

  @Test func `Gaussian sums compose as one Gaussian, others by adding up`() throws {
    var ledger = RecordLedger(limit: try RecordBudget(epsilon: 100, delta: 1e-5))
    let half = try GaussianProcedure(sampling: .everyRecord, steps: 50, noiseMultiplier: 10)
    _ = try ledger.debit(half, delta: 5e-6, as: "one")
    _ = try ledger.debit(half, delta: 5e-6, as: "two")
    let whole = try RecordLoss(
      of: GaussianProcedure(sampling: .everyRecord, steps: 100, noiseMultiplier: 10), delta: 1e-5)
    #expect(ledger.composed.method == .gaussian)
    // The sum of squares is rounded up twice.
    #expect(ledger.composed.epsilon >= whole.epsilon * (1 - 1e-12))
    #expect(ledger.composed.epsilon <= whole.epsilon * (1 + 1e-9))
    #expect(ledger.composed.epsilon < 2 * ledger.debits[0].loss.epsilon)
    let sampled = try GaussianProcedure(
      sampling: .poisson(probability: 0.1), steps: 5, noiseMultiplier: 2)
    #expect(throws: PrivacyError.self) { try ledger.debit(sampled, delta: 1e-6, as: "three") }
    var other = RecordLedger(limit: try RecordBudget(epsilon: 100, delta: 1e-5))
    _ = try other.debit(half, delta: 5e-6, as: "one")
    _ = try other.debit(sampled, delta: 5e-6, as: "two")
    #expect(other.composed.method == .sum)
    #expect(
      other.composed.epsilon >= other.debits[0].loss.epsilon + other.debits[1].loss.epsilon)
  }

  @Test func `a limit must be finite and above 0`() {
    for value in [0, -1, .nan, .infinity, -.infinity] as [Double] {
      #expect(throws: PrivacyError.self) { try RecordBudget(epsilon: value, delta: 1e-5) }
    }
    for value in [0, -1, .nan, .infinity, 1] as [Double] {
      #expect(throws: PrivacyError.self) { try RecordBudget(epsilon: 1, delta: value) }
    }
    #expect(throws: PrivacyError.self) {
      try JSONDecoder().decode(RecordBudget.self, from: Data(#"{"epsilon":-1,"delta":0.1}"#.utf8))
    }
  }

  @Test func `a grant releases its steps and then no more`() throws {
    var ledger = RecordLedger(limit: try RecordBudget(epsilon: 1, delta: 1e-5))
    var grant = try ledger.grant(Self.procedure(epsilon: 1, steps: 3), delta: 1e-5, as: "head")
    for left in [2, 1, 0] {
      let released = try grant.release(Self.sum([1, 2, 3]))
      #expect(released.count == 3 && grant.remainingSteps == left)
    }
    do {
      _ = try grant.release(Self.sum([1, 2, 3]))
      Issue.record("a fourth step was released")
    } catch { #expect(error as? PrivacyError == .stepsExhausted(steps: 3)) }
    do {
      _ = try grant.batch(of: 5)
      Issue.record("a fourth step's records were drawn")
    } catch { #expect(error as? PrivacyError == .stepsExhausted(steps: 3)) }
  }

  @Test func `a step whose noise does not fit is refused and not counted`() throws {
    var ledger = RecordLedger(limit: try RecordBudget(epsilon: 1, delta: 1e-5))
    var grant = try ledger.grant(Self.procedure(epsilon: 1, steps: 1), delta: 1e-5, as: "head")
    do {
      _ = try grant.release(Self.sum([1], squaredSensitivity: UInt128(1) << 79))
      Issue.record("noise outside the sampler's range was released")
    } catch { #expect(error is PrivacyError) }
    #expect(grant.remainingSteps == 1)
  }

  /// z-tests at 6 deviations: false failures in fewer than 1e-8 of all keys; the key is fixed.
  @Test func `the noise is as wide as the procedure and the sensitivity ask`() throws {
    let procedure = try GaussianProcedure(
      sampling: .everyRecord, steps: 2, noiseMultiplier: 2.5)
    let loss = try RecordLoss(of: procedure, delta: 1e-5)
    var grant = NoiseGrant(
      loss, noise: NoiseStream(reproducibleKey: [UInt8](repeating: 9, count: 32)))
    let count = 400_000
    for sensitivity in [100, 7] {
      let released = try grant.release(
        Self.sum(
          [Int64](repeating: 5000, count: count),
          squaredSensitivity: UInt128(sensitivity * sensitivity)))
      let deviation = (pow(2.5 * Double(sensitivity), 2).rounded(.up) + 4).squareRoot()
      #expect((released.noiseDeviation / (deviation * 0x1p-10) - 1).magnitude < 1e-12)
      let n = Double(count)
      let errors = released.estimates().map { ($0 - 5000 * 0x1p-10) / released.noiseDeviation }
      let mean = errors.reduce(0, +) / n
      let variance = errors.reduce(0) { $0 + $1 * $1 } / n
      #expect(mean.magnitude < 6 / n.squareRoot())
      #expect((variance - 1).magnitude < 6 * (2 / n).squareRoot())
    }
  }

  @Test func `sampled records are drawn once a step, with the probability`() throws {
    let procedure = try GaussianProcedure(
      sampling: .poisson(probability: 0.03), steps: 2, noiseMultiplier: 2)
    var grant = NoiseGrant(
      try RecordLoss(of: procedure, delta: 1e-5),
      noise: NoiseStream(reproducibleKey: [UInt8](repeating: 10, count: 32)))
    do {
      _ = try grant.release(Self.sum([1]))
      Issue.record("a step was released without its records")
    } catch { #expect(error as? PrivacyError == .batchOutOfStep) }
    let first = try grant.batch(of: 100_000)
    // 6 deviations of a binomial count: false failures in fewer than 1e-8 of all keys.
    #expect((Double(first.count) - 3000).magnitude < 6 * (3000 * 0.97).squareRoot())
    #expect(zip(first, first.dropFirst()).allSatisfy { $0 < $1 } && (first.last ?? 0) < 100_000)
    do {
      _ = try grant.batch(of: 100_000)
      Issue.record("a step's records were drawn twice")
    } catch { #expect(error as? PrivacyError == .batchOutOfStep) }
    _ = try grant.release(Self.sum([1]))
    let second = try grant.batch(of: 100_000)
    #expect(first != second)
    var all = NoiseGrant(
      try RecordLoss(
        of: GaussianProcedure(sampling: .everyRecord, steps: 1, noiseMultiplier: 2), delta: 1e-5))
    let everyone = try all.batch(of: 4)
    #expect(everyone == [0, 1, 2, 3])
  }
}
