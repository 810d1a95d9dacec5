internal import LocalPrivacy
internal import PrivFusion

/// What `fuse --model-epsilon` did, or would do.
struct ModelVoteResult: Encodable, CustomStringConvertible {
  /// What a party sends, and what that costs it.
  struct Plan: Encodable, CustomStringConvertible {
    let parties: Int
    /// What epsilon protects, always "model".
    let unit: String
    let epsilon: Double
    /// The pure loss of all answers together, rounded up.
    let composedEpsilon: Double
    let answersPerParty: Int
    let epsilonPerAnswer: Double
    let clusters: Int
    let probes: Int
    let classes: Int
    let mechanism: String
    let bytesSent: Int
    /// The expected accuracy of the votes' student.
    let predictedAccuracy: Double
    /// The least and the greatest accuracy to be expected.
    let predictedRange: [Double]
    /// Whether the result would be noise: then nothing is spent.
    let noise: Bool
    /// What each party's own accuracy was taken to be.
    let expectedPartyAccuracy: Double
    /// What speaks against this fusion; empty where nothing does.
    let warnings: [String]

    init(_ plan: ModelVotePlan) throws {
      parties = plan.parties
      let loss = try plan.composedLoss
      unit = loss.unit.rawValue
      epsilon = plan.epsilon
      composedEpsilon = loss.basic
      answersPerParty = plan.answersPerParty
      epsilonPerAnswer = plan.randomizer.epsilon
      clusters = plan.clusterCount
      probes = plan.probeCount
      classes = plan.classes
      mechanism = plan.randomizer.encoding.mechanismName
      bytesSent = plan.byteCount
      predictedAccuracy = plan.forecast.expected
      predictedRange = [plan.forecast.range.lowerBound, plan.forecast.range.upperBound]
      noise = plan.isNoise
      expectedPartyAccuracy = plan.partyAccuracy
      warnings = Self.warnings(plan)
    }

    private static func warnings(_ plan: ModelVotePlan) -> [String] {
      let predicted = Text.percent(plan.forecast.expected).trimmed
      if plan.isNoise {
        return [
          """
          this fusion will be noise: the votes are expected to be right at \(predicted), and a guess \
          among \(plan.classes) classes is at \(Text.percent(1 / Double(plan.classes)).trimmed): take \
          more parties or a greater --model-epsilon
          """
        ]
      }
      guard plan.isLocalBetter else { return [] }
      return [
        """
        the parties' own models are expected to be better than what \(plan.parties) parties' votes \
        make (\(predicted) expected of the votes, \
        \(Text.percent(plan.partyAccuracy).trimmed) taken for each party)
        """
      ]
    }

    var description: String {
      let loss =
        "epsilon \(Text.epsilon(composedEpsilon)) per \(unit), pure: between any two models of a "
        + "party, from all that it sends"
      return Text.table([
        ["parties", "\(parties)"], ["privacy", loss],
        [
          "each party answers",
          "\(answersPerParty) of \(clusters) clusters of \(probes) public probes, "
            + "\(Text.bytes(bytesSent))",
        ],
        ["each answer", "\(mechanism), epsilon \(Text.epsilon(epsilonPerAnswer))"],
        [
          "predicted accuracy",
          "\(Text.percent(predictedAccuracy).trimmed), from "
            + "\(Text.percent(predictedRange[0]).trimmed) to \(Text.percent(predictedRange[1]).trimmed)",
        ],
      ])
    }
  }

  let output: String
  let sha256: String
  let models: [String]
  let privacy: Plan
  let votes: FuseResult.Votes
  let seconds: Double

  var description: String {
    """
    wrote \(output): a head on the trunk, taught by the votes alone; no weights were sent
    SHA-256 \(sha256)
    \(privacy)
    votes: read from \(votes.path == "decoded" ? "the probe graph" : "their counts") (held-out \
    log-likelihood \(Text.decimal(votes.heldOutDecoded, 3)) decoded, \
    \(Text.decimal(votes.heldOutCounts, 3)) counted)
    """
  }
}

extension String {
  fileprivate var trimmed: String { String(drop { $0 == " " }) }
}
