import Evaluation
import Tensors
import Testing

@Suite struct RankScoreTests {
  /// The example in the documentation of scikit-learn's `roc_auc_score`, and by hand: of the four
  /// pairs, three are in order.
  @Test func `a small case has the area worked out by hand`() {
    let area = RankScore.auroc(
      scores: [0.1, 0.4, 0.35, 0.8], positives: [false, false, true, true])
    #expect(area == 0.75)
  }

  @Test func `perfect, reversed and constant scores have areas 1, 0 and a half`() {
    let positives = [true, false, true, false, false]
    #expect(RankScore.auroc(scores: [3, 1, 4, 0, 2], positives: positives) == 1)
    #expect(RankScore.auroc(scores: [-3, -1, -4, 0, -2], positives: positives) == 0)
    #expect(RankScore.auroc(scores: [7, 7, 7, 7, 7], positives: positives) == 0.5)
  }

  /// Against the definition: the share of pairs in order, ties counting half.
  @Test func `all small cases with ties agree with counting pairs`() {
    for code in 0..<(3 * 3 * 3 * 3 * 16) {
      let scores = [1, 3, 9, 27].map { Double(code / $0 % 3) }
      let positives = [1, 2, 4, 8].map { code / 81 & $0 != 0 }
      var sum = 0.0
      var pairs = 0
      for one in 0..<4 where positives[one] {
        for other in 0..<4 where !positives[other] {
          pairs += 1
          sum += scores[one] > scores[other] ? 1 : scores[one] == scores[other] ? 0.5 : 0
        }
      }
      let area = RankScore.auroc(scores: scores, positives: positives)
      #expect(area == (pairs == 0 ? nil : sum / Double(pairs)))
    }
  }

  /// Class 0 against the others: 2 of 2 pairs; class 1: 1 of 2; class 2: 1 of 2.
  @Test func `with three classes the area is the mean of each against the rest`() throws {
    let probabilities: [Double] = [0.8, 0.15, 0.05, 0.3, 0.3, 0.4, 0.3, 0.5, 0.2]
    let score = try RankScore(
      probabilities: Tensor(probabilities, shape: [3, 3]), labels: Tensor(indices: [0, 1, 2]))
    #expect(abs(score.auroc - (1 + 0.5 + 0.5) / 3) < 1e-12)
  }

  @Test func `with two classes the area is that of class 1`() throws {
    let probabilities: [Double] = [0.9, 0.1, 0.6, 0.4, 0.65, 0.35, 0.2, 0.8]
    let score = try RankScore(
      probabilities: Tensor(probabilities, shape: [4, 2]), labels: Tensor(indices: [0, 0, 1, 1]))
    #expect(score.auroc == 0.75)
  }

  @Test func `what can't be ranked is refused`() throws {
    func score(_ values: [Double], _ shape: [Int], _ labels: [Int]) throws -> RankScore {
      try RankScore(probabilities: Tensor(values, shape: shape), labels: Tensor(indices: labels))
    }
    let fair = [0.5, 0.5, 0.5, 0.5]
    #expect(throws: EvaluationError.oneClass(class: 1)) { try score(fair, [2, 2], [0, 0]) }
    #expect(throws: EvaluationError.oneClass(class: 1)) { try score(fair, [2, 2], [1, 1]) }
    #expect(throws: EvaluationError.labelRange(classes: 2)) { try score(fair, [2, 2], [0, 2]) }
    #expect(throws: EvaluationError.noSamples) { try score(fair, [2, 2], []) }
    #expect(throws: EvaluationError.probabilityShape(expected: [4, 2], found: [4, 1])) {
      try score(fair, [4, 1], [0, 0, 0, 0])
    }
    #expect(throws: EvaluationError.notFinite) {
      try score([.nan, 0.5, 0.5, 0.5], [2, 2], [0, 1])
    }
  }
}
