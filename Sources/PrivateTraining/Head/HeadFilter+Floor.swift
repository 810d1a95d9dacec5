extension HeadFilter {
  /// What is public of the noise in one party's head.
  public struct PartyNoise: Sendable {
    /// Noisy sums.
    public let steps: Int
    /// The noise's deviation over the clip, in every step.
    public let multiplier: Double
    public let clip: Double
    /// The number of records, or a guess within a factor of two.
    public let records: Double

    public init(steps: Int, multiplier: Double, clip: Double, records: Double) {
      self.steps = steps
      self.multiplier = multiplier
      self.clip = clip
      self.records = records
    }
  }

  /// Where nothing is known of the noise.
  public static let defaultFloor = 0.01

  /// The share below which directions are taken for noise, from public figures alone.
  ///
  /// One noisy sum has all of its noise in every direction; the floor that served best on
  /// Fashion-MNIST, by the labels of public probes, was 7,700 times its mean square per record
  /// for 10, 100 and 300 parties. Several steps have learnt the strong directions already, and
  /// a floor of 0.01 (0.03 with little noise) served best at every number of parties.
  public static func floor(_ parties: [PartyNoise]) -> Double {
    guard let first = parties.first else { return defaultFloor }
    if parties.contains(where: { $0.steps > 1 }) {
      return first.multiplier / Double(first.steps).squareRoot() > 2 ? 0.01 : 0.03
    }
    let noise = parties.reduce(0) { sum, party in
      let deviation = party.multiplier * party.clip
      return sum + deviation * deviation
    }
    let records = parties.reduce(0) { $0 + $1.records }
    return min(max(7700 * noise / (records * records), 3e-4), 1)
  }
}
