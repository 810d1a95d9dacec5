import Foundation
import GraphMatching
import Symmetry
import Tensors
import Testing

/// Matching that holds nothing and can be put aside.
@Suite struct StreamedMatchingTests {
  private let sizes = [6, 12, 9, 4]

  /// The weights of a chain of layers: terms of `[out, in]`, hidden units in groups.
  private var terms: [MatchingTerm] {
    get throws {
      try (1..<sizes.count).map { layer in
        try MatchingTerm(axes: [structure(layer), structure(layer - 1)], weight: 1)
      }
    }
  }

  private func structure(_ place: Int) -> AxisStructure {
    place == 0 || place == sizes.count - 1
      ? .fixed(sizes[place]) : .group(GroupID(place - 1), size: sizes[place])
  }

  private func weights(seed: UInt64) throws -> [Tensor] {
    try (1..<sizes.count).map { layer in
      try Tensor.normal([sizes[layer], sizes[layer - 1]], seed: seed &* 10 &+ UInt64(layer))
    }
  }

  private func permutations(seed: UInt64) -> [GroupID: Permutation] {
    var generator = SplitMix(seed)
    return [
      GroupID(0): .random(sizes[1], using: &generator),
      GroupID(1): .random(sizes[2], using: &generator),
    ]
  }

  private func finished(_ parties: [PartyTensors]) throws -> StreamedMatching {
    var matching = try StreamedMatching(of: parties, terms: terms)
    while !matching.isFinished { try matching.step() }
    return matching
  }

  /// Noise of a hundredth of the weights' deviation; the seeds are fixed.
  @Test func `planted permutations are found`() throws {
    let original = try weights(seed: 1)
    let parties = try (0..<4).map { party -> [Tensor] in
      let noisy = try original.enumerated().map { index, tensor in
        try tensor.adding(
          Tensor.normal(tensor.shape, seed: UInt64(100 * party + index)).multiplied(by: 0.01))
      }
      return party == 0
        ? noisy : try permuted(noisy, by: permutations(seed: UInt64(party)), terms: terms)
    }
    let matching = try finished(parties.map { PartyTensors($0) })
    let found = try matching.permutations
    for party in 0..<4 {
      let aligned = try permuted(parties[party], by: found[party], terms: terms)
      for (tensor, known) in zip(aligned, original) {
        #expect(try tensor.subtracting(known).largestMagnitude() < 0.1, "\(party)")
      }
    }
  }

  /// The third party is like the second and, its units in the opposite order, a little like the first.
  @Test func `a party is aligned to all those before it`() throws {
    let term = try MatchingTerm(axes: [.group(GroupID(0), size: 2), .fixed(3)], weight: 1)
    let rows: [[Float]] = [[1, 0, 0, 0, 1, 0], [1, 0, 5, 0, 1, -5], [0, 1, 5, 1, 0, -5]]
    let parties = try rows.map { PartyTensors([try Tensor($0, shape: [2, 3])]) }
    var matching = try StreamedMatching(of: parties, terms: [term])
    while !matching.isFinished { try matching.step() }
    #expect(try matching.permutations.allSatisfy { $0.values.allSatisfy(\.isIdentity) })
  }

  /// The seeds are fixed; models that have nothing in common take several steps.
  @Test func `a matching taken up after any step ends where the whole one does`() throws {
    let parties = try (0..<3).map { PartyTensors(try weights(seed: UInt64($0 + 1))) }
    let whole = try finished(parties)
    var matching = try StreamedMatching(of: parties, terms: terms)
    var steps = 0
    while !matching.isFinished {
      // As a file keeps it.
      let stored = try JSONEncoder().encode(matching.state)
      let state = try JSONDecoder().decode(StreamedMatching.State.self, from: stored)
      matching = try StreamedMatching(of: parties, terms: terms, from: state)
      try matching.step()
      steps += 1
    }
    #expect(steps > 3)
    #expect(matching.state == whole.state)
  }

  @Test func `models that stand as they should stay`() throws {
    let one = PartyTensors(try weights(seed: 5))
    let found = try finished([one, one]).permutations
    #expect(found.allSatisfy { $0.values.allSatisfy(\.isIdentity) })
  }

  @Test func `a state of other groups is refused`() throws {
    let parties = try (0..<2).map { PartyTensors(try weights(seed: UInt64($0 + 1))) }
    for text in [
      #"{"finished":[]}"#, #"{"finished":[{"0":[0]}]}"#, #"{"finished":[{"0":[0,0,0]}]}"#,
      #"{"finished":[{},{},{}]}"#,
    ] {
      let state = try JSONDecoder().decode(StreamedMatching.State.self, from: Data(text.utf8))
      #expect(throws: MatchingError.self, "\(text)") {
        _ = try StreamedMatching(of: parties, terms: terms, from: state)
      }
    }
  }
}
