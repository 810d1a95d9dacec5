public import LocalPrivacy

/// A way to release something, as an attacker meets it: inputs of his choice, outputs, a claim.
///
/// Two inputs are neighbours under the claim. One trial gives two outputs, that of the attacked
/// value and that of a companion whose input is the same in both cases and known to the attacker:
/// with independent noise the companion says nothing, and with the same noise it gives the noise
/// away.
public struct AuditedRelease: Sendable {
  /// Which of two neighbouring inputs went in.
  public enum Input: Sendable {
    case first, second
  }

  /// What one trial shows.
  public struct Observation: Sendable, Hashable {
    /// The output of the attacked value.
    public let target: Double
    /// The output of the companion.
    public let companion: Double

    /// - Parameters:
    ///   - target: The output of the attacked value; an integer output as it is.
    ///   - companion: The output of the companion.
    public init(target: Double, companion: Double) {
      self.target = target
      self.companion = companion
    }
  }

  /// What is claimed of every event's two probabilities.
  public enum Claim: Sendable, Hashable {
    /// P₁ <= e^epsilon P₀ + delta.
    case bounded
    /// Besides, P₁ <= Phi(mu + Phi^-1(P₀)), as of two Gaussians mu deviations apart whose loss at delta
    /// is epsilon (Dong, Roth, Su 2019, Definition 2.6). It can be refuted with far fewer trials.
    case gaussian
  }

  public let name: String
  /// What the claim protects.
  public let unit: PrivacyUnit
  public let claim: Claim
  /// The claimed loss, between the two inputs.
  public let epsilon: Double
  public let delta: Double
  private let trials: @Sendable (Input, Int) throws -> [Observation]

  /// - Parameters:
  ///   - name: What is attacked.
  ///   - unit: What the claim protects.
  ///   - claim: What is claimed of the probabilities.
  ///   - epsilon: The claimed loss, between the two inputs.
  ///   - delta: The claimed delta; 0 for a pure loss.
  ///   - trials: Makes so many independent trials with an input, by fresh releases.
  public init(
    name: String, unit: PrivacyUnit, claim: Claim = .bounded, epsilon: Double, delta: Double,
    trials: @escaping @Sendable (Input, Int) throws -> [Observation]
  ) {
    self.name = name
    self.unit = unit
    self.claim = claim
    self.epsilon = epsilon
    self.delta = delta
    self.trials = trials
  }

  /// Independent trials with an input, by fresh releases.
  ///
  /// - Throws: What the release throws, and ``AuditError/outputCount(name:expected:found:)``.
  package func observations(of input: Input, count: Int) throws -> [Observation] {
    let observations = try trials(input, count)
    guard observations.count == count else {
      throw AuditError.outputCount(name: name, expected: count, found: observations.count)
    }
    return observations
  }
}

// MARK: - Values

extension AuditedRelease {
  /// A release of values, each by itself: the companion is one more release of as many values.
  ///
  /// - Parameters:
  ///   - encoding: What the claim is read from.
  ///   - note: What tells it from other releases through the same mechanism.
  ///   - release: Releases so many copies of the first input as companions, and as many of the
  ///     given one as targets, under another name.
  public static func values(
    _ encoding: ReleaseEncoding, note: String = "",
    release: @escaping @Sendable (Input, Int) throws -> (companions: [Int32], targets: [Int32])
  ) -> AuditedRelease {
    AuditedRelease(
      name: encoding.mechanismName + note, unit: .value, epsilon: encoding.epsilon, delta: 0
    ) { input, count in
      let (companions, targets) = try release(input, count)
      return zip(rows(targets, count: count), rows(companions, count: count)).map {
        Observation(target: $0, companion: $1)
      }
    }
  }

  /// One number a value: an output as it is, or several bits of one value as digits.
  private static func rows(_ outputs: [Int32], count: Int) -> [Double] {
    guard outputs.count != count, count > 0, outputs.count % count == 0 else {
      return outputs.map { Double($0) }
    }
    let width = outputs.count / count
    return (0..<count).map { row in
      outputs[row * width..<(row + 1) * width].reduce(0) { $0 * 2 + Double($1) }
    }
  }
}
