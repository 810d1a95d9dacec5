internal import Foundation
public import LocalPrivacy

/// How right a model of private heads on public features is expected to be, when each record of each
/// party loses at most (epsilon, delta).
///
///     signalToNoise = (records / noiseMultiplier)^2 / numbers,   numbers = (features + 1) classes
///     accuracy      = guess + (pooled - guess) share(log10(parties signalToNoise))
///
/// A sum over records that all pull one way, against the noise in all its numbers. One curve holds for
/// a party alone and for any number of parties fused: it was read off 54 measured accuracies on
/// Fashion-MNIST (10 to 300 parties of 193 to 5,800 records, epsilon 1 to 8), with a mean error of 1.2
/// points; the greatest was 6, where single parties are little better than guesses.
public struct RecordForecast: Sendable, Equatable {
  /// The noise's deviation over one record's share in one sum.
  public let noiseMultiplier: Double
  /// Of one party's head, in power.
  public let signalToNoise: Double
  /// The loss of one record, as the accountant states it.
  public let loss: RecordLoss
  /// A party with its own head alone.
  public let alone: FusionForecast
  /// All parties' heads, averaged and filtered.
  public let fused: FusionForecast

  /// The share of what pooled records without privacy know over guessing, by log10 of parties x signal
  /// to noise.
  private static let shares: [(logarithm: Double, share: Double)] = [
    (-0.5, 0.1), (0, 0.2), (0.5, 0.4), (1, 0.6), (1.5, 0.74), (2, 0.84), (2.5, 0.905), (3, 0.935),
    (3.5, 0.948), (4, 0.96), (4.5, 0.972), (5, 0.98), (5.5, 0.986), (6, 0.99),
  ]
  private static let margin = 0.06

  /// - Parameters:
  ///   - parties: n, at least 1.
  ///   - records: Of each party, at least 1; public here.
  ///   - epsilon: Of one record at one party; finite and above 0.
  ///   - delta: In 1e-100 ... 0.5.
  ///   - features: The number of public features of a record, at least 1.
  ///   - classes: k, at least 2.
  ///   - pooledAccuracy: What a head on all records without privacy is expected to reach, in [0, 1];
  ///     public.
  /// - Throws: What `GaussianProcedure.calibrated` throws.
  public init(
    parties: Int, records: Int, epsilon: Double, delta: Double, features: Int, classes: Int,
    pooledAccuracy: Double
  ) throws {
    precondition(
      parties > 0 && records > 0 && features > 0 && classes > 1
        && (0...1).contains(pooledAccuracy))
    let procedure = try GaussianProcedure.calibrated(
      epsilon: epsilon, delta: delta, steps: 1, sampling: .everyRecord)
    loss = try RecordLoss(of: procedure, delta: delta)
    noiseMultiplier = procedure.noiseMultiplier
    let pull = Double(records) / noiseMultiplier
    let numbers = (Double(features) + 1) * Double(classes)
    let ratio = pull * pull / numbers
    signalToNoise = ratio
    func forecast(_ heads: Double) -> FusionForecast {
      let guess = 1 / Double(classes)
      return FusionForecast(
        expected: guess + max(0, pooledAccuracy - guess) * Self.share(log10(heads * ratio)),
        margin: Self.margin, partyAccuracy: pooledAccuracy, classes: classes)
    }
    alone = forecast(1)
    fused = forecast(Double(parties))
  }

  /// In proportion between the points; from the first point down it falls tenfold with every digit.
  private static func share(_ logarithm: Double) -> Double {
    guard let upper = shares.firstIndex(where: { $0.logarithm >= logarithm }) else {
      return shares[shares.count - 1].share
    }
    guard upper > 0 else { return shares[0].share * pow(10, logarithm - shares[0].logarithm) }
    let (low, high) = (shares[upper - 1], shares[upper])
    return low.share + (high.share - low.share) * (logarithm - low.logarithm)
      / (high.logarithm - low.logarithm)
  }
}
