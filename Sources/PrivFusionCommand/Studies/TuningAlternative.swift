internal import PrivFusion

/// One other value of something that is ours to tune.
struct TuningAlternative: Sendable {
  /// What everything is compared with.
  static let base = "default"

  let name: String
  /// Whether it changes anything about a figure.
  let applies: @Sendable (Figure) -> Bool
  let change: @Sendable (inout FusionSettings) -> Void

  private init(
    _ name: String, where applies: @escaping @Sendable (Figure) -> Bool = { _ in true },
    change: @escaping @Sendable (inout FusionSettings) -> Void
  ) {
    self.name = name
    self.applies = applies
    self.change = change
  }

  /// Of the closed-form filter, which is what they are judged through.
  static let filter: [TuningAlternative] =
    [TuningAlternative("without the filter") { $0.usesFilter = false }]
    + scaled("least variance of a unit", [\.leastUnitVariance])
    + valued("share of the layer's variance", \.levelShare, [0, 1])
    + scaled("least signal", [\.leastSignal], where: isNoisy)
    + valued("power of the prior", \.priorPower, [0, 0.33, 3], where: isNoisyAndMatched)
    + valued("power of the output's prior", \.outputPriorPower, [0, 3], where: isNoisy)
    + scaled("error of the average", [\.weightError], where: isNoisyAndMatched)
    + scaled("error of the target", [\.targetError], where: isNoisyAndMatched)
    + scaled("kappa", [\.kappaWithVotes], where: isNoisyAndMatched)
    + scaled("lambda without noise", [\.openLambda, \.openLambdaOfFewProbes]) {
      $0.epsilon == nil && !$0.hasCommonStart
    }
    + scaled("lambda of a common start", [\.commonLambdaWithVotes], where: \.hasCommonStart)
    + scaled(
      "lambda of the output layer",
      [\.outputLambdaWithVotes, \.outputLambdaWithoutVotes])

  /// What does best by the ridge alone with 2,000 probes.
  static let bestOfRidge = TuningAlternative(
    "errors of average x 3 and target x 1/3, lambda of the output x 1/3", where: isNoisyAndMatched
  ) {
    $0.filterConstants.weightError *= 3
    $0.filterConstants.targetError /= 3
    $0.filterConstants.outputLambdaWithVotes /= 3
  }

  /// Of the adapter, which is what they are judged through.
  static let adapter: [TuningAlternative] =
    [TuningAlternative("without the adapter") { $0.adapter = nil }]
    + factors.map { factor in
      TuningAlternative("steps x \(factor.name)") { settings in
        guard let usual = settings.adapter else { return }
        settings.adapter?.steps = Int(Double(usual.steps) * factor.value)
      }
    }
    + factors.map { factor in
      TuningAlternative("rate x \(factor.name)") { $0.adapter?.rate *= factor.value }
    }
    + valued("weight of the layers", \.layerWeight, [0])
    + scaled("weight of the layers", [\.layerWeight])
    + [TuningAlternative("without augmentation") { $0.augmentation = nil }]

  private static let factors = [("1/3", 1.0 / 3), ("3", 3)].map { (name: $0.0, value: $0.1) }

  private static let isNoisy: @Sendable (Figure) -> Bool = { $0.epsilon != nil }
  private static let isNoisyAndMatched: @Sendable (Figure) -> Bool = {
    $0.epsilon != nil && !$0.hasCommonStart
  }

  private typealias Constant = WritableKeyPath<FilterConstants, Double> & Sendable

  private static func scaled(
    _ name: String, _ constants: [any Constant],
    where applies: @escaping @Sendable (Figure) -> Bool = { _ in true }
  ) -> [TuningAlternative] {
    factors.map { factor in
      TuningAlternative("\(name) x \(factor.name)", where: applies) { settings in
        for constant in constants { settings.filterConstants[keyPath: constant] *= factor.value }
      }
    }
  }

  private static func valued(
    _ name: String, _ constant: any Constant, _ values: [Double],
    where applies: @escaping @Sendable (Figure) -> Bool = { _ in true }
  ) -> [TuningAlternative] {
    values.map { value in
      TuningAlternative("\(name) \(Text.epsilon(value))", where: applies) {
        $0.filterConstants[keyPath: constant] = value
      }
    }
  }
}
