internal import LocalPrivacy
internal import PrivFusion

/// What `fuse` did.
struct FuseResult: Encodable, CustomStringConvertible {
  struct Epsilon: Encodable {
    let unit: String
    let perValue: Double
    let values: Int
    let composedUnit: String
    let composedBasic: Double
    let composedZcdp: Double?
    let composedTightest: Double
    let delta: Double
  }

  let output: String
  let sha256: String
  let models: [String]
  let permutationGroups: Int
  /// What neurons were matched by; absent where the messages had been aligned already, and for heads.
  let matching: String?
  /// What every party sent; absent where nothing was randomised here.
  let messages: String?
  /// The accuracy that was predicted before; absent where nothing was.
  let predictedAccuracy: ForecastResult?
  /// Absent when nothing was randomised here.
  let epsilon: Epsilon?
  /// What each party's certificate says; absent when none was required.
  let certified: [CertifiedParty]?
  /// How the votes were read; absent where they were not randomised.
  let votes: Votes?
  /// How far the fusion went; absent where held-out probes did not decide it.
  let path: Path?
  /// How the average was normalised; absent where the fusion went further, or all models are one.
  let normalization: NormalizationResult?
  /// Whether fusing was worth it; absent where nothing was held out. In a private run it holds models
  /// made of released messages alone.
  var comparison: FuseComparison.Report?
  /// What was written in the place of the fused model; absent where it was written.
  var selected: String?
  let bytesSent: [Int]
  let seconds: [String: Double]

  /// How far the fusion went, and how well each way agrees with the released classes of probes that
  /// it did not see.
  struct Path: Encodable {
    struct Score: Encodable {
      let logLikelihood: Double
      let agreement: Double
    }

    let chosen: String
    let heldOutProbes: Int
    let average: Score?
    let filter: Score?
    let adapter: Score?

    init(_ choice: PathChoice) {
      func score(_ path: FusionPath) -> Score? {
        choice.scores[path].map {
          Score(logLikelihood: $0.logLikelihood, agreement: $0.agreement)
        }
      }
      chosen = choice.path.rawValue
      heldOutProbes = choice.heldOutCount
      (average, filter, adapter) = (score(.average), score(.filter), score(.adapter))
    }

    var description: String {
      let scores = [("average", average), ("filter", filter), ("adapter", adapter)]
        .compactMap { name, score in
          score.map { "\(name) \(Text.decimal(100 * $0.agreement, 1)) %" }
        }
      let words = [
        "average": "the average as it is", "filter": "the filter, without adapter",
        "adapter": "filter and adapter",
      ]
      return "path: \(words[chosen] ?? chosen), by agreement with the votes on \(heldOutProbes) "
        + "held-out probes (\(scores.joined(separator: ", ")))"
    }
  }

  /// Which way of reading the votes was chosen by votes held out.
  struct Votes: Encodable {
    let path: String
    let heldOutCounts: Double
    let heldOutDecoded: Double
  }

  init(
    _ outcome: FusionOutcome, output: String, digest: String, models: [String], groups: Int,
    certified: [CertifiedParty], matching: FusionSettings.Matching? = nil,
    planned: PlannedMessages? = nil
  ) {
    messages = planned?.selection.rawValue
    predictedAccuracy = planned?.option.map { ForecastResult($0.forecast) }
    self.certified = certified.isEmpty ? nil : certified
    self.output = output
    sha256 = digest
    self.models = models
    permutationGroups = groups
    self.matching = matching?.rawValue
    epsilon = outcome.privacy.map {
      Epsilon(
        unit: $0.unit.rawValue, perValue: $0.perValue, values: $0.valueCount,
        composedUnit: $0.composed.unit.rawValue, composedBasic: $0.composed.basic,
        composedZcdp: $0.composed.zcdp, composedTightest: $0.composed.tightest,
        delta: $0.composed.delta)
    }
    votes = outcome.voteChoice.map {
      Votes(
        path: $0.path.rawValue, heldOutCounts: $0.heldOutCounts, heldOutDecoded: $0.heldOutDecoded)
    }
    path = outcome.pathChoice.map { Path($0) }
    normalization = outcome.stopsAtAverage ? outcome.normalization.map { .init($0) } : nil
    bytesSent = outcome.bytesSent
    seconds = outcome.seconds.reduce(into: [:]) { $0[$1.phase.rawValue] = $1.duration.seconds }
  }

