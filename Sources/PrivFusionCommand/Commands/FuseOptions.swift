internal import ArgumentParser
internal import LocalPrivacy
internal import Models
internal import PrivFusion
internal import Tensors

/// The flags of `fuse`.
struct FuseOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("ONNX files of one architecture.", valueName: "MODEL.onnx"))
  var models: [String]

  @Option(
    help: """
      Public inputs, .npz. With --no-privacy networks can be fused without, as by --data-free; or, with \
      --normalization data-free, normalised from weights alone.
      """)
  var probe: String?

  @OptionGroup var outside: WeightOptions

  @Option(help: "The fused model to write.")
  var output: String

  // Unconditional, so that a negative number is read and refused as what it is.
  @Option(
    parsing: .unconditional,
    help: "Privacy loss of each released number taken alone, from 0.001 to 20.")
  var epsilon: Double?

  @Option(
    parsing: .unconditional, help: "Privacy loss of each vote; that of other numbers when left out."
  )
  var voteEpsilon: Double?

  @Option(
    parsing: .unconditional,
    help: """
      Privacy loss of everything that a party sends, between any two models of it; votes alone unless \
      --messages says more.
      """)
  var modelEpsilon: Double?

  @Option(
    parsing: .unconditional,
    help: """
      With --model-epsilon and --messages beyond votes: the probability that the loss is greater; 0 for \
      none.
      """)
  var modelDelta: Double?

  @Option(
    help: """
      What every party sends: votes, last-signature, signatures, everything, or auto for the cheapest \
      that is expected to serve as well as any (see `plan`). By default everything with --epsilon, and \
      votes with --model-epsilon.
      """)
  var messages: MessagesChoice?

  @OptionGroup var forecast: ForecastOptions

  @Flag(help: "Randomise nothing: all models are yours.")
  var noPrivacy = false

  @OptionGroup var certificates: CertificateOptions

  @OptionGroup var comparison: ComparisonOptions

  @Flag(help: "Stop at the average, without perturbation filter and adapter.")
  var noFilter = false

  @Option(
    help: """
      Steps of the end-to-end adapter after the filter; 0 leaves it out. By default 300, with \
      convolutions 150, and none above two million parameters, where it would take minutes.
      """)
  var adapterSteps: Int?

  @Option(
    help: """
      auto (default), activations, weights, both, joint (both, all models and layers at once) or none; \
      auto is activations when messages are randomised, and both with --no-privacy; with --no-filter too \
      it is what agrees best with held-out probes of both, weights and activations.
      """)
  var matching: MatchingChoice?

  @Option(
    help: """
      How the average's units get back the variance that averaging took: auto (default) takes what \
      agrees best with held-out probes of none, statistics (of batch normalisation, estimated again on \
      the probe), repair (every unit's mean and deviation on the probe) and data-free (from weights \
      alone). The filter does this by itself: it matters where the fusion stops at the average, as with \
      --no-filter.
      """)
  var normalization: NormalizationOption = .auto

  @OptionGroup(title: "Models of different widths or classes") var widths: WidthOptions

  @Option(help: "The initialisation that all models started from; then nothing is matched.")
  var commonInit: String?

  @Option(help: "Public features of the probe, to decode noisy votes with (see `features`).")
  var trunk: String?

  @Option(
    help: """
      Also write the votes' student: a head on the features of --trunk, taught by the decoded votes \
      alone.
      """)
  var student: String?

  @Option(help: "For everything that is not privacy noise.")
  var seed: UInt64 = 0

  @Flag(help: "Say what would be done and what it would cost; touch nothing.")
  var plan = false

  @Flag(help: "Print JSON.")
  var json = false

  enum MessagesChoice: String, ExpressibleByArgument, CaseIterable {
    case auto
    case votes
    case lastSignature = "last-signature"
    case signatures
    case everything
  }

  enum NormalizationOption: String, ExpressibleByArgument, CaseIterable {
    case auto, none, statistics, repair
    case dataFree = "data-free"
  }

  enum MatchingChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, activations, weights, both, joint, none
  }

  func validate() throws {
    guard !models.isEmpty else { throw ValidationError("give at least one model") }
    try outside.validate(for: self)
    switch [epsilon != nil, modelEpsilon != nil, noPrivacy, certificates.requireRecordPrivacy]
      .count(where: { $0 })
    {
    case 0:
      throw ValidationError(
        "say what the privacy loss may be with --epsilon E or --model-epsilon E, or "
          + "--require-record-privacy when the models were trained with it, or --no-privacy when all "
          + "models are yours")
    case 1: break
    default:
      throw ValidationError(
        "--epsilon, --model-epsilon, --require-record-privacy and --no-privacy exclude each other")
    }
    try validateMessages()
    if let adapterSteps, !(0...1_000_000).contains(adapterSteps) {
      throw ValidationError("--adapter-steps must be in 0 to 1000000, got \(adapterSteps)")
    }
    guard adapterSteps ?? 0 == 0 || !noFilter else {
      throw ValidationError("--adapter-steps needs the filter, which --no-filter leaves out")
    }
    try certificates.validateTogether()
    try comparison.validateTogether()
    try validateWithoutProbe()
    guard student == nil || trunk != nil else {
      throw ValidationError("--student needs --trunk: it is a head on public features")
    }
    guard epsilon != nil || modelEpsilon != nil || trunk == nil else {
      throw ValidationError("--trunk needs --epsilon: without noise there is nothing to decode")
    }
    if epsilon == nil, voteEpsilon != nil {
      throw ValidationError("--vote-epsilon needs --epsilon")
    }
  }

  /// What can be done without public inputs.
  private func validateWithoutProbe() throws {
    guard probe == nil else { return }
    guard noPrivacy else {
      throw ValidationError("give public inputs with --probe; only --no-privacy does without")
    }
    guard matching.map({ [.auto, .weights, .none].contains($0) }) ?? true,
      [.auto, .none, .dataFree].contains(normalization), adapterSteps ?? 0 == 0
    else {
      throw ValidationError(
        "--matching activations, both and joint, --normalization statistics and repair, and "
          + "--adapter-steps look at public inputs: give them with --probe")
    }
  }

  /// The probe's file, where one is needed.
  func requiredProbe() throws -> String {
    guard let probe else {
      throw Failure("give public inputs with --probe; only networks are fused without", .usage)
    }
    return probe
  }

  /// Whether votes are all that is sent.
  var sendsVotesAlone: Bool { messages == .votes || (messages == nil && modelEpsilon != nil) }

  private func validateMessages() throws {
    guard modelEpsilon != nil || modelDelta == nil else {
      throw ValidationError("--model-delta goes with --model-epsilon")
    }
    guard epsilon != nil || modelEpsilon != nil else {
      guard messages == nil, !forecast.evenIfNoise else {
        throw ValidationError(
          "--messages and --even-if-noise need --epsilon or --model-epsilon: without noise everything "
            + "is sent")
      }
      return
    }
    if modelEpsilon != nil {
      guard voteEpsilon == nil else {
        throw ValidationError("--vote-epsilon does not go with --model-epsilon, which limits all")
      }
      guard sendsVotesAlone == (modelDelta == nil) else {
        throw ValidationError(
          sendsVotesAlone
            ? "--model-delta needs --messages beyond votes: the loss of votes alone is pure"
            : "--messages beyond votes needs --model-delta; 0 is a pure loss")
      }
    }
    guard !noFilter || messages == nil || messages == .everything else {
      throw ValidationError(
        "--no-filter needs --messages everything: without weights the filter makes the network")
    }
    guard sendsVotesAlone else { return }
    guard trunk != nil else {
      throw ValidationError(
        "votes alone need --trunk: what they make is a head on public features (see `features`)")
    }
    guard comparison.given.isEmpty else {
      throw ValidationError(
        "\(comparison.given.joined(separator: " and ")) does not go with votes alone: no weights are sent, "
          + "and there is no fused network to compare")
    }
    guard
      student == nil, commonInit == nil, matching == nil, !noFilter, adapterSteps == nil,
      normalization == .auto
    else {
      throw ValidationError(
        "--student, --common-init, --matching, --normalization, --adapter-steps and --no-filter do not go "
          + "with votes alone: no weights are sent, and --output is the votes' student")
    }
  }

  /// What only one kind of models has a use for.
  enum FlagKind {
    case heads, networks
  }

  /// Refuses flags that mean something for the other kind of models alone.
  ///
  /// - Parameters:
  ///   - kind: The kind that the models are not.
  ///   - path: One of the models, for the message.
  func refuseFlags(of kind: FlagKind, for path: String) throws {
    switch kind {
    case .networks:
      let flags =
        [
          matching.flatMap { $0 == .auto ? nil : "--matching" },
          commonInit.map { _ in "--common-init" },
          adapterSteps.map { _ in "--adapter-steps" },
          normalization == .auto ? nil : "--normalization",
          widths.isAsked ? "--width, --join-above and --names" : nil,
        ].compactMap(\.self) + comparison.given
      guard flags.isEmpty else {
        throw Failure(
          """
          \(path): is a head on a public trunk, as all models here are, so that nothing is matched; \
          leave out \(flags.joined(separator: " and "))
          """, .usage)
      }
    case .heads:
      guard !certificates.weightBySize else {
        throw Failure(
          """
          \(path): is a whole network and not a head on a public trunk; networks are averaged with \
          equal weights, so leave out --weight-by-size
          """, .usage)
      }
    }
  }

  /// Refuses losses outside what the mechanisms take, before anything is read.
  func checkEpsilons() throws {
    if let epsilon { _ = try NumericMechanism(.duchi, epsilon: epsilon) }
    if let modelEpsilon { _ = try PrivacyBudget.model(epsilon: modelEpsilon, delta: 0) }
    if let voteEpsilon { _ = try RandomizedResponse(categories: 2, epsilon: voteEpsilon) }
  }

  /// Never open where a loss was given.
  private func disclosure(_ planned: PlannedMessages?) throws -> FusionSettings.Disclosure {
    guard budget != nil else { return .open }
    guard let disclosure = planned?.disclosure else {
      throw Failure("nothing was planned to be sent: nothing was spent", .software)
    }
    return disclosure
  }

  /// The settings that the flags mean for an architecture.
  ///
  /// - Parameters:
  ///   - planned: What is sent, and at which loss, where messages are randomised.
  func settings(
    _ shared: SharedArchitecture, planned: PlannedMessages? = nil,
    commonInitialization: [String: Tensor]? = nil,
    publicFeatures: Tensor? = nil
  ) throws -> FusionSettings {
    let hasProbe = probe != nil
    let asked = matching.flatMap { FusionSettings.Matching(rawValue: $0.rawValue) }
    var settings = FusionSettings(
      disclosure: try disclosure(planned),
      matching: asked
        ?? (hasProbe ? shared.recommendedMatching(isPrivate: budget != nil) : .weights),
      usesFilter: !noFilter && hasProbe,
      adapter: hasProbe ? adapter(for: shared) : nil,
      commonInitialization: commonInitialization, seed: seed)
    settings.messages = planned?.selection ?? .everything
    settings.normalization = Normalization(rawValue: normalization.rawValue) ?? .auto
    if !hasProbe, normalization == .auto { settings.normalization = .dataFree }
    settings.choosesPath = hasProbe
    settings.usesCanonicalForm = hasProbe
    // The average is written only where it can be selected.
    settings.keepsStages = comparison.select && budget != nil
    settings.publicFeatures = publicFeatures
    return settings
  }

  /// Whether what neurons are matched by is tried out. The filter hides most of what it is worth.
  var searchesMatching: Bool {
    [nil, .auto].contains(matching) && budget == nil && noFilter && probe != nil
      && commonInit == nil
  }

  private func adapter(for shared: SharedArchitecture) -> FusionSettings.Adapter? {
    guard let adapterSteps else { return shared.recommendedAdapter() }
    // Of a large network the activations of a batch would take more memory than its weights.
    let batch = shared.pass.graph.parameterCount > 2_000_000 ? 16 : 128
    return adapterSteps == 0
      ? nil : FusionSettings.Adapter(steps: adapterSteps, rate: 1e-3, batchSize: batch)
  }
}
