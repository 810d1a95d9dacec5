import Evaluation
import Foundation
import Tensors
import Testing

@Suite struct ModelScoreTests {
  let probabilities: [Double] = [
    0.7, 0.2, 0.1,  // predicted 0
    0.1, 0.8, 0.1,  // predicted 1
    0.4, 0.4, 0.2,  // a tie: predicted 0
    0.05, 0.15, 0.8,  // predicted 2
  ]
  let labels = [0, 2, 1, 2]

  func score(_ labels: [Int]) throws -> ModelScore {
    try ModelScore(
      probabilities: Tensor(probabilities, shape: [4, 3]), labels: Tensor(indices: labels))
  }

  /// Worked out by hand. The bins of 0.7, 0.8, 0.4 and 0.8 are (10/15, 11/15], (11/15, 12/15],
  /// (5/15, 6/15] and (11/15, 12/15]; 0.8 is right once in two.
  @Test func `a small case has the scores worked out by hand`() throws {
    let score = try score(labels)
    #expect(score.accuracy == 0.5)
    let surprise = -(log(0.7) + log(0.1) + log(0.4) + log(0.8)) / 4
    #expect(abs(score.crossEntropy - surprise) < 1e-12)
    #expect(abs(score.calibrationError - (0.3 + abs(1 - 1.6) + 0.4) / 4) < 1e-12)
    #expect(score.confusion == [[1, 0, 0], [1, 0, 0], [0, 1, 1]])
  }

  @Test func `an edge of a bin belongs to the bin below`() {
    // 1/15 and slightly more are in bins 1 and 2: were they in one, their errors would cancel.
    let error = ModelScore.calibrationError(
      confidences: [1.0 / 15, 1.0 / 15 + 1e-9], correct: [true, false])
    #expect(abs(error - 0.5) < 1e-8)
    #expect(ModelScore.calibrationError(confidences: [0, 1], correct: [false, true]) == 0)
  }

  @Test func `a probability of nothing costs a finite surprise`() throws {
    let score = try ModelScore(
      probabilities: Tensor([1, 0] as [Float], shape: [1, 2]), labels: Tensor(indices: [1]))
    #expect(abs(score.crossEntropy - 126 * log(2)) < 1e-9)
    #expect(score.calibrationError == 1)
  }

  @Test func `what can't be scored is refused`() throws {
    #expect(throws: EvaluationError.labelRange(classes: 3)) { try score([0, 1, 2, 3]) }
    #expect(throws: EvaluationError.labelRange(classes: 3)) { try score([0, 1, 2, -1]) }
    #expect(throws: EvaluationError.noSamples) { try score([]) }
    #expect(throws: EvaluationError.probabilityShape(expected: [2, 3], found: [4, 3])) {
      try score([0, 1])
    }
    #expect(throws: EvaluationError.notFinite) {
      try ModelScore(
        probabilities: Tensor([.nan, 0] as [Float], shape: [1, 2]), labels: Tensor(indices: [1]))
    }
  }

  @Test func `a score is written with keys in snake case`() throws {
    let score = try score(labels)
    let json = try JSONEncoder().encode(score)
    let object = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
    #expect(
      Set(object.keys) == ["accuracy", "cross_entropy", "calibration_error", "confusion"])
    #expect(try JSONDecoder().decode(ModelScore.self, from: json) == score)
  }
}
