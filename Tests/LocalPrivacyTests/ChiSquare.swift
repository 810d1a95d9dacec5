import Foundation

/// Pearson's statistic of counts against the probabilities that they should have.
enum ChiSquare {
  /// The statistic's normal score (Wilson, Hilferty 1931) over cells with at least ten expected
  /// samples; the others, and what the cells leave out, are one cell.
  ///
  /// Scores above 6 come up in fewer than 1e-8 of all keys.
  static func score(_ counts: [Int], _ probabilities: [Double], of samples: Int) -> Double {
    let total = Double(samples)
    var statistic = 0.0
    var cells = 0.0
    var rest = total
    var expectedRest = total
    for (count, probability) in zip(counts, probabilities) where total * probability >= 10 {
      let expected = total * probability
      statistic += (Double(count) - expected) * (Double(count) - expected) / expected
      rest -= Double(count)
      expectedRest -= expected
      cells += 1
    }
    if expectedRest >= 10 {
      statistic += (rest - expectedRest) * (rest - expectedRest) / expectedRest
      cells += 1
    } else if rest > 60 {
      // Of fewer than 10 expected, above 60 are found in fewer than 1e-28 of all keys.
      return .infinity
    }
    let freedom = cells - 1
    return (cbrt(statistic / freedom) - (1 - 2 / (9 * freedom))) / (2 / (9 * freedom)).squareRoot()
  }
}
