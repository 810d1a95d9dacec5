internal import Evaluation
internal import Models
internal import PrivFusion
internal import Tensors
internal import Training

/// The trained parties of one figure and seed, and what their fusions are scored by.
struct TuningSubject {
  let shared: SharedArchitecture
  let parties: [PartyModel]
  /// Public features of the probe and of the test images.
  let features: StudyFeatures
  private let figure: Figure
  private let study: FusionStudy
  private let data: StudyData
  private let graph: ModelGraph

  /// - Parameters:
  ///   - folder: Where trained parties are kept.
  ///   - features: Of all probes.
  init(
    _ figure: Figure, seed: UInt64, source: FashionMNIST, folder: String, features: RecordFeatures,
    _ bar: ProgressBar
  ) async throws {
    self.figure = figure
    study = figure.study(seed: seed)
    data = try source.data(for: study.architecture, probeCount: figure.probes)
    let models = try await StudyParties(folder: folder).models(of: figure.network, study, data, bar)
    parties = models.enumerated().map { index, model in
      PartyModel(name: "party \(index + 1)", parameters: model.parameters)
    }
    graph = try study.untrained()
    shared = try SharedArchitecture(graph, probe: data.probe, seed: seed)
    self.features = StudyFeatures(
      probe: try features.probe.slice(0..<figure.probes), test: features.test)
  }

  /// What `fuse` would do, but for the path, which is not chosen.
  ///
  /// - Parameter voteFactor: Of the loss of a vote, relative to that of the other numbers.
  func settings(voteFactor: Double = 1) -> FusionSettings {
    var settings = figure.settings(seed: study.seed)
    settings.disclosure =
      figure.epsilon.map { .randomized(epsilon: $0, voteEpsilon: voteFactor * $0) } ?? .open
    settings.choosesPath = false
    settings.augmentation = data.augmentation
    settings.publicFeatures = figure.epsilon == nil ? nil : features.probe
    if figure.hasCommonStart { settings.commonInitialization = graph.parameters }
    return settings
  }

  /// On the test images.
  func accuracy(_ parameters: [String: Tensor]) throws -> Double {
    try accuracy(Predictor(graph.replacing(parameters)).probabilities(data.test.inputs))
  }

  /// - Parameter probabilities: Of the test images' classes, shape `[test images, classes]`.
  func accuracy(_ probabilities: Tensor) throws -> Double {
    try ModelScore(probabilities: probabilities, labels: data.test.labels).accuracy
  }

  /// The messages of one fusion, which goes no further than the average.
  func messages() throws -> FusionMessages? {
    var settings = settings()
    // The filter decides how votes are read; it is in all settings that are compared.
    settings.adapter = nil
    settings.keepsMessages = true
    return try FusionSession(shared, settings: settings).run(parties) { _, _ in
      try Task.checkCancellation()
    }.messages
  }
}
