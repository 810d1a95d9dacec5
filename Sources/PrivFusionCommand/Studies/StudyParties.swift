internal import Evaluation
internal import Foundation
internal import ModelFormats
internal import Models
internal import Training

/// The parties' models, trained once for all figures that share them and kept in a folder.
struct StudyParties {
  /// The output folder; models are in `parties` in it.
  let folder: String

  func models(
    of network: StudyNetwork, _ study: FusionStudy, _ data: StudyData, _ bar: ProgressBar
  ) async throws -> [ModelGraph] {
    let paths = (0..<study.parties).map { path(of: network, study, party: $0) }
    if paths.allSatisfy({ FileManager.default.fileExists(atPath: $0) }) {
      let graph = try study.untrained()
      return try paths.map { graph.replacing(try ONNXModel(contentsOf: $0).graph.initializers) }
    }
    let models = try await study.trainParties(data) { bar.update($0, "train parties") }
    for (path, model) in zip(paths, models) {
      try ONNXModel(graph: model, producer: "privfusion").write(to: path)
    }
    return models
  }

  /// Where a party's model is kept: under all that decides it.
  ///
  /// That is the number of shards, not of parties: n parties have the first n shards, each trains by
  /// itself on one thread with a seed of its own, and so those of a study of two are those that a
  /// study of ten has first.
  private func path(of network: StudyNetwork, _ study: FusionStudy, party: Int) -> String {
    let split =
      switch study.split {
      case .iid(let shards): "iid-of\(shards)"
      case .dirichlet(let concentration, let shards): "dirichlet\(concentration)-of\(shards)"
      }
    let start = study.hasCommonInitialization ? "-common" : ""
    return
      "\(folder)/parties/\(network.rawValue)-\(split)\(start)-seed\(study.seed)-party\(party).onnx"
  }
}
