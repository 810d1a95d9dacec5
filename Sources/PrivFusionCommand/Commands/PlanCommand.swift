internal import ArgumentParser
internal import LocalPrivacy
internal import Models
internal import PrivFusion
internal import PrivateTraining
internal import Tensors

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Predicts what a fusion would be worth, before anyone spends anything.",
    discussion: """
      From public things alone: how loud each message would be, what all of a party's messages \
      compose to, and how right the fused model is expected to be, for each set of messages that \
      could be sent. The cheapest of those that are expected to serve as well as any is chosen.

      --unit says what epsilon limits: value (each released number), model (everything that a party \
      sends, between any two models of it) or record (one record of a party's training data: private \
      heads on public features; no model is needed then).

      What is predicted was fitted on Fashion-MNIST; --expected-accuracy carries it to another task.

      Exit code 65: whatever is sent would be noise.

        privfusion plan network.onnx --parties 10 --probes 2000 --epsilon 8 --unit model --delta 1e-5
        privfusion plan --parties 100 --records 580 --epsilon 1 --unit record --delta 1e-5
      """)

  enum Unit: String, ExpressibleByArgument, CaseIterable {
    case value, model, record
  }

  @Argument(
    help: ArgumentHelp("A network of the architecture, trained or not.", valueName: "MODEL.onnx"))
  var model: String?

  @Option(help: "The number of parties.")
  var parties: Int

  @Option(parsing: .unconditional, help: "The privacy loss of one --unit.")
  var epsilon: Double

  @Option(help: "What epsilon limits: value, model or record.")
  var unit: Unit

  @Option(
    parsing: .unconditional,
    help: "The probability of failure: of units model (0 for a pure loss) and record.")
  var delta: Double?

  @Option(help: "The number of public probes.")
  var probes: Int?

  @Option(
    parsing: .unconditional, help: "With unit value: the loss of each vote; --epsilon by default.")
  var voteEpsilon: Double?

  @Option(help: "With unit record: the number of records of each party.")
  var records: Int?

  @Option(help: "With unit record: the number of public features of a record.")
  var features: Int?

  @Option(help: "With unit record: the number of classes.")
  var classes = 10

  @Option(
    parsing: .unconditional,
    help: """
      What is expected without privacy, in 0 to 1: of each party's own model, or with unit record of a \
      head on all records; a public guess.
      """)
  var expectedAccuracy = 0.7

  @Flag(help: "There are no public features of the probe, so that votes alone make no model.")
  var withoutFeatures = false

  @Flag(help: "All parties started from one initialisation.")
  var commonStart = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard parties > 0 else { throw ValidationError("--parties must be above 0, got \(parties)") }
    guard (0...1).contains(expectedAccuracy) else {
      throw ValidationError("--expected-accuracy must be in 0 to 1, got \(expectedAccuracy)")
    }
    switch unit {
    case .record: try validateRecords()
    case .value, .model: try validateMessages()
    }
  }

  private func validateRecords() throws {
    guard let records, let delta else {
      throw ValidationError("--unit record needs --records and --delta")
    }
    guard records > 0 else { throw ValidationError("--records must be above 0, got \(records)") }
    guard delta > 0, delta < 1 else {
      throw ValidationError("--delta must be above 0 and below 1, got \(delta)")
    }
    guard features ?? 1 > 0, classes > 1 else {
      throw ValidationError("--features must be above 0 and --classes above 1")
    }
    guard model == nil, probes == nil, voteEpsilon == nil, !withoutFeatures, !commonStart else {
      throw ValidationError(
        "a model, --probes, --vote-epsilon, --without-features and --common-start are for units value "
          + "and model: records are protected by private heads on public features")
    }
  }

  private func validateMessages() throws {
    guard model != nil, let probes else {
      throw ValidationError("--unit \(unit.rawValue) needs a model and --probes")
    }
    guard probes > 1 else { throw ValidationError("--probes must be above 1, got \(probes)") }
    guard records == nil, features == nil else {
      throw ValidationError("--records and --features are for unit record")
    }
    guard (unit == .model) == (delta != nil) else {
      throw ValidationError(
        "--delta goes with units model and record, and is needed there; 0 is a pure loss")
    }
    guard unit == .value || voteEpsilon == nil else {
      throw ValidationError("--vote-epsilon is for unit value")
    }
  }

  func run() throws {
    if unit == .record, let records, let delta {
      // As the default trunks have them.
      let width = features ?? (parties >= HeadTrainer.Settings.manyParties ? 200 : 400)
      let forecast = try RecordForecast(
        parties: parties, records: records, epsilon: epsilon, delta: delta, features: width,
        classes: classes, pooledAccuracy: expectedAccuracy)
      return try show(RecordPlanResult(forecast, plan: self, features: width))
    }
    guard let model, let probes else { return }
    let plan = try MessagePlan(
      architecture(model, probes), parties: parties, budget: budget(),
      partyAccuracy: expectedAccuracy, hasFeatures: !withoutFeatures, hasCommonStart: commonStart)
    try show(MessagePlanResult(plan, probes: probes))
  }

  private func budget() throws -> MessagePlan.Budget {
    guard unit == .model else {
      _ = try NumericMechanism(.duchi, epsilon: epsilon)
      _ = try RandomizedResponse(categories: 2, epsilon: voteEpsilon ?? epsilon)
      return .eachValue(epsilon: epsilon, voteEpsilon: voteEpsilon ?? epsilon)
    }
    let limit = try PrivacyBudget.model(epsilon: epsilon, delta: delta ?? 0)
    guard epsilon >= 0.001 else {
      throw PrivacyError.epsilonOutOfRange(epsilon, least: 0.001, greatest: 1e9)
    }
    return .wholeModel(epsilon: limit.epsilon, delta: limit.delta)
  }

  /// The architecture on made-up probes: only their number counts.
  private func architecture(_ path: String, _ count: Int) throws -> SharedArchitecture {
    let graph = try ModelFile(path).graph
    let probe = try graph.inputs.reduce(into: [String: Tensor]()) { probe, port in
      let sizes = port.shape.dropFirst().compactMap(\.self)
      guard sizes.count + 1 == port.shape.count else {
        throw Failure(
          "\(path): the input '\(port.name)' has free sizes besides the batch; export it with fixed "
            + "ones", .data)
      }
      probe[port.name] = try Tensor.normal([count] + sizes, seed: 0).cast(to: port.type)
    }
    return try Failure.about(path) { try SharedArchitecture(graph, probe: probe, seed: 0) }
  }

  private func show(_ result: some PlanResult) throws {
    try Terminal.show(result, asJSON: json)
    if result.noise {
      throw Failure(
        "this fusion will be noise: spend nothing on it. More parties, a greater --epsilon, fewer "
          + "numbers or another unit would help", .data)
    }
  }
}

/// What `plan` says.
protocol PlanResult: Encodable, CustomStringConvertible {
  var noise: Bool { get }
}
