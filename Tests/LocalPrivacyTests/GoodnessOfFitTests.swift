import LocalPrivacy
import Testing

/// Samples of every mechanism at its real size against its exact probabilities; those of the discrete
/// Laplace and Gaussian stand beside their tables.
///
/// Scores above 6 come up in fewer than 1e-8 of all keys (`ChiSquare`), so that all of the tests
/// together fail falsely in fewer than 1e-6; the keys are fixed besides.
@Suite struct GoodnessOfFitTests {
  static let count = 400_000
  static let losses = [0.1, 1.0, 3.0]

  static func stream(_ epsilon: Double) -> NoiseStream {
    NoiseStream(reproducibleKey: [UInt8](repeating: UInt8(epsilon * 10), count: 32))
  }

  /// How often each symbol from 0 on comes up.
  static func counts(_ symbols: some Sequence<Int>, below bound: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: bound)
    for symbol in symbols { counts[symbol] += 1 }
    return counts
  }

  @Test(arguments: losses, [-1, -0.3, 0, 0.77, 1])
  func `Duchi's outputs`(epsilon: Double, value: Double) throws {
    let mechanism = try NumericMechanism(.duchi, epsilon: epsilon)
    let multiple = Int32((value * 0x1p30).rounded())
    var noise = Self.stream(epsilon)
    let outputs = try mechanism.sample(
      [Int32](repeating: multiple, count: Self.count), noise: &noise)
    // 1/2 + t (e^epsilon - 1) / 2 (e^epsilon + 1), of the odds themselves.
    let response = try BinaryResponse(epsilon: epsilon)
    let plus = 0.5 + Double(multiple) * 0x1p-30 * (response.keepProbability - 0.5)
    let counts = Self.counts(outputs.lazy.map { ($0 + 1) / 2 }.map(Int.init), below: 2)
    #expect(ChiSquare.score(counts, [1 - plus, plus], of: Self.count) < 6)
  }

  /// The outputs in 97 parts of the interval; the hybrid's coin and both of its mechanisms at once.
  @Test(arguments: [NumericMechanism.Kind.piecewise, .hybrid], losses)
  func `Piecewise's and Hybrid's outputs`(kind: NumericMechanism.Kind, epsilon: Double) throws {
    let mechanism = try NumericMechanism(kind, epsilon: epsilon)
    let grid = try NumericMechanism.piecewiseGrid(epsilon: epsilon)
    let keep = try BinaryResponse(epsilon: epsilon).keepProbability
    let greatest = Int(grid.greatestOutput)
    // As the mechanism makes it: floor((1 - 1 / s) 2^32) / 2^32, to 2^-30 of itself.
    let root = (keep / (1 - keep)).squareRoot()
    let alpha = kind == .piecewise ? 1 : epsilon > 0.609352 ? 1 - 1 / root : 0
    var noise = Self.stream(epsilon)
    for gridValue in [-32_768, -9000, 0, 20_001, 32_768] {
      let value = Int32(clamping: gridValue << 15)
      let outputs = try mechanism.sample(
        [Int32](repeating: value, count: Self.count), noise: &noise)
      let parts = 97
      func part(_ output: Int) -> Int { (output + greatest) * parts / (2 * greatest + 1) }
      var probabilities = [Double](repeating: 0, count: parts + 2)
      let (centre, half) = (gridValue * Int(grid.step), Int(grid.width / 2))
      let total = Double(grid.uniform.bound)
      for output in -greatest...greatest {
        let weight = abs(output - centre) <= half ? grid.odds.favoured : grid.odds.other
        probabilities[part(output)] += alpha * Double(weight) / total
      }
      let plus = 0.5 + Double(gridValue) / 32_768 * (keep - 0.5)
      probabilities[parts] = (1 - alpha) * (1 - plus)
      probabilities[parts + 1] = (1 - alpha) * plus
      let symbols = outputs.lazy.map { Int($0) }.map { output in
        abs(output) > greatest ? (output < 0 ? parts : parts + 1) : part(output)
      }
      let counts = Self.counts(symbols, below: parts + 2)
      #expect(ChiSquare.score(counts, probabilities, of: Self.count) < 6, "at \(gridValue)")
    }
  }

  @Test(arguments: losses, [2, 10, 1000])
  func `randomised response's labels`(epsilon: Double, categories: Int) throws {
    let response = try RandomizedResponse(categories: categories, epsilon: epsilon)
    var noise = Self.stream(epsilon)
    let outputs = try response.sample([Int](repeating: 1, count: Self.count), noise: &noise)
    var probabilities = [Double](repeating: response.otherProbability, count: categories)
    probabilities[1] = response.keepProbability
    let counts = Self.counts(outputs.lazy.map(Int.init), below: categories)
    #expect(ChiSquare.score(counts, probabilities, of: Self.count) < 6)
  }

  @Test(arguments: losses)
  func `1-bit randomised response's answers`(epsilon: Double) throws {
    let response = try BinaryResponse(epsilon: epsilon)
    var noise = Self.stream(epsilon)
    for answer in 0...1 {
      let outputs = try response.sample(
        [Bool](repeating: answer == 1, count: Self.count), noise: &noise)
      // Runs of three, so that lanes of a word are seen to be independent.
      let symbols = (0..<(Self.count / 3)).map { index in
        (0..<3).reduce(0) { 2 * $0 + (Int(outputs[3 * index + $1]) ^ answer) }
      }
      let flip = 1 - response.keepProbability
      let probabilities = (0..<8).map { run in
        (0..<3).reduce(1) { $0 * (run >> $1 & 1 == 1 ? flip : 1 - flip) }
      }
      let counts = Self.counts(symbols, below: 8)
      #expect(ChiSquare.score(counts, probabilities, of: symbols.count) < 6)
    }
  }

  /// All 2^k answers.
  @Test(arguments: losses, [2, 5, 7])
  func `optimised unary encoding's answers`(epsilon: Double, categories: Int) throws {
    let unary = try UnaryEncoding(categories: categories, epsilon: epsilon)
    var noise = Self.stream(epsilon)
    let count = 100_000
    let bits = try unary.sample([Int](repeating: 1, count: count), noise: &noise)
    let symbols = (0..<count).map { row in
      (0..<categories).reduce(0) { $0 | Int(bits[row * categories + $1]) << $1 }
    }
    let q = unary.otherProbability
    let probabilities = (0..<(1 << categories)).map { answer in
      (0..<categories).reduce(0.5) {
        $1 == 1 ? $0 : $0 * (answer >> $1 & 1 == 1 ? q : 1 - q)
      }
    }
    let counts = Self.counts(symbols, below: 1 << categories)
    #expect(ChiSquare.score(counts, probabilities, of: count) < 6)
  }

  @Test(arguments: losses, [3, 8])
  func `subset selection's sets`(epsilon: Double, categories: Int) throws {
    let selection = try SubsetSelection(categories: categories, epsilon: epsilon)
    var noise = Self.stream(epsilon)
    let outputs = try selection.sample([Int](repeating: 2, count: Self.count), noise: &noise)
    let probabilities = (0..<Int32(selection.subsetCount)).map {
      selection.subset(of: $0).contains(2)
        ? selection.insideProbability : selection.outsideProbability
    }
    let counts = Self.counts(outputs.lazy.map(Int.init), below: selection.subsetCount)
    #expect(ChiSquare.score(counts, probabilities, of: Self.count) < 6)
  }
}
