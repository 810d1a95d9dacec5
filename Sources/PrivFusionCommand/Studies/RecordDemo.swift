internal import Evaluation
internal import ModelFormats
internal import Models
internal import PrivateTraining
internal import Training

/// The record-level half of the demo: the same parties and shards as the other half.
struct RecordDemo {
  /// What a privacy officer may sign for, and what is often asked for.
  static let epsilons = [1.0, 3.0]

  let study: FusionStudy
  let source: FashionMNIST

  /// Trains, fuses and measures at every epsilon; writes the model of the first.
  func run(writing path: String) async throws -> (rows: [RecordLevelRow], features: StudyFeatures) {
    let data = try source.data(
      for: .cnn(channels: 1, height: 28, width: 28, classes: 10, batchNormalization: false))
    let shards = try study.shards(of: data.training)
    let records = shards.flatMap(\.self)
    let bar = ProgressBar("record level")
    let features = try RecordFeatures(.fine, data, records: records, bar: bar)
    let parties = try features.study(data, shards: shards, records: records)
    bar.update(0, "control: all records in one hand")
    let pooled = try parties.pooledAccuracy()
    var rows: [RecordLevelRow] = []
    for epsilon in Self.epsilons {
      let (row, head) = try await parties.row(
        epsilon: epsilon, delta: RecordFigure.delta, probe: features.probe, pooled: pooled
      ) { bar.update($0, "epsilon \(Text.epsilon(epsilon))") }
      if rows.isEmpty {
        try ONNXModel(graph: features.trunk.adding(head), producer: "privfusion").write(
          to: path,
          metadata: [
            "privfusion.privacy_unit": "record", "privfusion.epsilon": "\(epsilon)",
            "privfusion.delta": "\(RecordFigure.delta)",
          ])
      }
      rows.append(row)
    }
    bar.finish()
    return (rows, StudyFeatures(probe: features.probe, test: features.test))
  }
}
