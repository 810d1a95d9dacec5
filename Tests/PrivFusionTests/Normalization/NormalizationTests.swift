import Models
import PrivFusion
import Tensors
import Testing

/// What brings the units of an average back to the variance that the parents' have.
@Suite struct NormalizationTests {
  private static let inputs = 400

  /// Mean and deviation by unit of the first layer's output, on given inputs.
  private func statistics(
    _ graph: ModelGraph, _ parameters: [String: Tensor], _ inputs: [String: Tensor],
    of value: String
  ) throws -> (mean: Tensor, deviation: Tensor) {
    let all = try ForwardPass(graph).values(inputs, parameters: parameters, capturing: [value])
    let output = try #require(all[value])
    return (try output.mean([0]), try output.variance([0]).squareRoot())
  }

  private func settings(_ normalization: Normalization, _ matching: FusionSettings.Matching = .none)
    -> FusionSettings
  {
    var settings = FusionSettings.openAverage(matching)
    settings.normalization = normalization
    return settings
  }

  private struct Setting {
    let graph: ModelGraph
    let shared: SharedArchitecture
    let probe: [String: Tensor]
    let models: [[String: Tensor]]
    /// The values that the hidden layers make, in order.
    let hidden: [String]
  }

  private func perceptrons(
    _ count: Int = 3, hidden: [Int] = [16, 12], probes: Int = inputs
  ) throws -> Setting {
    let architecture = Architecture.mlp(inputs: 10, hidden: hidden, classes: 4)
    let graph = try architecture.untrained(seed: 0)
    let probe = try probe(for: graph, count: probes)
    let shared = try SharedArchitecture(graph, probe: probe, seed: 1)
    return Setting(
      graph: graph, shared: shared, probe: probe,
      models: try (0..<count).map { try architecture.untrained(seed: UInt64($0 + 7)).parameters },
      hidden: graph.linearLayers.dropLast().map(\.output))
  }

  /// Canonical form divides every unit by its own deviation on the probe, so that deviations to
  /// restore are all 1, and means are those of units so divided.
  ///
  /// Tolerance: single precision over 400 inputs.
  @Test func `REPAIR gives every unit the parents' mean and deviation on the probe`() throws {
    let setting = try perceptrons()
    let repaired = try fuse(setting.shared, setting.models, settings(.repair)).fused
    let plain = try fuse(setting.shared, setting.models, settings(.none)).fused
    for (place, value) in setting.hidden.enumerated() {
      let found = try statistics(setting.graph, repaired, setting.probe, of: value)
      let own = try setting.models.map {
        try statistics(setting.graph, $0, setting.probe, of: value)
      }
      let means = try own.map { try $0.mean.divided(by: $0.deviation) }
      let wanted = try means.dropFirst().reduce(means[0]) { try $0.adding($1) }
        .divided(by: Double(means.count))
      #expect(try found.deviation.adding(-1).largestMagnitude() < 1e-4, "layer \(place)")
      #expect(try found.mean.subtracting(wanted).largestMagnitude() < 1e-4, "layer \(place)")
      let collapsed = try statistics(setting.graph, plain, setting.probe, of: value)
      #expect(try collapsed.deviation.mean().scalar() < 0.8, "layer \(place)")
    }
  }

  /// The parents' units are independent, and so are the inputs: the deviation of a unit is the norm
  /// of its weights.
  ///
  /// Tolerance: the inputs' sample covariance, of 40,000 independent normal inputs with a stated seed.
  @Test func `the data-free correction is exact for linear units of independent inputs`() throws {
    let setting = try perceptrons(4, hidden: [16])
    let inputs = try probe(for: setting.graph, count: 40_000, seed: 11)
    let value = setting.hidden[0]
    let corrected = try fuse(setting.shared, setting.models, settings(.dataFree)).fused
    let plain = try fuse(setting.shared, setting.models, settings(.none)).fused
    // In canonical form, as the average is.
    let deviations = try setting.models.map { model in
      let own = try statistics(setting.graph, model, setting.probe, of: value)
      return try statistics(setting.graph, model, inputs, of: value).deviation
        .divided(by: own.deviation).power(2)
    }
    let wanted = try deviations.dropFirst().reduce(deviations[0]) { try $0.adding($1) }
      .divided(by: Double(deviations.count)).squareRoot()
    func error(_ parameters: [String: Tensor]) throws -> Double {
      try statistics(setting.graph, parameters, inputs, of: value).deviation.divided(by: wanted)
        .adding(-1).largestMagnitude()
    }
    #expect(try error(corrected) < 0.04)
    #expect(try error(plain) > 0.3)
  }

