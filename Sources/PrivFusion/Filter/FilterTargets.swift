internal import Models
internal import Tensors

/// What every layer should output on the sampled rows, from released messages alone.
struct FilterTargets {
  /// For every hidden layer whose signature was sent, by index.
  let hidden: [Int: LayerFilter.Target]
  /// The centred log-posterior of the classes, shape `[m, classes]`.
  let logPosterior: Tensor?
  /// What the output layer is regressed on, shape `[m, classes]`.
  let output: Tensor?
  let hasLabelVotes: Bool
  /// Whether randomised labels were decoded on the probe graph.
  let hasDecodedVotes: Bool
  /// Whether anything is noisy.
  let isNoisy: Bool

  init(
    _ session: FusionSession, _ first: FirstRound, classes: ProbeClasses, signatures: [Int: Tensor]
  ) throws {
    let parties = Double(first.signatures.count)
    hidden = try signatures.reduce(into: [:]) { targets, entry in
      targets[entry.key] = try LayerFilter.Target(
        mean: entry.value, noiseVariance: (first.signatureVariances[entry.key] ?? 0) / parties,
        constants: session.settings.filterConstants)
    }
    logPosterior = classes.logPosterior
    output = classes.outputTarget
    hasLabelVotes = classes.hasLabelVotes
    hasDecodedVotes = classes.choice?.path == .decoded
    isNoisy = session.settings.disclosure != .open
  }
}
