extension DiscreteGaussian {
  /// Independent samples, drawn by several threads.
  ///
  /// - Returns: Shape `[count]`.
  /// - Throws: ``PrivacyError/randomnessUnavailable``.
  /// - Complexity: O(count) expected.
  package func sampleConcurrently(count: Int) throws -> [Int64] {
    try ConcurrentDraw.outputs(count: count) { try fill($1, noise: &$2) }
  }
}
