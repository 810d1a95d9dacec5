internal import ArgumentParser
internal import LocalPrivacy
internal import MessageFiles
internal import PrivFusion

/// How a party hears, before it pays, what the fusion is expected to be worth.
struct ForecastOptions: ParsableArguments {
  @Flag(help: "Go on where the fusion is expected to be noise.")
  var evenIfNoise = false

  @Option(
    help: """
      For the prediction: the accuracy that parties are expected to have by themselves; a public \
      guess, in 0 to 1.
      """)
  var expectedAccuracy = 0.7

  func validate() throws {
    guard (0...1).contains(expectedAccuracy) else {
      throw ValidationError("--expected-accuracy must be in 0 to 1, got \(expectedAccuracy)")
    }
  }

  /// Predicts what signatures and weights of so many parties make, and says so.
  ///
  /// - Parameters:
  ///   - isPlan: Nothing is spent by a plan, so that it refuses nothing.
  /// - Throws: A ``Failure`` where the result would be noise, unless that is asked for.
  func check(_ party: ReleasingSession, parties: Int, isPlan: Bool) throws {
    let description = party.description
    let option: MessagePlan.Option?
    do {
      option = try MessagePlan(
        party.shared, parties: parties,
        budget: .eachValue(
          epsilon: description.epsilon, voteEpsilon: description.voteEpsilon),
        partyAccuracy: expectedAccuracy, hasFeatures: false,
        hasCommonStart: description.commonInitialization != nil
      ).option(for: .everything)
    } catch FusionError.noClassifier {
      Terminal.note("this network is no classifier: how good the fusion will be can't be predicted")
      return
    }
    guard let option else { return }
    guard !option.isNoise || evenIfNoise || isPlan else {
      throw PlannedMessages.noise(option)
    }
    Terminal.note(
      option.isNoise
        ? "warning: \(PlannedMessages.noise(option).description)"
        : "the fusion of \(parties) parties: \(PlannedMessages.words(option))")
  }
}
