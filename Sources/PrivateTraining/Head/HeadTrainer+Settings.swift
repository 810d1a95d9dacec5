extension HeadTrainer.Settings {
  /// From this many parties on, one noisy sum serves better than several.
  public static let manyParties = 50

  /// Settings that fuse best for a number of parties, or that serve one party alone.
  ///
  /// Found on Fashion-MNIST by the labels of its 2,000 public probes, never by parties' records or
  /// test samples, and fixed since. All parties of a fusion must use the same.
  ///
  /// | parties | epsilon | steps | rate on the sum | clip |
  /// |---|---|---|---|---|
  /// | 2 to 49 | below 2 | 30 | 0.029 | 0.35 |
  /// | 2 to 49 | below 5 | 20 | 0.17 | 0.35 |
  /// | 2 to 49 | 5 and above | 20 | 0.43 | 0.35 |
  /// | 50 and more | any | 1 | 0.05 | no record is longer |
  ///
  /// One party alone takes half the rate, since nothing averages its noise out.
  ///
  /// - Parameters:
  ///   - epsilon: The loss of each party, above 0.
  ///   - parties: How many heads will be averaged, at least 1.
  ///   - classes: At least 2.
  ///   - rate: In place of the recommended one.
  ///   - clip: In place of the recommended one.
  public static func recommended(
    epsilon: Double, parties: Int, classes: Int, rate: Double? = nil, clip: Double? = nil
  ) -> HeadTrainer.Settings {
    if parties >= manyParties {
      // The residual of an untrained head is sqrt(1 - 1/k) long, for every record.
      let residual = (1 - 1 / Double(classes)).squareRoot()
      let bias = HeadTrainer.biasFeature
      let norm = residual * (1 + bias * bias).squareRoot()
      // A thousandth for rounding to the grid.
      return HeadTrainer.Settings(steps: 1, rate: rate ?? 0.05, clip: clip ?? norm * 1.001)
    }
    let (steps, joint) = epsilon < 2 ? (30, 0.029) : (20, epsilon < 5 ? 0.17 : 0.43)
    return HeadTrainer.Settings(
      steps: steps, rate: rate ?? (parties == 1 ? joint / 2 : joint), clip: clip ?? 0.35)
  }
}
