internal import Foundation
internal import Synchronization
package import Tensors
package import Training

/// The sums of clipped gradients over a step's records, taken by several threads at once.
///
/// Each thread has a share of the records, a sum of its own and its share of the engine's threads:
/// most of a network's operations are too small to be cut up, and a share of the records is not.
/// Shares follow from the number of records alone, so that they don't change when a record is
/// emptied; neither do the order of the sums and the number of threads of an operation.
package struct StepGradients {
  /// More sums than this would take longer to add up than they save.
  private static let greatestShares = 4

  private let gradients: ClippedGradients
  private let data: LabeledData
  /// The most records at once, over all threads.
  private let batchSize: Int
  private let sums: [Share]
  /// The engine's threads for each share: to be set while ``sum(over:parameters:)`` runs, and best
  /// between its calls too, as the engine's threads wait for more work by spinning.
  package let threadsOfShare: Int

  /// One thread's sum: locked by that thread while it works, and by the owner afterwards.
  private final class Share: Sendable {
    let sum: Mutex<GradientSum>
    let outcome = Mutex<Result<Void, any Error>>(.success(()))

    init(count: Int) { sum = Mutex(GradientSum(count: count)) }
  }

  /// - Parameters:
  ///   - gradients: What a thread does with its share.
  ///   - data: All records.
  ///   - batchSize: How many records fit the memory at once.
  ///   - count: The number of elements of all parameters.
  package init(_ gradients: ClippedGradients, of data: LabeledData, batchSize: Int, count: Int) {
    self.gradients = gradients
    self.data = data
    self.batchSize = batchSize
    let available = TensorEngine.threadCount
    let threads = max(1, min(available, batchSize, Self.greatestShares))
    sums = (0..<threads).map { _ in Share(count: count) }
    threadsOfShare = max(1, available / threads)
  }

  /// The sum over some records.
  ///
  /// - Parameters:
  ///   - records: Indices into the data.
  ///   - parameters: Leaves by name.
  /// - Returns: Shape `[d]`, as in ``GradientSum/values``.
  /// - Throws: The first failing share's error, once all have ended.
  package func sum(over records: [Int], parameters: [String: Tensor]) throws -> [Double] {
    let threads = sums.count
    @Sendable func work(_ thread: Int) {
      let share = (thread * records.count / threads)..<((thread + 1) * records.count / threads)
      let outcome = Result {
        try sums[thread].sum.withLock { sum in
          sum.reset()
          for range in share.parts(ofAtMost: max(1, batchSize / threads)) {
            let batch = try data.selecting(Array(records[range]))
            try gradients.add(
              batch.inputs, labels: batch.labels, parameters: parameters, to: &sum)
          }
        }
      }
      sums[thread].outcome.withLock { $0 = outcome }
    }
    // A new thread takes over the engine's count as it is then. Threads of a pool would keep it.
    let others = DispatchGroup()
    for thread in 1..<threads {
      others.enter()
      Thread.detachNewThread {
        work(thread)
        others.leave()
      }
    }
    work(0)
    others.wait()
    for share in sums { try share.outcome.withLock { try $0.get() } }
    return sums[0].sum.withLock { total in
      for share in sums.dropFirst() { share.sum.withLock { total.add($0) } }
      return total.values
    }
  }
}
