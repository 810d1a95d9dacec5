import Foundation
import Tensors
import Testing
import Training

@Suite struct CrossEntropyTests {
  // softmax of each row: (1/6, 2/6, 3/6) and (8, 1, 1) / 10.
  let logits: [Float] = [log(1), log(2), log(3), log(8), 0, 0]
  // Single precision keeps seven digits.
  let tolerance = 1e-6

  @Test func `to labels it is the mean surprise`() throws {
    let loss = try Tensor(logits, shape: [2, 3]).crossEntropy(labels: Tensor(indices: [2, 0]))
    #expect(abs(try loss.scalar() - -(log(0.5) + log(0.8)) / 2) < tolerance)
  }

  @Test func `to distributions it is the mean expected surprise`() throws {
    let target = try Tensor([0.5, 0.5, 0, 0, 0.25, 0.75] as [Float], shape: [2, 3])
    let loss = try Tensor(logits, shape: [2, 3]).crossEntropy(probabilities: target)
    let first = -(0.5 * log(1.0 / 6) + 0.5 * log(1.0 / 3))
    #expect(abs(try loss.scalar() - (first - log(0.1)) / 2) < tolerance)
  }

  @Test func `the rate falls from its first value to nothing`() {
    let schedule = CosineSchedule(initial: 2, total: 4)
    let expected = [2, 1 + 0.5.squareRoot(), 1, 1 - 0.5.squareRoot(), 0]
    for (step, rate) in expected.enumerated() {
      #expect(abs(schedule.rate(at: step) - rate) < 1e-15)
    }
  }
}
