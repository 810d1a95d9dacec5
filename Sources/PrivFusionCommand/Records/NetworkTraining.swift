internal import LocalPrivacy
internal import LocalPrivacySQLite
internal import ModelFormats
internal import Models
internal import PrivateTraining
internal import Training

/// `train --architecture --record-epsilon`: a whole network by DP-SGD.
struct NetworkTraining {
  let architecture: String
  let data: String
  let labels: String?
  let output: String
  let epochs: Int?
  let batchSize: Int?
  let rate: Double?
  let privacy: RecordPrivacyOptions

  func run() throws -> RecordRelease.Result {
    let budget = try privacy.budget()
    let file = try ModelFile(architecture)
    try PrivacyNotes.requirePublic(file, as: "the start of a private training")
    let examples = try DataFile(data, labels: labels, for: file.graph).labeled()
    let settings = try settings(epsilon: budget.epsilon, records: examples.count)
    let trainer = PrivateTrainer(settings)
    let bar = ProgressBar("train")
    bar.update(0, "calibrate the noise")
    // Everything that could be refused is, before the ledger pays.
    let procedure = try Failure.about(data: data, for: architecture) {
      _ = try InputBatches(examples.inputs, for: file.graph)
      let procedure = try settings.procedure(
        epsilon: budget.epsilon, delta: budget.delta, records: examples.count)
      try trainer.check(file.graph, on: examples, procedure: procedure)
      return procedure
    }
    let request = RecordRelease.Request(
      purpose: .network, procedure: procedure, clip: settings.clip, records: examples.count,
      contents: try RequestDigest(
        files: [data, labels].compactMap(\.self), public: ParameterDigest(of: file.graph).bytes,
        settings: "network \(settings)"
      ).bytes, trunkDigest: nil, start: file.graph, probeDigest: nil)
    let result = try RecordRelease(options: privacy, output: output).run(request) { grant in
      try trainer.train(file.graph, on: examples, grant: &grant) { step, total in
        bar.update(Double(step) / Double(total), "noisy step \(step) of \(total)")
      }
    }
    bar.finish()
    return result
  }

  /// The recommended settings, with what the flags say in their place.
  private func settings(epsilon: Double, records: Int) throws -> PrivateTrainingSettings {
    let recommended = try PrivateTrainingSettings.recommended(
      epsilon: epsilon, records: records, clip: privacy.clip, rate: rate)
    let batch = batchSize ?? recommended.expectedBatch
    let steps = epochs.map { max(1, $0 * records / max(batch, 1)) } ?? recommended.steps
    return try PrivateTrainingSettings(
      clip: recommended.clip, expectedBatch: batch, steps: steps,
      learningRate: recommended.learningRate, optimizer: recommended.optimizer)
  }
}
