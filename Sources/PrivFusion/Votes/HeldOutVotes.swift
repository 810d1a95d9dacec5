internal import Models

/// Answers set apart, to tell how well the others predict them.
///
/// A fold holds out one answer of a probe, or none where fewer than five parties answer; as many
/// folds are made as give about 2,000 held-out answers. All answers are released already, so that
/// choosing by them costs no privacy.
package struct HeldOutVotes: Sendable {
  package struct Fold: Sendable {
    package let training: VoteCounts
    package let heldOut: VoteCounts
  }

  package let folds: [Fold]

  /// - Parameters:
  ///   - votes: All answers, at least one.
  ///   - seed: Decides which answers are set apart.
  package init(_ votes: VoteCounts, seed: UInt64) {
    var byProbe = [[Int]](repeating: [], count: votes.probeCount)
    for (index, answer) in votes.answers.enumerated() { byProbe[answer.probe].append(index) }
    let parts = max(5, byProbe.map(\.count).max() ?? 0)
    var generator = SeededGenerator(seed: seed)
    var part = [Int](repeating: 0, count: votes.answers.count)
    for answers in byProbe {
      let offset = Int.random(in: 0..<parts, using: &generator)
      for (place, index) in answers.shuffled(using: &generator).enumerated() {
        part[index] = (place + offset) % parts
      }
    }
    // Enough that a difference of 0.01 in mean log-likelihood stands out of its error.
    let wanted = 2000
    let count = min(parts, max(1, (wanted * parts + part.count - 1) / max(part.count, 1)))
    folds = (0..<count).compactMap { fold in
      let held = votes.answers.indices.filter { part[$0] == fold }.map { votes.answers[$0] }
      let others = votes.answers.indices.filter { part[$0] != fold }.map { votes.answers[$0] }
      guard !held.isEmpty else { return nil }
      return Fold(training: votes.replacing(others), heldOut: votes.replacing(held))
    }
  }
}
