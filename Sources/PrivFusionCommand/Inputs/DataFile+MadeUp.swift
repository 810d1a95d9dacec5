internal import Models
internal import Tensors

extension DataFile {
  /// Made-up inputs of the shapes that a model takes, for when there is no probe.
  ///
  /// They show which neurons belong together, and how loud each is where inputs are independent; they
  /// say nothing of what the model is for.
  ///
  /// - Parameters:
  ///   - graph: The model, whose floating-point inputs are drawn from the normal distribution.
  ///   - seed: Decides them.
  init(madeUpFor graph: ModelGraph, seed: UInt64) throws {
    let parts = try (0..<Self.madeUpDraws).map { try graph.sampleInputs(seed: seed &+ $0) }
    path = "made-up inputs"
    inputs = try parts[0].reduce(into: [:]) { result, entry in
      result[entry.key] = try Tensor.concatenated(parts.compactMap { $0[entry.key] })
    }
    labels = nil
  }

  /// Of two inputs each: enough for a unit's deviation to be known to a few percent.
  private static let madeUpDraws: UInt64 = 128
}
