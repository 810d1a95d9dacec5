package import Tensors

/// Finds the probes' classes from randomised votes, knowing that like probes have like classes.
///
/// The prior of a probe's classes is a softmax regression on smooth functions of the probe graph
/// (``VoteClassifier``), its likelihood is that of its own answers through the known randomiser and
/// the parties' estimated reliabilities (``VoterReliability``):
///
///     posterior[j, c]  ~  p[j, c] e^(ownWeight L[j, c])
///
/// Parties err alike, so that their answers say less together than each alone: an `ownWeight` below
/// 1 allows for it.
package struct GraphDecoder: Sendable {
  /// What is chosen on held-out votes.
  package struct Settings: Sendable, Equatable {
    /// r, the number of smooth functions.
    package var functions: Int
    /// t: how much rough functions are discounted.
    package var smoothness: Double
    package var ridge: Double
    /// The power that the likelihood of a probe's own answers is raised to, in [0, 1].
    package var ownWeight: Double
    /// Whether each probe's values of the functions are brought to unit mean square.
    package var isNormalized: Bool

    package init(
      functions: Int, smoothness: Double, ridge: Double, ownWeight: Double,
      isNormalized: Bool = false
    ) {
      self.functions = functions
      self.smoothness = smoothness
      self.ridge = ridge
      self.ownWeight = ownWeight
      self.isNormalized = isNormalized
    }

    /// Where the search begins: the best at a medium loss on 500 to 2,000 probes of Fashion-MNIST.
    package static let initial = Settings(
      functions: 100, smoothness: 10, ridge: 1, ownWeight: 0.5)
  }

  /// The greatest number of smooth functions that is tried.
  static let greatestFunctions = 200

  package let spectrum: ProbeGraph.Spectrum

  package init(_ spectrum: ProbeGraph.Spectrum) { self.spectrum = spectrum }

  /// - Parameters:
  ///   - graph: Of the probes that the votes are about.
  ///   - seed: For the iteration that finds smooth functions of many probes.
  package init(_ graph: ProbeGraph, seed: UInt64) throws {
    // More functions than a third of the probes would fit every probe by itself.
    let most = min(Self.greatestFunctions, max(graph.probeCount / 3, 1))
    spectrum = try graph.spectrum(count: most, seed: seed)
  }

  /// What a decoder works out of votes.
  package struct Decoded: Sendable {
    /// The log-probabilities of the classes without a probe's own answers, shape `[m, k]`.
    let logPrior: Tensor
    /// The log-likelihood of a probe's own answers, shape `[m, k]`.
    let logLikelihood: Tensor
    let reliability: VoterReliability
    let coefficients: Tensor

    /// The probabilities of the probes' classes, shape `[m, k]`, in double precision.
    package func posterior(ownWeight: Double) throws -> Tensor {
      try logPrior.adding(logLikelihood.multiplied(by: ownWeight)).softmax()
    }
  }

  /// Decodes votes, and estimates the parties' reliabilities in three rounds.
  package func decoded(_ votes: VoteCounts, _ settings: Settings) throws -> Decoded {
    let basis = try basis(settings)
    var decoded = try Self.decoded(
      votes, VoterReliability(expectedOf: votes), basis: basis, ridge: settings.ridge)
    for _ in 0..<2 {
      let posterior = try decoded.posterior(ownWeight: settings.ownWeight)
      decoded = try Self.decoded(
        votes, decoded.reliability.improved(votes, posterior: posterior), basis: basis,
        ridge: settings.ridge, steps: 15, start: decoded.coefficients)
    }
    return decoded
  }

  func basis(_ settings: Settings) throws -> Tensor {
    settings.isNormalized
      ? try spectrum.normalizedBasis(count: settings.functions)
      : try spectrum.basis(count: settings.functions, smoothness: settings.smoothness)
  }

  static func decoded(
    _ votes: VoteCounts, _ reliability: VoterReliability, basis: Tensor, ridge: Double,
    steps: Int = 40, start: Tensor? = nil
  ) throws -> Decoded {
    let logLikelihood = try reliability.logLikelihood(votes)
    let coefficients = try VoteClassifier.coefficients(
      basis: basis, logLikelihood: logLikelihood, ridge: ridge, steps: steps, start: start)
    return Decoded(
      logPrior: try VoteClassifier.logPrior(basis: basis, coefficients: coefficients),
      logLikelihood: logLikelihood, reliability: reliability, coefficients: coefficients)
  }
}
