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
    for digits in [1, 5, 53, 64] {
      for (numerator, denominator) in [(0, 1), (1, 3), (5, 7), (1 << 32, 11_675_054_207)]
        as [(UInt64, UInt64)]
      {
        let trial = ParallelTrial(.rational(numerator, over: denominator), digitCount: digits)
        let expected = (BigInt(numerator) << digits) / BigInt(denominator)
        #expect((0..<4).allSatisfy { BigInt(trial.prefixes[$0]) == expected })
      }
      for (numerator, denominator) in [(1, 1 << 40), (1, 3), (7, 2), (45, 1), (89, 1)]
        as [(UInt128, UInt128)]
      {
        let trial = ParallelTrial(
          [
            .exponential(numerator, over: denominator), .logistic(numerator, over: denominator),
            .rational(0, over: 1), .rational(1, over: 2),
          ], digitCount: digits)
        for constant in 0...1 {
          let below = Self.denominator(
            BigInt(numerator), BigInt(denominator), plus: BigInt(constant))
          let one = BigInt(1) << (600 + digits)
          let prefix = BigInt(trial.prefixes[constant])
          #expect(prefix * (below + BigInt(1) << 100) <= one)
          #expect((prefix + 1) * below > one)
        }
        #expect(trial.prefixes[2] == 0 && trial.prefixes[3] == UInt64(1) << UInt64(digits - 1))
      }
    }
  }

  /// All strings of digits, 64 at a time: those below p's are events, and the one that is p's goes on.
  @Test(arguments: [1, 3, 7, 10], [(0, 5), (1, 3), (4, 11), (2, 25), (6, 7)])
  func `digits decide all lanes but those that agree with the probability`(
    digitCount: Int, probability: (UInt64, UInt64)
  ) {
    // The other words have their own probabilities, and do not mix.
    let trial = ParallelTrial(
      [
        .rational(probability.0, over: probability.1), .rational(1, over: 2),
        .rational(0, over: 1), .rational(probability.0, over: probability.1),
      ], digitCount: digitCount)
    var events = [[UInt64]](repeating: [], count: 4)
    var undecided = events
    for start in stride(from: 0, to: UInt64(1) << UInt64(digitCount), by: 64) {
      var lanes = ParallelTrial.Lanes()
      for place in (0..<UInt64(digitCount)).reversed() {
        var word: UInt64 = 0
        for lane in UInt64(0)..<64 { word |= ((start + lane) >> place & 1) << lane }
        lanes.compare(
          SIMD4(repeating: word), with: 0 &- (trial.prefixes &>> place & SIMD4(repeating: 1)))
      }
      for lane in UInt64(0)..<64 where start + lane < 1 << UInt64(digitCount) {
        for part in 0..<4 {
          if lanes.events[part] >> lane & 1 == 1 { events[part].append(start + lane) }
          if lanes.undecided[part] >> lane & 1 == 1 { undecided[part].append(start + lane) }
        }
      }
    }
    for part in 0..<4 {
      #expect(events[part] == Array(0..<trial.prefixes[part]))
      #expect(undecided[part] == [trial.prefixes[part]])
    }
  }

  /// z-tests at 6 deviations on independent lanes: false failures in fewer than 1e-6 of all keys, which
  /// are fixed besides. With one or four digits most lanes, or some, are decided by what is left of p.
  @Test(arguments: [1, 4, 64])
  func `each lane has the probability`(digitCount: Int) throws {
    var noise = NoiseStream(reproducibleKey: [UInt8](repeating: 41, count: 32))
    let probabilities: [(ParallelTrial.Probability, Double)] = [
      (.rational(2, over: 7), 2.0 / 7), (.exponential(1, over: 3), 0.7165313105737893),
      (.logistic(1, over: 3), 0.4174297935376853), (.logistic(4, over: 1), 0.01798620996209156),
    ]
    let trial = ParallelTrial(probabilities.map(\.0), digitCount: digitCount)
    let count = digitCount == 64 ? 6000 : 200
    var lanes = [[Int]](repeating: [Int](repeating: 0, count: 64), count: 4)
    for _ in 0..<count {
      let events = try trial.draw(from: &noise)
      for part in 0..<4 {
        for lane in 0..<64 { lanes[part][lane] += Int(events[part] >> UInt64(lane) & 1) }
      }
    }
    for (part, (_, expected)) in probabilities.enumerated() {
      let total = Double(64 * count)
      let deviation = (expected * (1 - expected) * total).squareRoot()
      #expect((Double(lanes[part].reduce(0, +)) - expected * total).magnitude <= 6 * deviation)
      for lane in lanes[part] {
        // 3: the binomial distribution's tail beyond the normal one's, at few expected events.
        #expect((Double(lane) - expected * Double(count)).magnitude <= 6.5 * deviation / 8 + 3)
      }
    }
  }
}
