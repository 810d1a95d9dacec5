extension HeadTrainer.Settings {
  /// Settings that fuse best, or serve best alone.
  ///
  /// - Parameters:
  ///   - epsilon: The loss of each party, above 0.
  ///   - parties: How many heads will be averaged, at least 1.
  ///   - rate: In place of the recommended one.
  ///   - clip: In place of the recommended one.
  public static func recommended(
    epsilon: Double, parties: Int, rate: Double? = nil, clip: Double? = nil
  ) throws -> HeadTrainer.Settings {
    HeadTrainer.Settings(steps: epsilon < 2 ? 20 : 30, rate: rate ?? 0.05, clip: clip ?? 0.5)
  }
}
