/// The public numbers that fix a mechanism: recorded with its debit, so that anyone who is shown them
/// can compute the loss anew.
///
/// Every output's probabilities under two inputs differ by at most the factor `favoured / other`, two
/// of the integers; the others say on which grid. Noise of an exact scale has `sensitivity`,
/// `scale_numerator` and `scale_denominator` in their place:
///
///     epsilon = ln(favoured / other)   or   sensitivity scale_denominator / scale_numerator
public struct MechanismParameters: Hashable, Sendable, Codable {
  /// By name, in small letters and underscores.
  public let integers: [String: UInt64]
  /// What numbers were clipped to, in their own units; nil for labels.
  public let clippingRadius: Double?

  /// - Parameters:
  ///   - integers: By name, in small letters and underscores; those that fix the loss among them.
  ///   - clippingRadius: What numbers were clipped to, in their own units; nil for labels.
  package init(integers: [String: UInt64], clippingRadius: Double?) {
    self.integers = integers
    self.clippingRadius = clippingRadius
  }

  /// The odds alone, for a debit that recorded its loss and no integers.
  ///
  /// - Returns: Nil unless the loss is that of odds with a denominator of 2^32 exactly.
  package init?(lossAlone epsilon: Double) {
    // Rounded up from the logarithm, it has the same whole number below its exponential.
    guard epsilon >= Odds.leastEpsilon / 2, epsilon <= Odds.greatestEpsilon else { return nil }
    let bits = FixedPointExponential(epsilon).bits
    let odds = Odds(
      favoured: UInt64(bits >> UInt128(FixedPointExponential.fractionBits - 32)), other: 1 << 32)
    guard odds.epsilon == epsilon else { return nil }
    self.init(integers: odds.integers, clippingRadius: nil)
  }

  /// The integers with `favoured` and `other` first and the rest by their names.
  public var ordered: [(name: String, value: UInt64)] {
    let odds = ["favoured", "other"].filter { integers[$0] != nil }
    let rest = integers.keys.filter { !odds.contains($0) }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return (odds + rest).map { ($0, integers[$0] ?? 0) }
  }

  /// Whether the integers lose epsilon: no more, and less by a relative 1e-9 at most.
  ///
  /// Decided in integers, without a logarithm, so that it is the same on every machine.
  ///
  /// - Parameter epsilon: Any number.
  public func lose(_ epsilon: Double) -> Bool {
    guard epsilon >= Odds.leastEpsilon / 2, epsilon <= Odds.greatestEpsilon else { return false }
    switch source {
    case .odds(let favoured, let other):
      return Odds.isAtMost(epsilon, favoured: favoured, other: other)
        && !Odds.isAtMost(epsilon * (1 - 1e-9), favoured: favoured, other: other)
    case .scale(let sensitivity, let numerator, let denominator):
      // An epsilon of 2^-11 or more is a multiple of 2^-63.
      let needed = (UInt128(sensitivity) << 63).multipliedFullWidth(by: UInt128(denominator))
      func isAtMost(_ epsilon: Double) -> Bool {
        let given = UInt128(epsilon * 0x1p63).multipliedFullWidth(by: UInt128(numerator))
        return given.high > needed.high || (given.high == needed.high && given.low >= needed.low)
      }
      return isAtMost(epsilon) && !isAtMost(epsilon * (1 - 1e-9))
    case nil: return false
    }
  }

  /// What the integers lose, not rounded up, for an error's words; NaN when they fix no loss.
  var loss: Double {
    switch source {
    case .odds(let favoured, let other): naturalLogarithm(Double(favoured) / Double(other))
    case .scale(let sensitivity, let numerator, let denominator):
      Double(sensitivity) * Double(denominator) / Double(numerator)
    case nil: .nan
    }
  }

  private enum Source {
    case odds(favoured: UInt64, other: UInt64)
    case scale(sensitivity: UInt64, numerator: UInt64, denominator: UInt64)
  }

  private var source: Source? {
    // What fixes a loss twice fixes none.
    let isScaled = integers["sensitivity"] != nil || integers["scale_numerator"] != nil
    if let favoured = integers["favoured"], let other = integers["other"] {
      guard !isScaled else { return nil }
      return other >= 2 && favoured > other && other <= 1 << 32
        ? .odds(favoured: favoured, other: other) : nil
    }
    guard let sensitivity = integers["sensitivity"], sensitivity >= 1,
      let numerator = integers["scale_numerator"], numerator >= 1,
      let denominator = integers["scale_denominator"], denominator >= 1,
      // Inputs that lie further apart than the sensitivity lose more.
      let width = integers["bounds_width"], width >= 1, width <= sensitivity
    else { return nil }
    return .scale(sensitivity: sensitivity, numerator: numerator, denominator: denominator)
  }

