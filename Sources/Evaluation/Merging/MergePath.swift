internal import Models
public import PrivFusion
public import Tensors

/// The loss along the way between parents, before and after matching.
///
///     barrier = max over parents and lambda of L((1 - lambda) parent + lambda mean) - mean of L(parent)
///
/// For two parents this is the barrier of Frankle et al., ICML 2020, section 2, and of Ainsworth et
/// al., ICLR 2023, definition 2.2, on the line between them; for more it looks along every parent's
/// line to the mean. It has no encoding: it tells of clean parents.
public struct MergePath: Sendable {
  /// From the parent to the mean.
  public static let shares = [0, 0.2, 0.4, 0.6, 0.8, 1]

  /// Losses in nats, `[parent][share]`.
  public struct Losses: Sendable {
    public let byParent: [[Double]]

    /// In nats, at least 0; 0 for one parent.
    public var barrier: Double {
      let ends = byParent.compactMap(\.first)
      guard !ends.isEmpty else { return 0 }
      let level = ends.reduce(0, +) / Double(ends.count)
      return max(0, (byParent.flatMap { $0 }.max() ?? level) - level)
    }

    /// From the first parent over the mean to the second, for two: 11 losses.
    public var line: [Double]? {
      byParent.count == 2 ? byParent[0] + byParent[1].dropLast().reversed() : nil
    }

    public init(byParent: [[Double]]) { self.byParent = byParent }
  }

  public let before: Losses
  public let after: Losses
  public let distanceBefore: Double
  public let distanceAfter: Double
  public let pairwiseCycleError: Double?

  /// - Parameters:
  ///   - parents: In one frame.
  ///   - inputs: Held-out samples, by input name.
  ///   - labels: The class of every sample that counts as right, from 0.
  ///   - progress: Hears of how far it is, in [0, 1]; cancels by throwing.
  /// - Throws: As ``Predictor/logits(_:)`` and ``SampleScores/init(logProbabilities:labels:)``.
  public init(
    _ parents: AlignedParents, inputs: [String: Tensor], labels: [Int],
    progress: (Double) throws -> Void = { _ in }
  ) throws {
    var done = 0
    let total = Double(2 * parents.count * Self.shares.count)
    func losses(isMatched: Bool) throws -> Losses {
      var mean: Double?
      return Losses(
        byParent: try (0..<parents.count).map { parent in
          try Self.shares.map { share in
            try progress(Double(done) / total)
            done += 1
            if share == 1, let mean { return mean }
            let graph = parents.graph.replacing(
              try parents.parameters(from: parent, towardsMean: share, isMatched: isMatched))
            let loss = try SampleScores(
              logProbabilities: Predictor(graph).logits(inputs).cast(to: .float64).logSoftmax(
                axis: 1),
              labels: labels
            ).loss
            if share == 1 { mean = loss }
            return loss
          }
        })
    }
    before = try losses(isMatched: false)
    after = try losses(isMatched: true)
    distanceBefore = parents.distanceBefore
    distanceAfter = parents.distanceAfter
    pairwiseCycleError = parents.pairwiseCycleError
  }
}
