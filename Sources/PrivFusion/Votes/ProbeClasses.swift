internal import LocalPrivacy
internal import Models
internal import Tensors

/// What the parties' votes say of the probes' classes.
struct ProbeClasses {
  /// The centred log of the posterior class probabilities of each probe, shape `[m, classes]`,
  /// clamped at 1e-3 in probability; `nil` without votes.
  let logPosterior: Tensor?
  /// What the output layer is regressed on, shape `[m, classes]`: the same, but the mean of the
  /// parties' centred log-probabilities where these are known, which vary more smoothly with the
  /// inputs than the logarithm of their mean.
  let outputTarget: Tensor?
  /// Whether votes were randomised labels, as opposed to probabilities.
  let hasLabelVotes: Bool
  /// How randomised labels were read; `nil` where there was nothing to choose.
  let choice: VoteChoice?

  /// - Parameters:
  ///   - session: Its settings hold the public features, if there are any.
  ///   - votes: One of every party, all of one kind, or none.
  init(_ session: FusionSession, _ votes: [Vote]) throws {
    var logs: [Tensor] = []
    var received: [Received] = []
    for vote in votes {
      switch vote {
      case .logProbabilities(let tensor): logs.append(tensor)
      case .labels(let labels): received.append(labels)
      }
    }
    hasLabelVotes = session.settings.disclosure != .open
    if !received.isEmpty {
      let counts = VoteCounts(received)
      let filter = try Self.filter(session, counts)
      logPosterior = try Self.centredLog(filter?.posterior ?? counts.posterior())
      outputTarget = logPosterior
      choice = filter?.choice
    } else if let factors = try session.settings.presence?.outputFactors(), !logs.isEmpty {
      let mean = try FusionSession.mean(of: logs.count) { logs[$0] }.multiplied(by: factors)
      logPosterior = try Self.centredLog(mean.softmax(axis: 1))
      outputTarget = try mean.centred()
      choice = nil
    } else if !logs.isEmpty {
      // Probabilities are averaged, which serves parties of unlike data better than averaging their
      // logarithms.
      logPosterior = try Self.centredLog(
        FusionSession.mean(of: logs.count) { try logs[$0].exponential() })
      outputTarget = try FusionSession.mean(of: logs.count) { logs[$0] }.centred()
      choice = nil
    } else {
      (logPosterior, outputTarget, choice) = (nil, nil, nil)
    }
  }

  private static func centredLog(_ posterior: Tensor) throws -> Tensor {
    try posterior.clamped(to: 1e-3...1).logarithm().centred().cast(to: .float32)
  }

  private static func filter(_ session: FusionSession, _ votes: VoteCounts) throws -> VoteFilter? {
    let settings = session.settings
    guard settings.usesFilter || settings.messages == .votes,
      let features = try session.publicFeatures()
    else {
      return nil
    }
    return try VoteFilter(votes, features: features, seed: settings.seed)
  }
}

extension FusionSession {
  /// Numbers by which probes are compared, shape `[m, d]`: those of the settings, or else the inputs
  /// themselves, where these are numbers.
  func publicFeatures() throws -> Tensor? {
    let count = architecture.probe.count
    if let features = settings.publicFeatures {
      guard features.rank == 2, features.shape[0] == count else {
        throw FusionError.featureShape(found: features.shape, probes: count)
      }
      return features
    }
    let names = architecture.pass.graph.inputs.map(\.name)
    let rows = try architecture.probe.batches.compactMap { batch -> Tensor? in
      let inputs = names.compactMap { batch[$0] }.filter(\.elementType.isFloatingPoint)
      guard let first = inputs.first, first.rank > 0, first.shape[0] > 0 else { return nil }
      return try Tensor.concatenated(
        inputs.map { try $0.reshaped([first.shape[0], -1]).cast(to: .float32) }, axis: 1)
    }
    return rows.isEmpty ? nil : try Tensor.concatenated(rows)
  }
}
