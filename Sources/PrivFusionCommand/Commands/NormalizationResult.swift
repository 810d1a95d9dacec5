internal import PrivFusion

/// How `fuse` normalised an average.
struct NormalizationResult: Encodable, CustomStringConvertible {
  let method: String
  let heldOutProbes: Int
  /// The mean log-likelihood of the released classes of held-out probes, in nats, by way; absent where
  /// the way was asked for.
  let heldOutLogLikelihood: [String: Double]?

  init(_ choice: NormalizationChoice) {
    method = choice.method.rawValue
    heldOutProbes = choice.heldOutCount
    heldOutLogLikelihood =
      choice.scores.isEmpty
      ? nil
      : Dictionary(
        uniqueKeysWithValues: choice.scores.map { ($0.key.rawValue, $0.value.logLikelihood) })
  }

  var description: String {
    guard let heldOutLogLikelihood else { return "normalization: \(method)" }
    let scores = heldOutLogLikelihood.sorted { $0.key < $1.key }
      .map { "\($0.key) \(Text.decimal($0.value, 3))" }.joined(separator: ", ")
    return "normalization: \(method), by log-likelihood on \(heldOutProbes) held-out probes "
      + "(\(scores))"
  }
}