  /// Whether what was released was moved into public bounds first.
  var areOfClipped: Bool { clippingRadius != nil || integers["sensitivity"] != nil }
}

extension ReleaseEncoding {
  /// The public numbers that fix the mechanism.
  public var parameters: MechanismParameters {
    switch self {
    case .numbers(let mechanism, let radius):
      MechanismParameters(integers: mechanism.integers, clippingRadius: radius.value)
    case .labels(let response):
      MechanismParameters(integers: response.integers, clippingRadius: nil)
    case .subsets(let selection):
      MechanismParameters(integers: selection.integers, clippingRadius: nil)
    case .answers(let response):
      MechanismParameters(integers: response.odds.integers, clippingRadius: nil)
    case .unary(let unary):
      MechanismParameters(
        integers: unary.odds.integers.merging(["categories": UInt64(unary.categories)]) { $1 },
        clippingRadius: nil)
    case .integers(let laplace, let bounds):
      MechanismParameters(
        integers: [
          "sensitivity": UInt64(laplace.sensitivity),
          "scale_numerator": UInt64(laplace.scaleNumerator),
          "scale_denominator": UInt64(laplace.scaleDenominator),
          "bounds_width": UInt64(bounds.width),
        ], clippingRadius: nil)
    }
  }
}

extension MechanismParameters {
  /// The bits that an output takes when packed, as ``ReleaseEncoding/bitsPerOutput`` says of the
  /// encoding that these numbers fix.
  ///
  /// - Parameter mechanismName: As ``ReleaseEncoding/mechanismName`` gives it.
  /// - Returns: From 1 to 2^16; nil where the numbers do not tell.
  func bitsPerOutput(through mechanismName: String) -> Int? {
    switch NumericMechanism.Kind(rawValue: mechanismName) {
    case .duchi?: return 1
    case .piecewise?: return greatestOutput.flatMap { Self.bits(alphabet: 2 * $0 + 1) }
    case .hybrid?: return greatestOutput.flatMap { Self.bits(alphabet: 2 * ($0 + 1) + 1) }
    case nil: break
    }
    guard let categories = integers["categories"] else {
      return mechanismName == ReleaseEncoding.answersName ? 1 : nil
    }
    guard categories >= 2, categories <= 1 << 16 else { return nil }
    if mechanismName.hasSuffix(ReleaseEncoding.unaryName) { return Int(categories) }
    return integers["subset_size"] == nil ? Self.bits(alphabet: categories) : nil
  }

  /// K of a Piecewise grid.
  private var greatestOutput: UInt64? {
    guard let resolution = integers["resolution"], let step = integers["step"],
      let width = integers["width"], max(resolution, step, width) < 1 << 31, width >= 1
    else { return nil }
    return resolution * step + (width - 1) / 2
  }

  private static func bits(alphabet: UInt64) -> Int? {
    UInt64.bitWidth - (alphabet - 1).leadingZeroBitCount
  }
}

extension Odds {
  /// The integers by their names.
  fileprivate var integers: [String: UInt64] { ["favoured": favoured, "other": other] }
}

extension NumericMechanism {
  fileprivate var integers: [String: UInt64] {
    var integers = odds.integers
    switch grid {
    case .duchi(let duchi):
      integers["resolution"] = duchi.resolution
    case .piecewise(let piecewise):
      integers.merge(piecewise.integers) { $1 }
    case .hybrid(let duchi, let piecewise, let coin):
      integers.merge(piecewise.integers) { $1 }
      integers["duchi_resolution"] = duchi.resolution
      integers["coin"] = coin.numerator
      integers["coin_of"] = coin.denominator
    }
    return integers
  }
}

extension PiecewiseGrid {
  fileprivate var integers: [String: UInt64] {
    ["resolution": resolution, "step": step, "width": width]
  }
}

extension RandomizedResponse {
  fileprivate var integers: [String: UInt64] {
    odds.integers.merging(["categories": UInt64(categories)]) { $1 }
  }
}

extension SubsetSelection {
  fileprivate var integers: [String: UInt64] {
    odds.integers.merging(
      ["categories": UInt64(categories), "subset_size": UInt64(subsetSize)]
    ) { $1 }
  }
}
