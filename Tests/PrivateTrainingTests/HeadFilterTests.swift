import PrivateTraining
import Tensors
import Testing

@Suite struct HeadFilterTests {
  static func head(_ seed: UInt64, classes: Int = 3, dimension: Int = 5) throws -> LinearHead {
    LinearHead(
      weight: try Tensor.normal([classes, dimension], seed: seed),
      // Small: the filter raises the bias, whose feature varies little.
      bias: try Tensor.normal([classes], seed: seed + 1000).multiplied(by: 0.02))
  }

  /// (F + floor I) X = W, solved anew, with the bias on a feature of 1/4.
  private static func solved(_ head: LinearHead, probe: Tensor, floor: Double) throws -> Tensor {
    let count = probe.shape[0]
    let rows = try Tensor.concatenated([probe, Tensor.full([count, 1], 0.25)], axis: 1)
      .cast(to: .float64)
    let moments = try rows.transposed().matmul(rows).divided(by: Double(count))
    let size = rows.shape[1]
    let matrix = try moments.adding(
      Tensor.identity(size, type: .float64).multiplied(by: floor))
    let joined = try Tensor.concatenated(
      [head.weight, head.bias.multiplied(by: 4).unsqueezed(1)], axis: 1
    ).cast(to: .float64)
    return try matrix.choleskySolve(joined.transposed()).transposed()
  }

  private static func isNear(_ one: Tensor, _ other: Tensor, within: Double) throws -> Bool {
    try one.cast(to: .float64).subtracting(other.cast(to: .float64)).largestMagnitude()
      <= within * other.largestMagnitude()
  }

  @Test(arguments: [3e-4, 0.02, 1, 100])
  func `a filtered head solves its equation`(floor: Double) throws {
    let probe = try Tensor.normal([40, 5], seed: 1).multiplied(by: 0.4)
    let head = try Self.head(2)
    let filtered = try HeadFilter(probe: probe).fused([head], floor: floor)
    let expected = try Self.solved(head, probe: probe, floor: floor)
    // Heads are kept in single precision.
    #expect(try Self.isNear(filtered.weight, expected.slice(0..<5, axis: 1), within: 1e-6))
    let bias = try expected.slice(5..<6, axis: 1).reshaped([3]).multiplied(by: 0.25)
    #expect(try Self.isNear(filtered.bias, bias, within: 1e-6))
  }

  @Test func `a direction that the probe lacks is divided by the floor alone`() throws {
    let probe = try Tensor.concatenated(
      [Tensor.normal([40, 2], seed: 1), Tensor.zeros([40, 1])], axis: 1)
    let head = try Self.head(2, dimension: 3)
    let filtered = try HeadFilter(probe: probe).fused([head], floor: 0.5)
    let column = try head.weight.slice(2..<3, axis: 1).multiplied(by: 2)
    #expect(try Self.isNear(filtered.weight.slice(2..<3, axis: 1), column, within: 1e-6))
  }

  @Test func `several heads are averaged, filtered and made as sure as their halves agree`() throws
  {
    let probe = try Tensor.normal([200, 5], seed: 1)
    // Alike enough to agree more often than not.
    let common = try Self.head(2)
    let heads = try (0..<4).map { index in
      let own = try Self.head(UInt64(10 + index))
      return LinearHead(
        weight: try common.weight.adding(own.weight), bias: try common.bias.adding(own.bias))
    }
    let weights = [1.0, 2, 3, 4]
    let filter = try HeadFilter(probe: probe)
    let fused = try filter.fused(heads, weights: weights, floor: 0.02)
    let expected = try Self.solved(
      LinearHead.average(heads, weights: weights), probe: probe, floor: 0.02)
    // One positive factor for all numbers.
    let found = try fused.weight.cast(to: .float64)
    let wanted = try expected.slice(0..<5, axis: 1)
    let factor =
      try found.multiplied(by: wanted).sum().scalar() / wanted.multiplied(by: wanted).sum().scalar()
    #expect(factor > 0)
    #expect(try Self.isNear(found, wanted.multiplied(by: factor), within: 1e-5))
    // The halves: first and third, second and fourth.
    let answers = try [0, 1].map { half -> [Int64] in
      let part = try LinearHead.average(
        [heads[half], heads[half + 2]], weights: [weights[half], weights[half + 2]])
      let solution = try Self.solved(part, probe: probe, floor: 0.02)
      let rows = try Tensor.concatenated([probe, Tensor.full([200, 1], 0.25)], axis: 1)
        .cast(to: .float64)
      return try rows.matmul(solution.transposed()).argmax(axis: 1).elements()
    }
    let agreement = Double(zip(answers[0], answers[1]).count { $0 == $1 }) / 200
    #expect(agreement > 0.36 && agreement < 0.99, "outside, the confidence would be clamped")
    let confidence = try fused.logits(probe).softmax(axis: 1).maximum(axis: 1).mean().scalar()
    #expect((confidence - agreement).magnitude < 1e-4)
  }

  @Test func `heads that agree everywhere are sure, but not beyond all doubt`() throws {
    let probe = try Tensor.normal([200, 5], seed: 1)
    let head = try Self.head(3)
    let fused = try HeadFilter(probe: probe).fused([head, head], floor: 0.02)
    let confidence = try fused.logits(probe).softmax(axis: 1).maximum(axis: 1).mean().scalar()
    #expect((confidence - 0.99).magnitude < 1e-4)
    // Nothing was learnt at all: uniform answers, and numbers all the same.
    let empty = LinearHead(weight: try .zeros([3, 5]), bias: try .zeros([3]))
    let nothing = try HeadFilter(probe: probe).fused([empty, empty], floor: 0.02)
    #expect(try nothing.weight.isFinite() && nothing.bias.isFinite())
  }

  @Test func `the floor follows from public figures`() {
    typealias Noise = HeadFilter.PartyNoise
    #expect(HeadFilter.floor([]) == HeadFilter.defaultFloor)
    func several(_ steps: Int, _ multiplier: Double) -> Double {
      HeadFilter.floor([
        Noise(steps: steps, multiplier: multiplier, clip: 0.35, records: 1000),
        Noise(steps: 1, multiplier: 1, clip: 1, records: 10),
      ])
    }
    // The multiplier over the root of the steps: the noise of the whole procedure.
    #expect(several(30, 20) == 0.01)
    #expect(several(25, 10.1) == 0.01 && several(25, 10) == 0.03)
    #expect(several(20, 2) == 0.03)
    func one(_ parties: [(multiplier: Double, clip: Double, records: Double)]) -> Double {
      HeadFilter.floor(
        parties.map {
          Noise(steps: 1, multiplier: $0.multiplier, clip: $0.clip, records: $0.records)
        })
    }
    // 7700 (4 + 9) / 4000^2
    let floor = one([(2, 1, 1000), (6, 0.5, 3000)])
    #expect((floor - 7700 * 13 / 16e6).magnitude < 1e-12)
    #expect(one([(0.01, 1, 1e6)]) == 3e-4)
    #expect(one([(100, 1, 10)]) == 1)
  }
}
