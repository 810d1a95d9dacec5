internal import Foundation
internal import Tensors

/// Decodes votes that leave probes without answers: the mean over many settings, each weighted by how
/// well it predicts answers held out.
///
///     posterior = sum over settings of weight x posterior by these settings
///     weight    ~ product over answers of P(answer | the others)
///
/// A few hundred noisy answers do not tell settings apart, so that choosing one of them would be a
/// matter of luck. Pseudo Bayesian model averaging: Geisser, Eddy 1979, section 2; Yao et al. 2018,
/// section 3.2.
struct SparseDecoding {
  let posterior: Tensor
  /// The settings of the greatest weight, and the log-probability of every held-out answer with them.
  let best: (settings: GraphDecoder.Settings, scores: [Double])

  /// Normalised functions, so many for each class.
  private static let functions = [1, 1.5, 2, 3, 5]
  /// Functions and smoothness.
  private static let smoothers = [(30, 100.0), (100, 30.0), (200, 30.0)]
  /// Settings of less weight than this are left out: together they hardly move the mean.
  private static let leastWeight = 0.01

  /// - Parameters:
  ///   - votes: At least one answer.
  ///   - decoder: Of the graph of the probes.
  ///   - held: The same answers, set apart.
  init(_ votes: VoteCounts, _ decoder: GraphDecoder, _ held: HeldOutVotes) throws {
    let candidates = Self.candidates(votes.classCount, most: decoder.spectrum.eigenvalues.count)
    let search = try HeldOutSearch(decoder, held, from: candidates[0])
    let scored = try candidates.flatMap { try search.scores($0) }
    let sums = scored.map { $0.1.reduce(0, +) }
    let greatest = sums.max() ?? 0
    let place = sums.firstIndex(of: greatest) ?? 0
    best = (scored[place].0, scored[place].1)
    let likelihoods = sums.map { exp($0 - greatest) }
    let total = likelihoods.reduce(0, +)
    var mean = try Tensor.zeros([votes.probeCount, votes.classCount], type: .float64)
    var weight = 0.0
    var decoded: (settings: GraphDecoder.Settings, result: GraphDecoder.Decoded)?
    for (entry, likelihood) in zip(scored, likelihoods)
    where likelihood >= Self.leastWeight * total {
      var settings = entry.0
      settings.ownWeight = GraphDecoder.Settings.initial.ownWeight
      // The own weights of one fit come one after another.
      if decoded?.settings != settings {
        decoded = (settings, try decoder.decoded(votes, settings))
      }
      guard let result = decoded?.result else { continue }
      mean = try mean.adding(
        result.posterior(ownWeight: entry.0.ownWeight).multiplied(by: likelihood))
      weight += likelihood
    }
    posterior = try mean.divided(by: weight)
  }

  private static func candidates(_ classes: Int, most: Int) -> [GraphDecoder.Settings] {
    let counts = Set(functions.map { min(Int(($0 * Double(classes)).rounded()), most) })
    let own = GraphDecoder.Settings.initial.ownWeight
    let normalized = counts.sorted().flatMap { count in
      [0.3, 1, 3].map {
        GraphDecoder.Settings(
          functions: count, smoothness: 0, ridge: $0, ownWeight: own, isNormalized: true)
      }
    }
    return normalized
      + smoothers.filter { $0.0 <= most }.flatMap { smoother in
        [1.0, 3].map {
          GraphDecoder.Settings(
            functions: smoother.0, smoothness: smoother.1, ridge: $0, ownWeight: own)
        }
      }
  }
}
