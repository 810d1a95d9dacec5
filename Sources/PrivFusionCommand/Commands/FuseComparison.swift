internal import Evaluation
internal import Models
internal import PrivFusion
internal import Tensors
internal import Training

/// Whether fusing was worth it, by held-out samples.
struct FuseComparison {
  /// What everyone may see. It can't hold what concerns a clean parent of a private run.
  enum Report: Encodable, CustomStringConvertible {
    case open(OpenComparison)
    case released(MergeComparison<ReleasedModel>)

    func encode(to encoder: any Encoder) throws {
      switch self {
      case .open(let comparison): try comparison.encode(to: encoder)
      case .released(let comparison): try comparison.encode(to: encoder)
      }
    }

    var description: String {
      switch self {
      case .open(let open): MergeTable.text(open.comparison, path: open.path)
      case .released(let comparison): MergeTable.text(comparison, path: nil)
      }
    }

    /// What the recommended model is.
    var recommended: MergeRole {
      switch self {
      case .open(let open): open.comparison.recommendation.model.role
      case .released(let comparison): comparison.recommendation.model.role
      }
    }
  }

  let report: Report?
  /// For the owners of the parents alone; of a private run, where it was asked for.
  let owners: String?

  /// Above it the way between parents is not looked at: it takes a forward pass for each of twelve
  /// points a parent.
  private static let mostParameters = 2_000_000
  /// Beyond it pairs are not matched by themselves, which takes the time of as many matchings as
  /// there are pairs.
  private static let mostPairedParties = 5
  private static let mostPathSamples = 500

  /// - Parameters:
  ///   - options: Say what to compare on, and for whom.
  ///   - isPrivate: Whether messages were randomised.
  ///   - graph: The first model's.
  ///   - shared: Of all parties.
  ///   - settings: Those of the fusion.
  ///   - parties: In the order of the fusion.
  ///   - probe: As it was read.
  ///   - outcome: Of the fusion.
  ///   - progress: Hears of how far it is, in [0, 1].
  init(
    _ options: ComparisonOptions, isPrivate: Bool, graph: ModelGraph, shared: SharedArchitecture,
    settings: FusionSettings, parties: [PartyModel], probe: DataFile, outcome: FusionOutcome,
    progress: (Double) -> Void
  ) throws {
    guard !options.noComparison,
      let samples = try Self.samples(
        options, graph, probe, outcome, hasWeights: settings.messages == .everything)
    else {
      (report, owners) = (nil, nil)
      return
    }
    let study = MergeStudy(graph, samples)
    let parents = parties.map(\.parameters)
    func path() throws -> MergePath? {
      guard shared.pass.graph.parameterCount <= Self.mostParameters, parties.count > 1 else {
        return nil
      }
      var open = settings
      open.disclosure = .open
      open.messages = .everything
      if isPrivate { open.matching = shared.recommendedMatching(isPrivate: false) }
      let aligned = try FusionSession(shared, settings: open).alignedParents(
        parties, measuresCycles: parties.count <= Self.mostPairedParties)
      let truth = try study.truth(parents)
      let count = min(truth.count, Self.mostPathSamples)
      return try MergePath(
        aligned, inputs: samples.inputs.mapValues { try $0.slice(0..<count) },
        labels: Array(truth.prefix(count)), progress: progress)
    }
    if isPrivate {
      report = try study.released().map { .released($0) }
      owners =
        try options.showParents
        ? MergeTable.owners(study.owners(parents, path: path())) : nil
    } else {
      report = .open(try study.open(parents, path: path()))
      owners = nil
    }
  }

  /// What is compared on; `nil` where nothing was held out.
  private static func samples(
    _ options: ComparisonOptions, _ graph: ModelGraph, _ probe: DataFile, _ outcome: FusionOutcome,
    hasWeights: Bool
  ) throws -> HeldOutSamples? {
    if let path = options.compareOn {
      let data = try DataFile(path, labels: options.labels, for: graph)
      return try Failure.about(data: path, for: "the fused model") {
        HeldOutSamples(
          inputs: data.inputs,
          labels: try data.labels.map { _ in try classes(data.labeled().labels) },
          fused: try Predictor(graph.replacing(outcome.fused)).logits(data.inputs)
            .cast(to: .float64).logSoftmax(axis: 1))
      }
    }
    guard let held = outcome.heldOut else { return nil }
    // A probe needs no labels, so that whatever else it calls 'y' is left alone.
    let labels = try probe.hasLabels ? classes(probe.labeled().labels) : nil
    let votes = try outcome.votes.map { try classes($0.argmax(axis: 1)) }
    return HeldOutSamples(
      inputs: try probe.inputs.mapValues { try $0.selecting(held.probes, axis: 0) },
      labels: labels.map { all in held.probes.map { all[$0] } }, fused: held.fused,
      average: hasWeights ? held.average : nil,
      votes: votes.map { all in held.probes.map { all[$0] } })
  }

  private static func classes(_ labels: Tensor) throws -> [Int] {
    let labels: [Int64] = try labels.cast(to: .int64).elements()
    return labels.map(Int.init)
  }
}
