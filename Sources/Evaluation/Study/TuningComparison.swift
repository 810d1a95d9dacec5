/// What one alternative to a default does, over several sets of messages.
///
/// Every set of messages is fitted both ways, so that the noise of the messages is in both; what is
/// compared is the difference on each set.
package struct TuningComparison: Sendable, Equatable {
  /// What one fit of some messages is worth.
  package struct Measured: Codable, Sendable, Equatable {
    /// In nats a probe, and the posterior of the class that is predicted: of probes held out, by what
    /// was released of them alone. `nil` where no probes were held out.
    package let logLikelihood: Double?
    package let agreement: Double?
    /// On test samples: what nothing may be chosen by.
    package let accuracy: Double

    package init(logLikelihood: Double?, agreement: Double?, accuracy: Double) {
      self.logLikelihood = logLikelihood
      self.agreement = agreement
      self.accuracy = accuracy
    }
  }

  /// The mean of the differences from the default.
  package struct Difference: Sendable, Equatable {
    package let mean: Double
    /// Of the mean; `nil` for a single difference.
    package let standardError: Double?

    /// `nil` without differences.
    init?(_ differences: [Double]) {
      guard !differences.isEmpty else { return nil }
      let count = Double(differences.count)
      let mean = differences.reduce(0, +) / count
      self.mean = mean
      let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      standardError = count > 1 ? (squares / (count - 1) / count).squareRoot() : nil
    }

    /// Whether the mean is above 0 by more than twice its standard error.
    package var isClearlyAbove: Bool { standardError.map { mean > 2 * $0 } ?? false }
  }

  /// The number of sets of messages that were fitted both ways.
  package let count: Int
  package let logLikelihood: Difference?
  package let agreement: Difference?
  package let accuracy: Difference?

  /// - Parameters:
  ///   - name: The alternative.
  ///   - base: The default.
  ///   - fits: Of every set of messages, its fits by name; those that lack one of the two are left out.
  package init(of name: String, to base: String, in fits: [[String: Measured]]) {
    let pairs = fits.compactMap { fits in
      fits[name].flatMap { other in fits[base].map { (other, $0) } }
    }
    func difference(_ value: (Measured) -> Double?) -> Difference? {
      Difference(
        pairs.compactMap { other, base in
          value(other).flatMap { found in value(base).map { found - $0 } }
        })
    }
    count = pairs.count
    logLikelihood = difference(\.logLikelihood)
    agreement = difference(\.agreement)
    accuracy = difference(\.accuracy)
  }

  /// Whether held-out probes are clearly more likely and test accuracy is not lost: the rule by which
  /// a default is replaced.
  package var isAdopted: Bool {
    (logLikelihood?.isClearlyAbove ?? false) && (accuracy?.mean ?? -1) >= 0
  }
}
