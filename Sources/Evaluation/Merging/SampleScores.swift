internal import Foundation
public import Tensors

/// How one model does on every sample by itself, so that two models can be compared pair by pair.
public struct SampleScores: Sendable, Equatable {
  /// 1 where the most probable class is the one that counts as right, and 0 elsewhere.
  public let correct: [Double]
  /// -log p of that class, in nats; probabilities below 2^-126 count as that.
  public let losses: [Double]

  /// - Parameters:
  ///   - logProbabilities: Shape `[m, classes]`.
  ///   - labels: The class that counts as right, of every sample, from 0.
  /// - Throws: ``EvaluationError/noSamples``, ``EvaluationError/probabilityShape(expected:found:)``,
  ///   ``EvaluationError/labelRange(classes:)``, and ``EvaluationError/notFinite`` for a NaN.
  public init(logProbabilities: Tensor, labels: [Int]) throws {
    guard !labels.isEmpty else { throw EvaluationError.noSamples }
    let shape = logProbabilities.shape
    guard shape.count == 2, shape[0] == labels.count, shape[1] > 0 else {
      throw EvaluationError.probabilityShape(
        expected: [labels.count, shape.last ?? 0], found: shape)
    }
    guard labels.allSatisfy((0..<shape[1]).contains) else {
      throw EvaluationError.labelRange(classes: shape[1])
    }
    let rows: [Double] = try logProbabilities.cast(to: .float64).elements()
    guard !rows.contains(where: \.isNaN) else { throw EvaluationError.notFinite }
    let classes = shape[1]
    let least = log(Double(Float.leastNormalMagnitude))
    var (correct, losses): ([Double], [Double]) = ([], [])
    for (sample, label) in labels.enumerated() {
      let row = rows[(sample * classes)..<((sample + 1) * classes)]
      let predicted = row.indices.reduce(row.startIndex) { row[$1] > row[$0] ? $1 : $0 }
      correct.append(predicted - row.startIndex == label ? 1 : 0)
      losses.append(-max(row[row.startIndex + label], least))
    }
    self.correct = correct
    self.losses = losses
  }

  /// - Parameters:
  ///   - correct: 0 or 1 of every sample.
  ///   - losses: In nats, as many.
  public init(correct: [Double], losses: [Double]) {
    precondition(correct.count == losses.count && !correct.isEmpty, "one loss a sample")
    self.correct = correct
    self.losses = losses
  }

  /// The share of samples that are right, from 0 to 1.
  public var accuracy: Double { correct.reduce(0, +) / Double(correct.count) }
  /// The mean of ``losses``, in nats.
  public var loss: Double { losses.reduce(0, +) / Double(losses.count) }
}

/// A difference of means over the same samples, with what chance alone makes of it.
public struct PairedDifference: Sendable, Equatable {
  /// The mean of the differences.
  public let mean: Double
  /// Its standard error, std / sqrt(m).
  public let standardError: Double

  /// The accuracy of `first` minus that of `second`.
  public init(_ first: SampleScores, _ second: SampleScores) {
    self.init(zip(first.correct, second.correct).map { $0 - $1 })
  }

  /// - Parameter differences: One a sample, at least one.
  public init(_ differences: [Double]) {
    let count = Double(differences.count)
    let mean = differences.reduce(0, +) / count
    let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    standardError = differences.count > 1 ? (squares / (count - 1) / count).squareRoot() : .infinity
  }

  /// Whether the first is better beyond chance: by more than two standard errors, which of two equal
  /// models happens once in 44 comparisons.
  public var isWin: Bool { mean > 2 * standardError && mean > 0 }
}