  /// Heads on one trunk, fused.
  init(
    headsIn output: String, digest: String, models: [String], certified: [CertifiedParty],
    seconds: Double
  ) {
    self.output = output
    sha256 = digest
    self.models = models
    permutationGroups = 0
    (messages, predictedAccuracy) = (nil, nil)
    matching = nil
    epsilon = nil
    self.certified = certified.isEmpty ? nil : certified
    (votes, path, normalization) = (nil, nil, nil)
    bytesSent = []
    self.seconds = ["fuse": seconds]
  }

  var description: String {
    var lines = ["wrote \(output)", "SHA-256 \(sha256)"]
    if let epsilon {
      lines.append(
        """
        privacy: epsilon \(Text.epsilon(epsilon.perValue)) per \(epsilon.unit); all \
        \(epsilon.values) numbers of a party compose to epsilon \
        \(Text.epsilon(epsilon.composedBasic)) per \(epsilon.composedUnit)
        """)
    } else if let certified {
      lines.append(
        """
        privacy: record-level, as certified by each party; fusing cost nothing more. A person with \
        records at several parties loses the sum of theirs.
        """)
      lines.append(CertifiedParty.table(certified))
    } else {
      lines.append("privacy: none; all models were in one hand")
    }
    if let messages {
      lines.append(
        "messages: \(messages)"
          + (predictedAccuracy.map { ", predicted to be right at \($0.text)" } ?? ""))
    }
    if let matching { lines.append("matching: \(matching)") }
    if let votes {
      let decoded = Text.decimal(votes.heldOutDecoded, 3)
      let counted = Text.decimal(votes.heldOutCounts, 3)
      lines.append(
        """
        votes: \(votes.path == "decoded" ? "decoded on the probe graph" : "read from their counts") \
        (held-out log-likelihood \(decoded) decoded, \(counted) counted)
        """)
    }
    if let path { lines.append(path.description) }
    if let normalization { lines.append(normalization.description) }
    if let selected {
      lines.append("selected: \(selected), written in the place of the fused model")
    }
    if let comparison { lines.append(comparison.description) }
    let times = seconds.sorted { $0.key < $1.key }
      .map { "\($0.key) \(Text.decimal($0.value, 1))" }.joined(separator: ", ")
    lines.append("seconds: \(times)")
    return lines.joined(separator: "\n")
  }

  /// What `fuse --plan` says.
  struct Plan: Encodable, CustomStringConvertible {
    let parties: Int
    let parameters: Int
    let permutableParameters: Int
    let permutationGroups: Int
    let filteredLayers: Int
    let probes: Int
    let valuesSent: Int
    let bytesSent: Int
    let memoryBytes: Int
    let epsilon: Epsilon?

    init(_ plan: FusionPlan, parties: Int) {
      self.parties = parties
      parameters = plan.parameterCount
      permutableParameters = plan.permutableCount
      permutationGroups = plan.groupCount
      filteredLayers = plan.layerCount
      probes = plan.probeCount
      valuesSent = plan.valueCount
      bytesSent = plan.byteCount
      memoryBytes = plan.memoryBytes
      epsilon = plan.composed.map {
        Epsilon(
          unit: "value", perValue: plan.perValue ?? 0, values: plan.valueCount,
          composedUnit: $0.unit.rawValue, composedBasic: $0.basic, composedZcdp: $0.zcdp,
          composedTightest: $0.tightest, delta: $0.delta)
      }
    }

    var description: String {
      var rows = [
        ["models", "\(parties)"],
        ["parameters", "\(parameters), \(permutableParameters) in tensors that are permuted"],
        ["permutation groups", "\(permutationGroups), all proved"],
        ["filtered layers", "\(filteredLayers)"], ["public probes", "\(probes)"],
        ["sent by each party", "\(valuesSent) numbers, \(Text.bytes(bytesSent))"],
        ["memory", "about \(Text.bytes(memoryBytes))"],
      ]
      if let epsilon {
        rows.append(["epsilon per \(epsilon.unit)", Text.epsilon(epsilon.perValue)])
        rows.append([
          "composed per \(epsilon.composedUnit)",
          "\(Text.epsilon(epsilon.composedBasic)) (basic)"
            + (epsilon.composedZcdp.map {
              ", \(Text.epsilon($0)) (zCDP, delta \(epsilon.delta))"
            } ?? ""),
        ])
      } else {
        rows.append(["privacy", "none; all models are in one hand"])
      }
      return "Nothing has been done. The plan:\n" + Text.table(rows)
    }
  }
}
