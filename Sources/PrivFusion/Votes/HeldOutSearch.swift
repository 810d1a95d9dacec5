internal import Tensors

/// Searches for the decoder's settings that predict held-out votes best, one setting at a time.
struct HeldOutSearch {
  private let decoder: GraphDecoder
  private let folds: [(fold: HeldOutVotes.Fold, reliability: VoterReliability)]

  /// The own weights that are tried; they cost no fit.
  private static let ownWeights = [0, 0.25, 0.5, 1]
  private static let ridges = [0.3, 1, 3, 10]
  /// Functions and smoothness.
  private static let smoothers = [(10, 10.0), (30, 10.0), (30, 100.0), (100, 30.0), (200, 30.0)]

  /// Functions and smoothness that the ridges are tried with.
  private static let first = (
    GraphDecoder.Settings.initial.functions, GraphDecoder.Settings.initial.smoothness
  )

  /// The parties' reliabilities are estimated once a fold, with the settings that the search begins
  /// with; they depend little on them.
  init(
    _ decoder: GraphDecoder, _ held: HeldOutVotes, from initial: GraphDecoder.Settings = .initial
  ) throws {
    self.decoder = decoder
    folds = try held.folds.map {
      ($0, try decoder.decoded($0.training, initial).reliability)
    }
  }

  /// The best settings, and the log-probability of every held-out vote with them.
  func best() throws -> (settings: GraphDecoder.Settings, scores: [Double]) {
    var best: (settings: GraphDecoder.Settings, scores: [Double], sum: Double)?
    func consider(_ candidates: [GraphDecoder.Settings]) throws {
      for (settings, scores) in try candidates.flatMap({ try self.scores($0) }) {
        let sum = scores.reduce(0, +)
        if sum > best?.sum ?? -.infinity { best = (settings, scores, sum) }
      }
    }
    func varied(_ change: (inout GraphDecoder.Settings) -> Void) -> GraphDecoder.Settings {
      var settings = best?.settings ?? .initial
      change(&settings)
      return settings
    }
    try consider(Self.ridges.map { ridge in varied { $0.ridge = ridge } })
    let fitting = Self.smoothers.filter { $0.0 <= decoder.spectrum.eigenvalues.count }
    try consider(
      fitting.map { smoother in
        varied { ($0.functions, $0.smoothness) = smoother }
      })
    // Another smoother may want another ridge.
    if let found = best?.settings, (found.functions, found.smoothness) != Self.first {
      try consider([0.3, 3].map { factor in varied { $0.ridge = factor * found.ridge } })
    }
    return (best?.settings ?? .initial, best?.scores ?? [])
  }

  /// The log-probability of every held-out vote, for every own weight.
  func scores(_ settings: GraphDecoder.Settings) throws -> [(
    GraphDecoder.Settings, [Double]
  )] {
    let basis = try decoder.basis(settings)
    let decoded = try folds.map {
      try GraphDecoder.decoded(
        $0.fold.training, $0.reliability, basis: basis, ridge: settings.ridge)
    }
    return try Self.ownWeights.map { weight in
      var settings = settings
      settings.ownWeight = weight
      let scores = try zip(folds, decoded).flatMap { fold, decoded in
        fold.reliability.logProbabilities(
          of: fold.fold.heldOut,
          posterior: try decoded.posterior(ownWeight: weight).elements())
      }
      return (settings, scores)
    }
  }
}
