import LocalPrivacy
import Testing

/// Everything public that takes a privacy parameter, at the numbers that are none and at the ends of
/// what is accepted.
@Suite struct PrivacyMapTests {
  /// What is made from a number, and the numbers between which that must work.
  struct Map: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let accepted: ClosedRange<Double>
    let make: @Sendable (Double) throws -> Double

    init(
      _ name: String, _ accepted: ClosedRange<Double>,
      _ make: @escaping @Sendable (Double) throws -> Double
    ) {
      testDescription = name
      self.accepted = accepted
      self.make = make
    }
  }

  /// The least `Double` above 0 that is not denormal, and what lies just outside ranges.
  static let numbers: [Double] = [
    0, -0.0, -1, -.infinity, .infinity, .nan, .signalingNaN, .greatestFiniteMagnitude,
    -.greatestFiniteMagnitude, .leastNormalMagnitude, .leastNonzeroMagnitude,
    -.leastNonzeroMagnitude, 1e-100, 1e-31, 1e-30, 1e-9, 0.0009999999999999998, 0.001, 0.01, 0.5,
    0.5000000000000001, 1 - 0x1p-53, 1, 19.999999999999996, 20, 20.000000000000004, 1e6, 1e9, 1e30,
    1.1e30, 1e300,
  ]

  static let mechanism = 0.001...20.0
  static let positive = Double.leastNonzeroMagnitude...Double.greatestFiniteMagnitude
  static let belowOne = 0.0...(1 - 0x1p-53)
  static let recordDelta = 1e-100...0.5

  static func procedure() throws -> GaussianProcedure {
    try GaussianProcedure(sampling: .everyRecord, steps: 1, noiseMultiplier: 1)
  }

  static func spent() throws -> [Expenditure] {
    [try Expenditure(name: "a", count: 3, epsilon: 1, unit: .value, mechanismName: "b")]
  }

  /// A loss that is reported is finite, and not above what was asked for.
  static let losses: [Map] = [
    Map("Duchi", mechanism) { try NumericMechanism(.duchi, epsilon: $0).epsilon },
    Map("Piecewise", mechanism) { try NumericMechanism(.piecewise, epsilon: $0).epsilon },
    Map("Hybrid", mechanism) { try NumericMechanism(.hybrid, epsilon: $0).epsilon },
    Map("least mean variance", mechanism) {
      try NumericMechanism.leastMeanVariance(epsilon: $0, clip: 1).epsilon
    },
    Map("randomised response", mechanism) {
      try RandomizedResponse(categories: 10, epsilon: $0).epsilon
    },
    Map("1-bit randomised response", mechanism) { try BinaryResponse(epsilon: $0).epsilon },
    Map("unary encoding", mechanism) { try UnaryEncoding(categories: 10, epsilon: $0).epsilon },
    Map("subset selection", mechanism) {
      try SubsetSelection(categories: 10, epsilon: $0).epsilon
    },
    Map("discrete Laplace", mechanism) {
      try DiscreteLaplace(sensitivity: 100, epsilon: $0).epsilon
    },
    Map("budget of values", positive) { try PrivacyBudget.value(epsilon: $0).epsilon },
    Map("budget of a model", positive) { try PrivacyBudget.model(epsilon: $0, delta: 0).epsilon },
    Map("expenditure", positive) {
      try Expenditure(name: "a", count: 1, epsilon: $0, unit: .value, mechanismName: "b").epsilon
    },
    Map("composed expenditure", positive) {
      let spent = try Expenditure(
        name: "a", count: 1, epsilon: $0, unit: .value, mechanismName: "b")
      return try Composition(ofModel: [spent]).loss(delta: 0).tightest
    },
    Map("budget of records", positive) { try RecordBudget(epsilon: $0, delta: 1e-5).epsilon },
  ]

  /// What takes another parameter; the result is a number of some other kind, never NaN.
  static let others: [Map] = [
    Map("delta of a model's budget", belowOne) {
      try PrivacyBudget.model(epsilon: 1, delta: $0).delta
    },
    Map("delta of a composition", belowOne) {
      try Composition(ofModel: spent()).loss(delta: $0).tightest
    },
    Map("delta of a ledger's loss", belowOne) {
      try BudgetLedger(budget: nil).composedLoss(delta: $0).tightest
    },
    Map("delta of a budget of records", recordDelta) {
      try RecordBudget(epsilon: 1, delta: $0).delta
    },
    Map("delta of a record's loss", recordDelta) {
      try RecordLoss(of: procedure(), delta: $0).epsilon
    },
    Map("delta of a grant", recordDelta) {
      var ledger = RecordLedger(limit: try RecordBudget(epsilon: 1e9, delta: 0.5))
      return try ledger.grant(procedure(), delta: $0, as: "a").loss.epsilon
    },
    Map("delta of a calibration", recordDelta) {
      try GaussianProcedure.calibrated(epsilon: 1, delta: $0, steps: 1, sampling: .everyRecord)
        .noiseMultiplier
    },
    Map("noise multiplier", 0.01...1e9) {
      try GaussianProcedure(sampling: .everyRecord, steps: 1, noiseMultiplier: $0).noiseMultiplier
    },
    Map("sampling probability", 1e-9...(1 - 0x1p-53)) {
      try GaussianProcedure(sampling: .poisson(probability: $0), steps: 1, noiseMultiplier: 1)
        .noiseMultiplier
    },
    Map("clipping radius", 1e-30...1e30) { try ClippingRadius($0).value },
    Map("radius of clipped values", 1e-30...1e30) {
      Double(try Clipped([1], radius: $0).count)
    },
    Map("delta of an audit", belowOne) {
      try OneRunAudit.epsilonLowerBound(
        canaries: 100, guesses: 100, right: 90, delta: $0, confidence: 0.95)
    },
    Map("confidence of an audit", Double.leastNonzeroMagnitude...(1 - 0x1p-53)) {
      try OneRunAudit.epsilonLowerBound(
        canaries: 100, guesses: 100, right: 90, delta: 0, confidence: $0)
    },
  ]

  @Test(arguments: losses)
  func `a loss is what was asked for, or refused`(map: Map) throws {
    for number in Self.numbers {
      if map.accepted.contains(number) {
        let loss = try map.make(number)
        #expect(loss > 0 && loss <= number && loss.isFinite, "\(map) at \(number)")
      } else {
        #expect(throws: PrivacyError.self, "\(map) at \(number)") { try map.make(number) }
      }
    }
  }

  @Test(arguments: others)
  func `another parameter gives a number, or is refused`(map: Map) throws {
    for number in Self.numbers {
      if map.accepted.contains(number) {
        let made = try map.make(number)
        #expect(made >= 0 && made.isFinite, "\(map) at \(number)")
      } else {
        #expect(throws: PrivacyError.self, "\(map) at \(number)") { try map.make(number) }
      }
    }
  }

  /// Losses that no accepted noise reaches are refused too; what is made keeps within what was asked.
  @Test func `a calibration keeps within the loss, or is refused`() throws {
    for number in Self.numbers {
      let procedure = try? GaussianProcedure.calibrated(
        epsilon: number, delta: 1e-5, steps: 1, sampling: .everyRecord)
      guard let procedure else {
        // 1e9 deviations of noise lose more than 1e-9 at this delta only below it.
        #expect(!(number >= 1e-3 && number.isFinite), "\(number)")
        continue
      }
      #expect(number > 0 && number.isFinite)
      #expect(try RecordLoss(of: procedure, delta: 1e-5).epsilon <= number)
    }
  }

  /// Integers in place of numbers: counts, categories, sensitivities and scales.
  @Test func `integers that are no parameters are refused`() {
    for integer in [Int.min, -1, 0, .max] {
      #expect(throws: PrivacyError.self) {
        try RandomizedResponse(categories: integer, epsilon: 1)
      }
      #expect(throws: PrivacyError.self) { try SubsetSelection(categories: integer, epsilon: 1) }
      #expect(throws: PrivacyError.self) { try UnaryEncoding(categories: integer, epsilon: 1) }
      #expect(throws: PrivacyError.self) {
        try DiscreteLaplace(sensitivity: integer, epsilon: 1)
      }
      #expect(throws: PrivacyError.self) {
        try DiscreteLaplace(sensitivity: 1, scale: integer, over: 1)
      }
      #expect(throws: PrivacyError.self) {
        try DiscreteLaplace(sensitivity: 1, scale: 1, over: integer)
      }
      #expect(throws: PrivacyError.self) { try DiscreteGaussian(squaredScale: integer, over: 1) }
      #expect(throws: PrivacyError.self) { try DiscreteGaussian(squaredScale: 1, over: integer) }
      #expect(throws: PrivacyError.self) {
        try GaussianProcedure(sampling: .everyRecord, steps: integer, noiseMultiplier: 1)
      }
    }
    for count in [Int.min, -1, 0] {
      #expect(throws: PrivacyError.emptyRelease) {
        try Expenditure(name: "a", count: count, epsilon: 1, unit: .value, mechanismName: "b")
      }
    }
  }

  @Test(arguments: [0.001, 0.3, 1, 5, 20])
  func `variances are finite and above 0 at every accepted loss`(epsilon: Double) throws {
    var variances = try NumericMechanism.Kind.allCases.flatMap { kind in
      let mechanism = try NumericMechanism(kind, epsilon: epsilon)
      return [
        mechanism.variance(at: 0), mechanism.variance(at: 1), mechanism.variance(at: -1),
        mechanism.worstVariance,
        mechanism.meanVariance(clippedGaussianAt: .leastNormalMagnitude),
        mechanism.meanVariance(clippedGaussianAt: .greatestFiniteMagnitude),
      ]
    }
    for present in [true, false] {
      variances += [
        try RandomizedResponse(categories: 1 << 20, epsilon: epsilon).variance(ofPresent: present),
        try SubsetSelection(categories: 32, epsilon: epsilon).variance(ofPresent: present),
        try UnaryEncoding(categories: 2, epsilon: epsilon).variance(ofPresent: present),
      ]
    }
    variances.append(try BinaryResponse(epsilon: epsilon).variance)
    variances.append(try DiscreteLaplace(sensitivity: 1, epsilon: epsilon).variance)
    variances.append(try DiscreteLaplace(sensitivity: 10_000, epsilon: epsilon).variance)
    variances.append(try DiscreteGaussian(squaredScale: 1, over: 16).variance)
    variances.append(try DiscreteGaussian(squaredScale: 1 << 60, over: 1).variance)
    #expect(variances.allSatisfy { $0 > 0 && $0.isFinite })
  }
}
