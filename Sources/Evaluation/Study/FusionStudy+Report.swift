internal import LocalPrivacy
public import Models
public import PrivFusion
internal import Tensors
internal import Training

extension FusionStudy {
  /// Fuses trained parties and measures everything.
  ///
  /// - Parameters:
  ///   - models: The parties' models.
  ///   - data: What the parties were trained on, the public probe, and the test samples.
  ///   - settings: How to fuse; its seed and common initialisation are the study's.
  ///   - controls: Whether to run both controls.
  ///   - features: Public features, to decode votes with and to teach the votes' student on.
  ///   - progress: Hears of every stage and of how far it is, in [0, 1]; cancels by throwing.
  /// - Returns: The report, and the fused model.
  public func report(
    _ models: [ModelGraph], _ data: StudyData, settings: FusionSettings, controls: Bool,
    features: StudyFeatures? = nil, progress: Progress
  ) throws -> (report: FusionReport, fused: ModelGraph) {
    let graph = try untrained()
    let clock = ContinuousClock()
    var seconds: [String: Double] = [:]
    func timed<Result>(_ name: String, _ body: () throws -> Result) throws -> Result {
      let start = clock.now
      defer { seconds[name] = start.duration(to: clock.now) / .seconds(1) }
      return try body()
    }
    var settings = settings
    settings.seed = seed
    settings.augmentation = data.augmentation
    settings.publicFeatures = features?.probe
    if hasCommonInitialization { settings.commonInitialization = graph.parameters }
    let parties = models.enumerated().map { index, model in
      PartyModel(name: "party \(index + 1)", parameters: model.parameters)
    }
    let shared = try timed("architecture") {
      try progress("prove permutation groups", 0)
      return try SharedArchitecture(graph, probe: data.probe, seed: seed)
    }
    let session = try FusionSession(shared, settings: settings)
    let outcome = try session.run(parties) { phase, fraction in
      try progress(phase.rawValue, fraction)
    }
    for (phase, duration) in outcome.seconds { seconds[phase.rawValue] = duration / .seconds(1) }
    let measured = try timed("evaluate") {
      try progress("evaluate", 0)
      return try measure(models, outcome, parties, graph, data)
    }
    let controlled =
      controls
      ? try timed("controls") {
        try self.controls(session, parties, outcome, graph, data, progress)
      } : nil
    let records = try shards(of: data.training).map(\.count)
    let report = FusionReport(
      architecture: architecture.label, split: split.label, seed: seed,
      probes: shared.probe.count,
      parties: measured.own.enumerated().map {
        FusionReport.Party(name: parties[$0].name, records: records[$0], accuracy: $1)
      },
      ensemble: .init(accuracy: measured.ensemble), average: .init(accuracy: measured.average),
      fused: .init(
        accuracy: measured.fused, withoutFilter: measured.withoutFilter,
        withoutAdapter: measured.withoutAdapter, path: outcome.pathChoice?.path.rawValue),
      controls: controlled, epsilon: outcome.privacy.map { FusionReport.Epsilon($0) },
      bytesSent: outcome.bytesSent, recordLevel: [],
      votes: outcome.voteChoice.map {
        FusionReport.Votes(
          path: $0.path.rawValue, heldOutCounts: $0.heldOutCounts, heldOutDecoded: $0.heldOutDecoded
        )
      },
      student: try features.flatMap { features in
        try outcome.votes.map { votes in
          let head = try VoteHead(features: features.probe, posterior: votes)
          let logits = try features.test.matmul(head.weight.transposed()).adding(head.bias)
          return FusionReport.Accuracy(
            accuracy: try ModelScore(
              probabilities: logits.softmax(axis: 1), labels: data.test.labels
            ).accuracy)
        }
      }, seconds: seconds)
    return (report, graph.replacing(outcome.fused))
  }

  private struct Measured {
    let own: [Double]
    let ensemble: Double
    let average: Double
    let fused: Double
    let withoutFilter: Double
    let withoutAdapter: Double?
  }

  private func measure(
    _ models: [ModelGraph], _ outcome: FusionOutcome, _ parties: [PartyModel],
    _ graph: ModelGraph, _ data: StudyData
  ) throws -> Measured {
    func accuracy(_ parameters: [String: Tensor]) throws -> Double {
      try self.accuracy(graph.replacing(parameters), data)
    }
    let predictors = try models.map { try Predictor($0) }
    let ensemble = try Predictor.ensemble(predictors, data.test.inputs)
    guard let withoutFilter = outcome.withoutFilter else {
      preconditionFailure("a study needs the stages that its settings are to keep")
    }
    return Measured(
      own: try models.map { try self.accuracy($0, data) },
      ensemble: try ModelScore(probabilities: ensemble, labels: data.test.labels).accuracy,
      average: try accuracy(FusionSession.plainAverage(parties)),
      fused: try accuracy(outcome.fused),
      withoutFilter: try accuracy(withoutFilter),
      withoutAdapter: try outcome.withoutAdapter.map(accuracy))
  }

  /// Both controls, which stand beside every figure: what the weights add, and what the networks add.
  private func controls(
    _ session: FusionSession, _ parties: [PartyModel], _ outcome: FusionOutcome,
    _ graph: ModelGraph, _ data: StudyData, _ progress: Progress
  ) throws -> FusionReport.Controls? {
    guard let votes = outcome.votes else { return nil }
    let ignoring = try session.run(parties, ignoringWeights: true) { _, fraction in
      try progress("control A", fraction)
    }
    let scratch = try VoteStudent(seed: seed).train(
      architecture.untrained(seed: seed &+ 0xB), probe: data.probe, votes: votes,
      augmentation: data.augmentation
    ) { try progress("control B", $0) }
    return FusionReport.Controls(
      weightsIgnored: try accuracy(graph.replacing(ignoring.fused), data),
      scratchOnVotes: try accuracy(scratch, data))
  }

  private func accuracy(_ graph: ModelGraph, _ data: StudyData) throws -> Double {
    let probabilities = try Predictor(graph).probabilities(data.test.inputs)
    return try ModelScore(probabilities: probabilities, labels: data.test.labels).accuracy
  }
}

extension DataSplit {
  /// A short name for reports.
  var label: String {
    switch self {
    case .iid(let shards): "iid, \(shards) shards"
    case .dirichlet(let concentration, let shards):
      "dirichlet(\(concentration)), \(shards) shards"
    }
  }
}

extension Architecture {
  /// A short name for reports.
  var label: String {
    switch self {
    case .mlp(let inputs, let hidden, let classes):
      "mlp " + ([inputs] + hidden + [classes]).map(String.init).joined(separator: "-")
    case .cnn(_, _, _, _, let batchNormalization): batchNormalization ? "cnn-bn" : "cnn"
    case .resnet: "resnet"
    }
  }
}
