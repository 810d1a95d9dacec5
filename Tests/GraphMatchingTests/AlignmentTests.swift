import GraphMatching
import Symmetry
import Tensors
import Testing

@Suite struct AlignmentTests {
  let group = GroupID(4)

  @Test func `a permutation takes universe positions to party positions`() throws {
    let term = try MatchingTerm(axes: [.group(group, size: 3), .fixed(1)], weight: 1)
    let universe = try Tensor([1, 5, 9] as [Float], shape: [3, 1])
    let party = try Tensor([9, 1, 5] as [Float], shape: [3, 1])
    let found = try alignment(of: [party], to: [universe], terms: [term])
    #expect(found[group]?.indices == [1, 2, 0])
    let aligned = try permuted([party], by: found, terms: [term])
    #expect(try aligned[0].isIdentical(to: universe))
  }

  @Test func `a start that is already best is kept`() throws {
    let term = try MatchingTerm(axes: [.group(group, size: 3), .fixed(1)], weight: 1)
    let tensor = try Tensor([2, 2, 2] as [Float], shape: [3, 1])
    let start = try #require(Permutation([2, 0, 1]))
    let found = try alignment(of: [tensor], to: [tensor], terms: [term], start: [group: start])
    #expect(found == [group: start])
  }

  @Test func `a term of weight 0 does not count`() throws {
    let axes: [AxisStructure] = [.group(group, size: 2), .fixed(1)]
    let terms = [
      try MatchingTerm(axes: axes, weight: 1), try MatchingTerm(axes: axes, weight: 0),
    ]
    let up = try Tensor([1, 2] as [Float], shape: [2, 1])
    let down = try Tensor([200, 100] as [Float], shape: [2, 1])
    let found = try alignment(of: [up, up], to: [up, down], terms: terms)
    #expect(found[group]?.isIdentity == true)
  }

  @Test func `no sweep moves nothing`() throws {
    let term = try MatchingTerm(axes: [.group(group, size: 2), .fixed(1)], weight: 1)
    let up = try Tensor([1, 2] as [Float], shape: [2, 1])
    let down = try Tensor([2, 1] as [Float], shape: [2, 1])
    let found = try alignment(of: [up], to: [down], terms: [term], maximumSweeps: 0)
    #expect(found[group]?.isIdentity == true)
  }

  @Test func `what does not fit is refused by name`() throws {
    let axis = AxisStructure.group(group, size: 2)
    let term = try MatchingTerm(axes: [axis, .fixed(3)], weight: 1)
    let tensor = try Tensor.zeros([2, 3])
    #expect(throws: MatchingError.tensorCount(terms: 1, found: 0)) {
      try alignment(of: [], to: [tensor], terms: [term])
    }
    #expect(throws: MatchingError.tensorShape(term: 0, expected: [2, 3], found: [3, 2])) {
      try alignment(of: [tensor], to: [tensor.transposed()], terms: [term])
    }
    #expect(throws: MatchingError.permutationSize(group, expected: 2, found: 3)) {
      try alignment(of: [tensor], to: [tensor], terms: [term], start: [group: .identity(3)])
    }
    let torn = try MatchingTerm(axes: [axis, .group(group, size: 3)], weight: 1)
    #expect(throws: MatchingError.groupSize(group, 2, 3)) {
      try alignment(of: [tensor], to: [tensor], terms: [torn])
    }
    #expect(throws: MatchingError.weight(-1)) { try MatchingTerm(axes: [axis], weight: -1) }
    let bad = try Tensor([1, .nan, 1, 1, 1, 1] as [Float], shape: [2, 3])
    #expect(throws: MatchingError.self) {
      try alignment(of: [bad], to: [tensor], terms: [term])
    }
  }
}
