internal import Models

/// Probes set apart, to tell how well what was fitted on the others does on new inputs.
///
/// A fold holds out a fifth of the probes; as many folds are made as give about 400.
package struct HeldOutProbes {
  package struct Fold {
    /// Ascending.
    package let training: [Int]
    package let heldOut: [Int]
  }

  package let folds: [Fold]
  package var count: Int { folds.reduce(0) { $0 + $1.heldOut.count } }

  private static let parts = 5
  /// Enough that a point of agreement stands out of its error.
  private static let wanted = 400

  /// - Parameters:
  ///   - count: The number of probes, at least 2.
  ///   - seed: Decides which are held out.
  package init(count: Int, seed: UInt64) {
    var generator = SeededGenerator(seed: seed &+ 0x4E1D)
    let order = Array(0..<count).shuffled(using: &generator)
    let parts = min(Self.parts, count)
    let needed = min(parts, (Self.wanted * parts + count - 1) / count)
    let place = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0 % parts) })
    folds = (0..<needed).map { fold in
      return Fold(
        training: (0..<count).filter { place[$0] != fold },
        heldOut: (0..<count).filter { place[$0] == fold })
    }
  }
}
