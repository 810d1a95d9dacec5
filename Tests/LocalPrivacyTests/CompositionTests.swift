import Foundation
import LocalPrivacy
import Testing

@Suite struct CompositionTests {
  struct KnownAnswers: Decodable {
    struct Pure: Decodable {
      let epsilon: Double
      let count: Int
      let delta: Double
      let basic: Double
      let advanced: Double
      let tanhForm: Double
      let zcdp: Double
      let renyi: Double
      let optimal: Double
      let pld: Double
      let prvLower: Double
      let prvUpper: Double

      enum CodingKeys: String, CodingKey {
        case epsilon, count, delta, basic, zcdp, pld
        case advanced = "drv10"
        case tanhForm = "tanh_form"
        case prvLower = "prv_lower"
        case prvUpper = "prv_upper"
        case renyi = "rdp_randomized_response"
        case optimal = "kov_optimal"
      }
    }
    let pure: [Pure]
  }

  static func loss(
    _ epsilon: Double, _ count: Int, delta: Double, unit: PrivacyUnit = .value
  ) throws -> ComposedLoss {
    try Composition(ofModel: [expenditure(epsilon, count, unit: unit)]).loss(delta: delta)
  }

  static func expenditure(
    _ epsilon: Double, _ count: Int, unit: PrivacyUnit = .value
  ) throws -> Expenditure {
    try Expenditure(
      name: "test", count: count, epsilon: epsilon, unit: unit, mechanismName: "test")
  }

