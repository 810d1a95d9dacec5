import BigInt
import LocalPrivacy
import Testing

@Suite struct ParallelTrialTests {
  /// c + e^(n / d), rounded down to 2^-600, within 2^-500 of itself.
  static func denominator(_ numerator: BigInt, _ denominator: BigInt, plus constant: BigInt)
    -> BigInt
  {
    var term = BigInt(1) << 600
    var sum = term + constant << 600
    var order = BigInt(1)
    while term > 0 {
      term = term * numerator / (denominator * order)
      sum += term
      order += 1
    }
    return sum
  }

  @Test func `the digits are those of the probability`() {
    for digits in [1, 5, 53, 64] as [UInt64] {
      for (numerator, denominator) in [(0, 1), (1, 3), (5, 7), (1 << 32, 11_675_054_207)]
        as [(UInt64, UInt64)]
      {
        let trial = ParallelTrial(.rational(numerator, over: denominator), digitCount: digits)
        #expect(
          BigInt(trial.prefix) == (BigInt(numerator) << Int(digits)) / BigInt(denominator))
      }
      for (numerator, denominator) in [(1, 1 << 40), (1, 3), (7, 2), (45, 1), (89, 1)]
        as [(UInt128, UInt128)]
      {
        for (constant, trial) in [
          (0, ParallelTrial(.exponential(numerator, over: denominator), digitCount: digits)),
          (1, ParallelTrial(.logistic(numerator, over: denominator), digitCount: digits)),
        ] {
          let below = Self.denominator(
            BigInt(numerator), BigInt(denominator), plus: BigInt(constant))
          let one = BigInt(1) << (600 + Int(digits))
          #expect(BigInt(trial.prefix) * (below + BigInt(1) << 100) <= one)
          #expect(BigInt(trial.prefix + 1) * below > one)
        }
      }
    }
  }

  /// All strings of digits, 64 at a time: those below p's are events, and the one that is p's goes on.
  @Test(arguments: [1, 3, 7, 10] as [UInt64], [(0, 5), (1, 3), (4, 11), (2, 25), (6, 7)])
  func `digits decide all lanes but those that agree with the probability`(
    digitCount: UInt64, probability: (UInt64, UInt64)
  ) {
    let prefix = ParallelTrial(
      .rational(probability.0, over: probability.1), digitCount: digitCount
    ).prefix
    var events: [UInt64] = []
    var undecided: [UInt64] = []
    for start in stride(from: 0, to: UInt64(1) << digitCount, by: 64) {
      var lanes = ParallelTrial.Lanes()
      for place in (0..<digitCount).reversed() {
        var word: UInt64 = 0
        for lane in UInt64(0)..<64 { word |= ((start + lane) >> place & 1) << lane }
        lanes.compare(word, with: 0 &- (prefix >> place & 1))
      }
      for lane in UInt64(0)..<64 where start + lane < 1 << digitCount {
        if lanes.events >> lane & 1 == 1 { events.append(start + lane) }
        if lanes.undecided >> lane & 1 == 1 { undecided.append(start + lane) }
      }
    }
    #expect(events == Array(0..<prefix))
    #expect(undecided == [prefix])
  }

  /// z-tests at 6 deviations on independent lanes: false failures in fewer than 1e-7 of all keys, which
  /// are fixed. With one or four digits most lanes, or some, are decided by what is left of p.
  @Test(arguments: [1, 4, 64] as [UInt64])
  func `each lane has the probability`(digitCount: UInt64) throws {
    var noise = NoiseStream(reproducibleKey: [UInt8](repeating: 41, count: 32))
    for (probability, expected) in [
      (.rational(2, over: 7), 2.0 / 7), (.rational(0, over: 3), 0),
      (.exponential(1, over: 3), 0.7165313105737893), (.logistic(1, over: 3), 0.4174297935376853),
      (.logistic(4, over: 1), 0.01798620996209156),
    ] as [(ParallelTrial.Probability, Double)] {
      let trial = ParallelTrial(probability, digitCount: digitCount)
      let count = digitCount == 64 ? 3000 : 100
      var lanes = [Int](repeating: 0, count: 64)
      for _ in 0..<count {
        let events = try trial.draw(from: &noise)
        for lane in 0..<64 { lanes[lane] += Int(events >> UInt64(lane) & 1) }
      }
      let total = Double(64 * count)
      let deviation = (expected * (1 - expected) * total).squareRoot()
      #expect((Double(lanes.reduce(0, +)) - expected * total).magnitude <= 6 * deviation)
      for lane in lanes {
        #expect((Double(lane) - expected * Double(count)).magnitude <= 6.5 * deviation / 8 + 3)
      }
    }
  }
}
