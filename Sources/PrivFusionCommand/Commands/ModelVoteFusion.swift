internal import Evaluation
internal import LocalPrivacy
internal import ModelFormats
internal import Models
internal import PrivFusion
internal import Tensors

/// `fuse --model-epsilon`: every party answers a few questions about the probe, and the votes teach a
/// head on public features.
///
/// Models need not be of one architecture: all that is asked of them is a label.
struct ModelVoteFusion {
  let options: FuseOptions
  let epsilon: Double
  let trunk: String

  func run(_ files: [ModelFile]) throws {
    let start = ContinuousClock.now
    let bar = ProgressBar("fuse")
    let path = try options.requiredProbe()
    let probes = try files.map { try DataFile(path, for: $0.graph) }
    let features = try ProbeFeatures(trunk, of: probes[0])
    guard features.values.shape[0] > 1 else {
      throw Failure("\(path): votes need at least 2 probes", .data)
    }
    let classes = try classCount(files, probes)
    bar.update(0, "deal probes")
    let plan = try ModelVotePlan(
      parties: files.count, epsilon: epsilon, classes: classes, features: features.values,
      partyAccuracy: options.forecast.expectedAccuracy, seed: options.seed)
    let said = try ModelVoteResult.Plan(plan)
    bar.finish()
    for warning in said.warnings { Terminal.note("warning: \(warning)") }
    if options.plan {
      if options.json { return try Terminal.json(said) }
      return Terminal.result("Nothing has been done. The plan:\n\(said)")
    }
    guard !plan.isNoise || options.forecast.evenIfNoise else {
      throw Failure("nothing was spent; --even-if-noise goes on", .data)
    }
    try OutputPlace.checkFile(options.output)
    var released: [Released] = []
    for (party, (file, probe)) in zip(files, probes).enumerated() {
      bar.update(Double(party) / Double(files.count), "release")
      // The whole budget of the party, for this fusion alone: simulated here, in memory.
      var ledger = BudgetLedger(budget: try plan.budget)
      released.append(
        try plan.release(labels(file, probe), of: party, from: &ledger))
    }
    bar.update(1, "decode")
    let votes = try ModelVotes(released, plan: plan, seed: options.seed)
    let student = try features.student(votes: votes.posterior)
    bar.finish()
    try ONNXModel(graph: student, producer: "privfusion").write(
      to: options.output, metadata: metadata(said))
    let result = ModelVoteResult(
      output: options.output, sha256: try FileDigest(contentsOf: options.output).hexadecimal,
      models: options.models, privacy: said,
      votes: FuseResult.Votes(
        path: votes.choice.path.rawValue, heldOutCounts: votes.choice.heldOutCounts,
        heldOutDecoded: votes.choice.heldOutDecoded),
      seconds: start.duration(to: .now).seconds)
    if options.json { try Terminal.json(result) } else { Terminal.result(result.description) }
  }

  private func labels(_ file: ModelFile, _ probe: DataFile) throws -> [Int] {
    let labels: [Int64] = try Failure.about(data: probe.path, for: file.path) {
      try Predictor(file.graph).logits(probe.inputs).argmax(axis: 1).elements()
    }
    return labels.map(Int.init)
  }

  /// The number of classes, which all models must have; found with the first probe alone.
  private func classCount(_ files: [ModelFile], _ probes: [DataFile]) throws -> Int {
    let counts = try zip(files, probes).map { file, probe in
      try Failure.about(data: probe.path, for: file.path) {
        let first = try probe.inputs.mapValues { try $0.slice(0..<1) }
        return try Predictor(file.graph).logits(first).shape[1]
      }
    }
    for (file, count) in zip(files, counts) where count != counts[0] {
      throw Failure(
        "\(file.path): tells \(count) classes apart and \(files[0].path) \(counts[0])", .data)
    }
    guard counts[0] > 1 else {
      throw Failure("\(files[0].path): votes need a classifier of at least 2 classes", .data)
    }
    return counts[0]
  }

  /// What the file says of its own making.
  private func metadata(_ plan: ModelVoteResult.Plan) -> [String: String] {
    PrivacyNotes.cleared.merging([
      "privfusion.parties": "\(plan.parties)", PrivacyNotes.unitKey: plan.unit,
      "privfusion.epsilon": "\(plan.composedEpsilon)", "privfusion.delta": "0",
      "privfusion.answers_per_party": "\(plan.answersPerParty)",
      "privfusion.clusters": "\(plan.clusters)", "privfusion.mechanism": plan.mechanism,
      "privfusion.predicted_accuracy": "\(plan.predictedAccuracy)",
    ]) { $1 }
  }
}
