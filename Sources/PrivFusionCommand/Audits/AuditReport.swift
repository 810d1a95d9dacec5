internal import LocalPrivacy
internal import PrivacyAudit

/// What `audit` says.
struct AuditReport: Encodable, CustomStringConvertible {
  let epsilon: Double
  let delta: Double?
  /// Of each input.
  let trials: Int
  let confidence: Double
  let findings: [AuditFinding]
  let reconstructions: [ReconstructionAudit.Finding]
  /// Releases of too few values to be reconstructed, or of values that are all alike.
  let leftOut: [String]

  /// What was refuted: empty when no claim was.
  let refuted: [String]

  init(
    epsilon: Double, delta: Double?, trials: Int, confidence: Double, findings: [AuditFinding],
    reconstructions: [ReconstructionAudit.Finding], leftOut: [String]
  ) {
    self.epsilon = epsilon
    self.delta = delta
    self.trials = trials
    self.confidence = confidence
    self.findings = findings
    self.reconstructions = reconstructions
    self.leftOut = leftOut
    refuted =
      findings.filter { $0.verdict == .violated }.map(\.name)
      + reconstructions.filter { $0.verdict == .violated }.map(\.name)
  }

  var description: String {
    let claims = Text.table(
      [["attacked", "unit", "claimed", "at least", "reach", "confidence", "verdict", "seen in"]]
        + findings.map { finding in
          [
            finding.name, finding.unit.rawValue,
            Text.epsilon(finding.epsilon)
              + (finding.delta > 0 ? ", delta \(finding.delta)" : ""),
            Text.decimal(finding.lowerBound, 3), Text.decimal(finding.reach, 1),
            "\(finding.confidence)", finding.verdict.rawValue, finding.attack,
          ]
        })
    let estimates = Text.table(
      [
        [
          "reconstructed", "values", "claimed", "correlation", "in theory", "allowed", "explained",
          "verdict",
        ]
      ]
        + reconstructions.map { finding in
          [
            finding.name, "\(finding.values)", Text.epsilon(finding.epsilon),
            Text.decimal(finding.correlation, 4), Text.decimal(finding.theory, 4),
            "\(Text.decimal(finding.least, 4)) to \(Text.decimal(finding.greatest, 4))",
            Text.percent(finding.explained),
            finding.verdict.rawValue,
          ]
        })
    return """
      Epsilon, as claimed and as attacked; \(trials) trials of each input, half of them to choose the \
      attack
      \(claims)

      Reconstruction from the outputs: correlation with the truth, and what the stated noise allows
      \(estimates)
      \(leftOut.isEmpty ? "" : "  too few values, or all alike: \(leftOut.joined(separator: ", "))\n")
      \(conclusion)
      """
  }

  private var conclusion: String {
    let beyond = findings.filter { $0.verdict == .beyondReach }
    let noisier = reconstructions.filter { $0.verdict == .noisier }
    var words = [
      refuted.isEmpty
        ? "No claim is refuted. That is no proof: a better attack may show more."
        : "Refuted: \(refuted.joined(separator: ", "))."
    ]
    if !beyond.isEmpty {
      words.append(
        "Claims above the reach could not have been refuted: "
          + beyond.map(\.name).joined(separator: ", ") + ".")
    }
    if !noisier.isEmpty {
      words.append(
        "Further from the truth than the noise explains, a fault but no loss of privacy: "
          + noisier.map(\.name).joined(separator: ", ") + ".")
    }
    return words.joined(separator: "\n")
  }
}