  @Test(arguments: Normalization.allCases)
  func `a model fused with its copy stays what it is`(normalization: Normalization) throws {
    guard normalization != .statistics else { return }
    let setting = try perceptrons()
    let fused = try fuse(
      setting.shared, [setting.models[0], setting.models[0]], settings(normalization)
    ).fused
    for (name, tensor) in setting.models[0] {
      #expect(try #require(fused[name]).isIdentical(to: tensor), "\(name)")
    }
  }

  @Test func `statistics are refused where there is no batch normalisation`() throws {
    let setting = try perceptrons(2)
    #expect(throws: FusionError.noBatchNormalization) {
      try fuse(setting.shared, setting.models, settings(.statistics))
    }
  }

  /// Fused, each unit's mean is its parents' mean shift and its deviation their mean scale, each divided
  /// by what canonical form divides the parent's unit by. Of a dense layer all rows are looked at.
  ///
  /// Tolerance: single precision over 60 inputs.
  @Test func `statistics give units behind batch normalisation its shift and scale`() throws {
    let architecture = Architecture.cnn(
      channels: 1, height: 6, width: 6, classes: 4, batchNormalization: true)
    let graph = try architecture.untrained(seed: 0)
    let probe = try probe(for: graph, count: 60)
    let shared = try SharedArchitecture(graph, probe: probe, seed: 1)
    let network = PlantedNetwork(testDescription: "cnn-bn", architecture: architecture)
    let models = try [3, 4].map { try network.parameters(seed: $0) }
    let outcome = try fuse(shared, models, settings(.statistics))
    #expect(outcome.normalization?.method == .statistics)
    var checked = 0
    for output in shared.folding.foldedOutputs {
      let value = try ForwardPass(graph).values(
        probe, parameters: outcome.fused, capturing: [output])
      guard value[output]?.rank == 2 else { continue }
      checked += 1
      let names = try #require(shared.folding.normalization(of: output))
      let canonical = try models.map { model in
        let own = try statistics(graph, model, probe, of: output).deviation
        let floored = try own.clamped(atLeast: 0.1 * own.median(axis: 0).scalar())
        return (
          mean: try #require(model[names.shift]).divided(by: floored),
          deviation: try #require(model[names.scale]).absolute().divided(by: floored)
        )
      }
      let found = try statistics(graph, outcome.fused, probe, of: output)
      let mean = try canonical[0].mean.adding(canonical[1].mean).divided(by: 2)
      let deviation = try canonical[0].deviation.adding(canonical[1].deviation).divided(by: 2)
      #expect(try found.mean.subtracting(mean).largestMagnitude() < 1e-3, "\(output)")
      #expect(try found.deviation.subtracting(deviation).largestMagnitude() < 1e-3, "\(output)")
    }
    #expect(checked > 0)
  }

  @Test func `auto takes what held-out probes agree with, and says by how much`() throws {
    let setting = try perceptrons(5)
    var settings = settings(.auto)
    settings.choosesPath = true
    let outcome = try fuse(setting.shared, setting.models, settings)
    let choice = try #require(outcome.normalization)
    #expect(choice.method != .auto && choice.heldOutCount == 400)
    #expect(Set(choice.scores.keys) == [.none, .repair, .dataFree])
    let best = try #require(choice.scores[choice.method])
    #expect(choice.scores.values.allSatisfy { $0.logLikelihood <= best.logLikelihood + 0.05 })
    #expect(outcome.heldOut?.fused.shape == [400, 4])
  }

  @Test func `a likelier way within its standard error is not taken`() {
    func scores(_ logLikelihood: Double, spread: Double) -> [PathChoice.Score] {
      (0..<100).map {
        .init(logLikelihood: logLikelihood + spread * Double($0 % 2 * 2 - 1), agreement: 0.5)
      }
    }
    #expect(
      NormalizationSearch.best([.none: scores(-1, spread: 0), .repair: scores(-0.99, spread: 1)])
        == .none)
    #expect(
      NormalizationSearch.best([.none: scores(-1, spread: 0), .repair: scores(-0.5, spread: 1)])
        == .repair)
  }

  /// Of seeds 0 to 4: with noise the average is wilder than the parents', and is quietened.
  @Test(arguments: [Normalization.repair, .dataFree, .auto])
  func `normalisation works from what was released`(normalization: Normalization) throws {
    let setting = try perceptrons(5)
    var settings = FusionSettings(
      disclosure: .randomized(epsilon: 4, voteEpsilon: 4), matching: .activations,
      usesFilter: false, seed: 0)
    settings.normalization = normalization
    let outcome = try fuse(setting.shared, setting.models, settings)
    #expect(outcome.normalization != nil && outcome.privacy != nil)
    for tensor in outcome.fused.values { #expect(try tensor.isFinite()) }
  }
}
