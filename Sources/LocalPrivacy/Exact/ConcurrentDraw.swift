internal import Foundation
internal import Synchronization

/// Independent outputs, drawn by several threads, each from a ``NoiseStream`` of its own that nobody
/// can repeat.
package enum ConcurrentDraw {
  /// Fewer outputs than this are drawn before a thread has started.
  private static let leastPart = 1 << 14
  private static let greatestParts = 8

  /// - Parameters:
  ///   - count: How many outputs, at least 0.
  ///   - fill: Initializes all of a buffer: the outputs of a range.
  /// - Returns: Shape `[count]`.
  /// - Throws: ``PrivacyError/randomnessUnavailable`` when a part of them could not be drawn.
  package static func outputs<Output: BitwiseCopyable & Sendable>(
    count: Int,
    fill:
      @Sendable (Range<Int>, UnsafeMutableBufferPointer<Output>, inout NoiseStream) throws -> Void
  ) throws -> [Output] {
    let parts = max(
      1,
      min(count / leastPart, greatestParts, ProcessInfo.processInfo.activeProcessorCount))
    let hasFailed = Atomic(false)
    let result = [Output](unsafeUninitializedCapacity: count) { buffer, initialized in
      // `nonisolated(unsafe)`: the threads initialize disjoint parts, which together are all of the
      // buffer, and all of them have ended before it is read. Each is the first to touch its part, so
      // that new memory is mapped by all of them too.
      nonisolated(unsafe) let whole = buffer
      expectLargePages(UnsafeMutableRawBufferPointer(buffer))
      DispatchQueue.concurrentPerform(iterations: parts) { part in
        let range = (part * count / parts)..<((part + 1) * count / parts)
        var noise = NoiseStream()
        do {
          try fill(range, UnsafeMutableBufferPointer(rebasing: whole[range]), &noise)
        } catch {
          hasFailed.store(true, ordering: .relaxed)
        }
      }
      initialized = hasFailed.load(ordering: .relaxed) ? 0 : count
    }
    guard !hasFailed.load(ordering: .relaxed) else { throw PrivacyError.randomnessUnavailable }
    return result
  }

  /// Asks for large pages where memory is new: mapping 40 MB of it by small ones takes as long as a
  /// third of the drawing. What the system answers does not matter.
  private static func expectLargePages(_ buffer: UnsafeMutableRawBufferPointer) {
    #if canImport(Glibc)
      let largePage = 1 << 21
      guard let start = buffer.baseAddress, buffer.count >= 2 * largePage else { return }
      let first = start.alignedUp(toMultipleOf: largePage)
      let count = (start + buffer.count - first) / largePage * largePage
      _ = madvise(first, count, MADV_HUGEPAGE)
    #endif
  }
}