  @Test func `the bounds are those of dp-accounting`() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Vectors/accounting.json")
    let answers = try JSONDecoder().decode(KnownAnswers.self, from: Data(contentsOf: file))
    #expect(!answers.pure.isEmpty)
    for answer in answers.pure {
      let loss = try Self.loss(answer.epsilon, answer.count, delta: answer.delta)
      // Half a unit of the last digit given.
      #expect((loss.basic - answer.basic).magnitude < 1e-9)
      #expect((try #require(loss.zcdp) - answer.zcdp).magnitude < 5e-4)
      #expect((try #require(loss.renyi) - answer.renyi).magnitude < 5e-4)
      #expect((try #require(loss.optimal) - answer.optimal).magnitude < 1e-5)
      #expect(loss.tightest == loss.optimal)
      let grid = try #require(
        try Composition(ofModel: [Self.expenditure(answer.epsilon, answer.count)])
          .lossDistribution(delta: answer.delta))
      #expect((grid.upper - answer.pld).magnitude < 1e-5)
      #expect(answer.prvLower <= grid.lower && grid.upper <= answer.prvUpper)
      // Two closed forms that nothing here uses, as they are never the least: Dwork, Rothblum,
      // Vadhan 2010, Theorem III.3, and Kairouz, Oh, Viswanath 2015, equation 6.
      let spread =
        (2 * Double(answer.count) * log(1 / answer.delta)).squareRoot() * answer.epsilon
      let drift = Double(answer.count) * answer.epsilon
      #expect((spread + drift * expm1(answer.epsilon) - answer.advanced).magnitude < 5e-4)
      #expect((spread + drift * tanh(answer.epsilon / 2) - answer.tanhForm).magnitude < 5e-4)
      #expect(loss.tightest < answer.tanhForm && answer.tanhForm < answer.advanced)
    }
  }

  @Test func `the optimal bound is that of a sum at 60 digits, from above`() throws {
    // Vectors/binomial_composition.py.
    for (epsilon, count, delta, expected) in [
      (0.1, 100, 1e-6, 4.77456758811), (1, 1000, 1e-6, 591.079650454),
      (4, 300, 1e-9, 1199.99999977), (0.01, 20000, 1e-5, 6.5723377683),
    ] {
      let optimal = try #require(try Self.loss(epsilon, count, delta: delta).optimal)
      #expect(optimal >= expected * (1 - 1e-11))
      #expect(optimal <= expected * (1 + 1e-6))
    }
  }

  @Test func `losses of no more than a few releases are enumerated`() throws {
    // One release: delta(e) = (e^epsilon - e^e) / (1 + e^epsilon), solved for e.
    for epsilon in [0.1, 1, 5] {
      let expected = log(exp(epsilon) - 1e-3 * (1 + exp(epsilon)))
      let optimal = try #require(try Self.loss(epsilon, 1, delta: 1e-3).optimal)
      #expect((optimal - expected).magnitude < 1e-6)
    }
  }

  @Test func `no bound is below the optimal one and all are at most the sum`() throws {
    for epsilon in [0.001, 0.1, 1, 8] {
      for count in [1, 10, 1000, 1_000_000, 1_000_000_000] {
        for delta in [1e-3, 1e-6, 1e-12] {
          let loss = try Self.loss(epsilon, count, delta: delta)
          let optimal = try #require(loss.optimal)
          let renyi = try #require(loss.renyi)
          let zcdp = try #require(loss.zcdp)
          #expect(optimal.isFinite && renyi.isFinite && zcdp.isFinite)
          // 1e-6: the stated slack of the optimal bound.
          #expect(optimal <= renyi * (1 + 1e-6), "\(epsilon) x \(count) at \(delta)")
          #expect(renyi <= zcdp * (1 + 1e-9), "\(epsilon) x \(count) at \(delta)")
          #expect(loss.tightest <= loss.basic)
          #expect((loss.basic - epsilon * Double(count)).magnitude <= 1e-12 * loss.basic)
        }
      }
    }
  }

  @Test func `with delta 0 only the sum holds`() throws {
    let loss = try Self.loss(1, 10, delta: 0)
    #expect(loss.zcdp == nil && loss.renyi == nil && loss.optimal == nil)
    #expect(loss.tightest == 10)
    for delta in [-1, 1, .nan, .infinity] {
      #expect(throws: PrivacyError.self) { try Self.loss(1, 10, delta: delta) }
    }
  }

  @Test func `a sum of losses is never rounded down`() throws {
    // 0.1 + 0.2 in binary is 0.3000000000000000166...: above the sum that rounds to nearest.
    let expenditures = try [0.1, 0.2, 0.7].map {
      try Expenditure(name: "\($0)", count: 3, epsilon: $0, unit: .value, mechanismName: "test")
    }
    let basic = try Composition(ofModel: expenditures).basic
    var exact = Decimal(0)
    for epsilon in [0.1, 0.2, 0.7] { exact += 3 * Self.decimal(epsilon) }
    #expect(Self.decimal(basic) >= exact)
    #expect(basic < 3.0000000000001)
  }

  /// A number's exact value: a multiple of 2^-55, as the sums here are.
  static func decimal(_ x: Double) -> Decimal {
    let scaled = Int64(x * 0x1p55)
    return Decimal(scaled) / Decimal(Int64(1) << 55)
  }

  @Test func `values and models compose into a model, and records with neither`() throws {
    let losses = try PrivacyUnit.allCases.map { try Self.expenditure(1, 1, unit: $0) }
    for one in losses {
      for other in losses {
        let isAboutRecords = [one, other].map { $0.unit == .record }
        if isAboutRecords.contains(true) {
          #expect(throws: PrivacyError.mixedUnits(.model, .record)) {
            try Composition(ofModel: [one, other])
          }
        } else {
          #expect(try Composition(ofModel: [one, other]).loss(delta: 1e-5).unit == .model)
        }
        if isAboutRecords == [true, true] {
          #expect(try Composition(ofRecord: [one, other]).loss(delta: 1e-5).unit == .record)
        } else {
          #expect(throws: PrivacyError.self) { try Composition(ofRecord: [one, other]) }
        }
      }
    }
  }

  @Test func `a budget for values or models admits no loss about a record`() throws {
    let record = try Self.expenditure(0.1, 1, unit: .record)
    for budget in [try PrivacyBudget.value(epsilon: 1), try .model(epsilon: 1, delta: 1e-5)] {
      #expect(throws: PrivacyError.mixedUnits(.model, .record)) {
        try budget.admit(record, after: [])
      }
    }
    let loss = try RecordLoss(
      of: GaussianProcedure(sampling: .everyRecord, steps: 1, noiseMultiplier: 5), delta: 1e-5)
    let limit = try RecordBudget(epsilon: 1, delta: 1e-5)
    #expect(loss.unit == .record && limit.unit == .record)
    #expect(RecordLedger(limit: limit).composed.unit == .record)
  }

  @Test func `a loss is finite and above 0`() {
    for epsilon in [0, -1, .nan, .infinity] {
      #expect(throws: PrivacyError.self) { try Self.expenditure(epsilon, 1) }
    }
  }
}
