internal import Evaluation
internal import Foundation
internal import ModelFormats
internal import Models

/// The parties' models, trained once for all figures that share them and kept in a folder.
struct StudyParties {
  /// The output folder; models are in `parties` in it.
  let folder: String

  func models(
    of network: StudyNetwork, _ split: SplitKind, _ study: FusionStudy, _ data: StudyData,
    _ bar: ProgressBar
  ) async throws -> [ModelGraph] {
    let paths = (0..<study.parties).map { party in
      "\(folder)/parties/\(network.rawValue)-\(split.rawValue)-seed\(study.seed)-party\(party).onnx"
    }
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
}
