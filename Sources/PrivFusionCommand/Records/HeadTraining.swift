internal import LocalPrivacy
internal import LocalPrivacySQLite
internal import ModelFormats
internal import Models
internal import PrivateTraining
internal import Tensors
internal import Training

/// `train --trunk`: a private head on public features.
struct HeadTraining {
  let trunk: String
  let data: String
  let labels: String?
  let output: String
  /// How far a step goes; the recommended when `nil`.
  let rate: Double?
  let privacy: RecordPrivacyOptions

  func run() throws -> RecordRelease.Result {
    let budget = try privacy.budget()
    let file = try ModelFile(trunk)
    try PrivacyNotes.requirePublic(file, as: "a trunk")
    try Failure.about(trunk) { try FeatureMap(file.graph).checkInputsApart() }
    let examples = try DataFile(data, labels: labels, for: file.graph).labeled()
    if try file.model.metadata[RecordRelease.probeKey] == FileDigest(contentsOf: data).hexadecimal {
      throw Failure(
        "\(data): is the probe that the trunk was learnt from, so that it is public; private records "
          + "must never be in a probe", .data)
    }
    let classes = try Classes(of: examples, declared: privacy.classes, file: data)
    let settings = HeadTrainer.Settings.recommended(
      epsilon: budget.epsilon, parties: privacy.parties ?? 1, classes: classes.count, rate: rate,
      clip: privacy.clip)
    let procedure = try GaussianProcedure.calibrated(
      epsilon: budget.epsilon, delta: budget.delta, steps: settings.steps, sampling: .everyRecord)
    // Everything that could be refused is, before the ledger pays.
    let trainer = HeadTrainer(settings)
    try trainer.check(procedure, records: examples.count)
    let bar = ProgressBar("train")
    bar.update(0, "features")
    let features = try Failure.about(data: data, for: trunk) {
      try FeatureMap(file.graph).features(examples.inputs)
    }
    guard features.shape[0] == examples.count else {
      throw Failure(
        "\(trunk): declares a batch of fixed size that does not divide the \(examples.count) "
          + "records; export it with a free first axis", .data)
    }
    let start = try Failure.about(trunk) {
      let untrained = LinearHead(
        weight: try .zeros([classes.count, features.shape[1]]), bias: try .zeros([classes.count]))
      return try file.graph.adding(untrained)
    }
    let trunkDigest = try ParameterDigest(of: file.graph).bytes
    let request = RecordRelease.Request(
      purpose: .head, procedure: procedure, clip: settings.clip, records: examples.count,
      contents: try RequestDigest(
        files: [data, labels].compactMap(\.self), public: trunkDigest,
        settings: "head \(settings) classes \(classes.count)"
      ).bytes, trunkDigest: trunkDigest, start: start,
      probeDigest: file.model.metadata[RecordRelease.probeKey])
    let result = try RecordRelease(options: privacy, output: output).run(request) { grant in
      let head = try trainer.train(
        features: features, labels: classes.labels, classes: classes.count, grant: &grant
      ) { bar.update($0, "noisy steps") }
      return try file.graph.adding(head)
    }
    bar.finish()
    return result
  }
}
