extension PrivateTrainingSettings {
  /// Settings to start from, which look at no record.
  ///
  ///     epsilon      below 2    2 to 5    5 and above
  ///     rate         0.12       0.25      0.5
  ///
  /// with a clip of 1, 300 steps, a momentum of 0.9 and a step's expected number of records at
  /// 512 in 5,800 of them. Chosen on public labels: training images 30,000 to 35,799 of
  /// Fashion-MNIST, which no figure of this project is about, for a perceptron of 784, 256, 128
  /// and 10 units at a delta of 1e-5. Of other choices tried there, at epsilon 1: 150 steps at 0.25
  /// and 100 steps of 1,024 at 0.25 were within 0.6 points, rates of 0.5 and above lost 9 and more;
  /// Adam lost 7 and more at the three rates tried. Scored on Fashion-MNIST's test images, so that
  /// figures on those are mildly selected; the rate at epsilon 3 is in between. At epsilon 8: 0.25 lost 1.6 points and 1 lost 2.4.
  ///
  /// - Parameters:
  ///   - epsilon: The loss about a record, finite and above 0.
  ///   - records: The number of records, which is public; at least 2.
  ///   - steps: In place of the recommended number.
  ///   - clip: In place of the recommended one.
  ///   - rate: In place of the recommended one.
  /// - Throws: ``PrivateTrainingError/setting(_:value:range:)``.
  public static func recommended(
    epsilon: Double, records: Int, steps: Int? = nil, clip: Double? = nil, rate: Double? = nil
  ) throws -> PrivateTrainingSettings {
    let tableRate = epsilon < 2 ? 0.12 : epsilon < 5 ? 0.25 : 0.5
    let batch = max(1, Int((Double(records) * 512 / 5800).rounded()))
    return try PrivateTrainingSettings(
      clip: clip ?? 1, expectedBatch: batch, steps: steps ?? 300,
      learningRate: rate ?? tableRate, optimizer: .sgd(momentum: 0.9))
  }
}
