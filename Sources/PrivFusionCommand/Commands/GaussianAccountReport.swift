internal import LocalPrivacy

/// What `account gaussian` says.
struct GaussianAccountReport: Encodable, CustomStringConvertible {
  /// Each accountant's epsilon for the unit and delta of the report.
  struct Accountants: Encodable {
    /// Absent where records are sampled.
    let analyticGaussian: Double?
    let lossDistribution: Double
    let lossDistributionLower: Double
    let renyi: Double
  }

  let unit: String
  let neighbours: String
  /// The figure to report; nothing less than `epsilonLower` holds.
  let epsilon: Double
  let epsilonLower: Double
  let delta: Double
  /// Whose figure `epsilon` is.
  let accountant: String
  let accountants: Accountants
  /// At the same delta, for neighbours that replace a record; absent when none is known.
  let epsilonUnderReplacement: Double?
  let noiseMultiplier: Double
  let steps: Int
  /// Absent where every record takes part in every step.
  let samplingProbability: Double?
  /// What was asked for; absent where the noise was given.
  let targetEpsilon: Double?

  init(_ figures: GaussianFigures, target: Double?) {
    let loss = figures.loss
    unit = loss.unit.rawValue
    neighbours = loss.adjacency.rawValue
    epsilon = loss.epsilon
    epsilonLower = figures.interval.lower
    delta = loss.delta
    accountant = loss.accountant.rawValue
    accountants = Accountants(
      analyticGaussian: figures.analyticGaussian,
      lossDistribution: figures.lossDistribution.upper,
      lossDistributionLower: figures.lossDistribution.lower, renyi: figures.renyi)
    epsilonUnderReplacement = figures.epsilonUnderReplacement
    noiseMultiplier = loss.procedure.noiseMultiplier
    steps = loss.procedure.steps
    samplingProbability =
      if case .poisson(let probability) = loss.procedure.sampling { probability } else { nil }
    targetEpsilon = target
  }

  var description: String {
    let sampling =
      samplingProbability.map { "each record with probability \($0)" } ?? "every record"
    var rows: [[String]] = []
    if let targetEpsilon {
      rows.append([
        "noise multiplier", Text.figure(noiseMultiplier),
        "the least for epsilon \(Text.figure(targetEpsilon)) per \(unit), rounded up",
      ])
    }
    rows += [
      [
        "epsilon per \(unit)", Text.figure(epsilon),
        "at delta \(Text.figure(delta)), by \(accountant)",
      ],
      ["at least", Text.figure(epsilonLower), "nothing less holds"],
    ]
    if let analytic = accountants.analyticGaussian {
      rows.append(["analytic Gaussian", Text.figure(analytic), "exact, rounded up"])
    }
    rows += [
      [
        "loss distribution", Text.figure(accountants.lossDistribution),
        "at least \(Text.figure(accountants.lossDistributionLower))",
      ],
      ["Rényi divergence", Text.figure(accountants.renyi), ""],
      [
        "under replacement", epsilonUnderReplacement.map(Text.figure) ?? "unknown",
        "at most, when a record is replaced by any other",
      ],
    ]
    return """
      \(steps) sums over \(sampling), with noise of \(Text.figure(noiseMultiplier)) times the clip.
      Unit: \(unit). Neighbours: one record is empty (zero-out); their number is public.
      \(Text.table(rows))
      """
  }
}
