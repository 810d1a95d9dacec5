internal import Foundation
internal import Synchronization

extension DiscreteGaussian {
  /// Fewer numbers than this are drawn before a thread has started.
  private static let leastPart = 1 << 14
  private static let greatestParts = 8

  /// Independent samples, drawn by several threads, each from a ``NoiseStream`` of its own that
  /// nobody can repeat.
  ///
  /// - Returns: Shape `[count]`.
  /// - Throws: ``PrivacyError/randomnessUnavailable``.
  /// - Complexity: O(count) expected.
  package func sampleConcurrently(count: Int) throws -> [Int64] {
    let parts = max(
      1,
      min(
        count / Self.leastPart, Self.greatestParts, ProcessInfo.processInfo.activeProcessorCount))
    let hasFailed = Atomic(false)
    let result = [Int64](unsafeUninitializedCapacity: count) { buffer, initialized in
      // `nonisolated(unsafe)`: the threads initialize disjoint parts, which together are all of the
      // buffer, and all of them have ended before it is read. Each is the first to touch its part, so
      // that new memory is mapped by all of them too.
      nonisolated(unsafe) let whole = buffer
      DispatchQueue.concurrentPerform(iterations: parts) { part in
        let range = (part * count / parts)..<((part + 1) * count / parts)
        var noise = NoiseStream()
        do {
          try fill(UnsafeMutableBufferPointer(rebasing: whole[range]), noise: &noise)
        } catch {
          hasFailed.store(true, ordering: .relaxed)
        }
      }
      initialized = hasFailed.load(ordering: .relaxed) ? 0 : count
    }
    guard !hasFailed.load(ordering: .relaxed) else { throw PrivacyError.randomnessUnavailable }
    return result
  }
}
