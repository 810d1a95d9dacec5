public import LocalPrivacy

/// What an attack shows of a claim: the greatest epsilon that it refutes, beside the claimed one.
///
/// The lower bound holds with the audit's confidence. One above the claim means that the release
/// loses more than it says. One below it proves nothing: another attack may do better.
public struct AuditFinding: Sendable, Hashable, Encodable {
  public enum Verdict: String, Sendable, Hashable, Encodable {
    /// Nothing speaks against the claim, and something could have.
    case notRefuted = "not refuted"
    /// No outcome of so many trials could have refuted so large a claim.
    case beyondReach = "beyond reach"
    /// The release loses more than claimed, or an estimate is nearer to the truth than it can be.
    case violated
    /// An estimate is further from the truth than its stated noise explains: no loss of privacy.
    case noisier = "noisier than stated"
  }

  /// What was attacked.
  public let name: String
  /// What the claim protects.
  public let unit: PrivacyUnit
  /// How it was attacked, in a few words.
  public let attack: String
  /// The claimed upper bound.
  public let epsilon: Double
  public let delta: Double
  /// The empirical lower bound, 0 or more.
  public let lowerBound: Double
  /// The lower bound if every guess had been right: no greater claim can be refuted this way.
  public let reach: Double
  /// Attempts, of each input or altogether, that the bound was counted in.
  public let trials: Int
  /// That the lower bound is no greater than the loss.
  public let confidence: Double
  public let verdict: Verdict

  /// - Parameters:
  ///   - name: What was attacked.
  ///   - unit: What the claim protects.
  ///   - attack: How it was attacked, in a few words.
  ///   - epsilon: The claimed upper bound.
  ///   - delta: The claimed delta.
  ///   - lowerBound: The empirical lower bound, 0 or more.
  ///   - reach: The lower bound if every guess had been right.
  ///   - trials: Attempts that the bound was counted in.
  ///   - confidence: That the lower bound is no greater than the loss.
  init(
    name: String, unit: PrivacyUnit, attack: String, epsilon: Double, delta: Double,
    lowerBound: Double, reach: Double, trials: Int, confidence: Double
  ) {
    self.name = name
    self.unit = unit
    self.attack = attack
    self.epsilon = epsilon
    self.delta = delta
    self.lowerBound = lowerBound
    self.reach = reach
    self.trials = trials
    self.confidence = confidence
    verdict =
      lowerBound > epsilon ? .violated : reach > epsilon ? .notRefuted : .beyondReach
  }
}
