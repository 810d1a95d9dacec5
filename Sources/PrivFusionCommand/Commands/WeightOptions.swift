internal import ArgumentParser
internal import ModelFormats

/// The flags of `fuse` on weights that lie apart from their graphs, and on fusing by weights alone.
struct WeightOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The weights of one model: a safetensors file, or the .json index of several. Once a model, in \
      order; or several for a single graph that all share.
      """, valueName: "FILE"))
  var weights: [String] = []

  @Flag(
    help: """
      Match by weights alone, without a probe, and average, a layer at a time; needs --no-privacy. What \
      --no-privacy does by itself where there is no probe and nothing else is asked for.
      """)
  var dataFree = false

  @Flag(
    help: """
      Go on where a --data-free run of the same models and output was ended; the result has the same \
      bytes as that of a run without interruption.
      """)
  var resume = false

  @Option(
    help: ArgumentHelp(
      "With --data-free: also write the fused weights as one safetensors file.",
      valueName: "FILE"))
  var outputWeights: String?

  /// Refuses flags that do not go together.
  ///
  /// - Parameter options: All flags of the command.
  func validate(for options: FuseOptions) throws {
    _ = try Self.pairs(options.models, weights)
    if resume, options.epsilon != nil || options.modelEpsilon != nil {
      throw ValidationError(
        "--resume does not go with --epsilon or --model-epsilon: noise is drawn once and never stored, "
          + "so that a second run is a second release")
    }
    guard dataFree else {
      guard !resume else {
        throw ValidationError(
          "--resume goes with --data-free; with a probe nothing is kept in between: run the command "
            + "again, the same --seed gives the same bytes")
      }
      guard outputWeights == nil else {
        throw ValidationError("--output-weights goes with --data-free")
      }
      return
    }
    guard options.noPrivacy else {
      throw ValidationError(
        "--data-free needs --no-privacy: weights are matched and averaged as they are")
    }
    let others = Self.conflicts(in: options)
    guard others.isEmpty else {
      throw ValidationError("\(others.joined(separator: ", ")) does not go with --data-free")
    }
  }

  /// Whether weights alone are to decide: as --data-free says, or where nothing else can.
  static func isDataFree(_ options: FuseOptions) -> Bool {
    options.outside.dataFree || (options.noPrivacy && conflicts(in: options).isEmpty)
  }

  /// The flags that do not go with fusing by weights alone.
  private static func conflicts(in options: FuseOptions) -> [String] {
    [
      options.probe.map { _ in "--probe" },
      options.adapterSteps.map { _ in "--adapter-steps" },
      options.matching.map { _ in "--matching" }, options.commonInit.map { _ in "--common-init" },
      options.trunk.map { _ in "--trunk" }, options.student.map { _ in "--student" },
      options.noFilter ? "--no-filter" : nil, options.plan ? "--plan" : nil,
      options.normalization == .auto ? nil : "--normalization",
      options.widths.isAsked ? "--width, --join-above and --names" : nil,
    ].compactMap(\.self) + options.comparison.given
  }

  /// Reads the models that the command names.
  ///
  /// - Parameter isStored: As of ``ModelFile``.
  func files(_ models: [String], asStored isStored: Bool = false) throws -> [ModelFile] {
    try Self.pairs(models, weights).map {
      try ModelFile($0.model, weights: $0.weights, asStored: isStored)
    }
  }

  /// Every model with its weights.
  ///
  /// - Parameters:
  ///   - models: Graphs, at least one.
  ///   - weights: As many, or none, or any number for a single graph.
  static func pairs(
    _ models: [String], _ weights: [String]
  ) throws -> [(model: String, weights: String?)] {
    if weights.isEmpty { return models.map { ($0, nil) } }
    if models.count == 1, let model = models.first { return weights.map { (model, $0) } }
    guard models.count == weights.count else {
      throw ValidationError(
        "--weights is given \(weights.count) times for \(models.count) models: give it once a model, "
          + "or one graph")
    }
    return zip(models, weights).map { ($0, $1) }
  }
}
