import Symmetry
import Testing

@Suite struct AxisStructureTests {
  let group = GroupID(0)

  @Test func `a flattened convolution repeats each channel over its positions`() throws {
    let axis = AxisStructure.product([.group(group, size: 3), .fixed(2)])
    let swap = try #require(Permutation([2, 0, 1]))
    #expect(axis.indices([group: swap]) == [4, 5, 0, 1, 2, 3])
    #expect(axis.occurrences(of: group) == [[[0, 1], [2, 3], [4, 5]]])
  }

  @Test func `a concatenation offsets each part`() throws {
    let axis = AxisStructure.sum([.fixed(2), .group(group, size: 2), .group(group, size: 2)])
    let swap = try #require(Permutation([1, 0]))
    #expect(axis.indices([group: swap]) == [0, 1, 3, 2, 5, 4])
    #expect(axis.occurrences(of: group) == [[[2], [3]], [[4], [5]]])
  }

  @Test func `heads and the features inside them permute independently`() throws {
    let inner = GroupID(1)
    let axis = AxisStructure.product([.group(group, size: 2), .group(inner, size: 3)])
    let heads = try #require(Permutation([1, 0]))
    let features = try #require(Permutation([0, 2, 1]))
    #expect(axis.indices([group: heads, inner: features]) == [3, 5, 4, 0, 2, 1])
    #expect(axis.occurrences(of: inner) == [[[0, 3], [1, 4], [2, 5]]])
  }

  @Test func `only a rearrangement is a permutation`() {
    #expect(Permutation([0, 0]) == nil)
    #expect(Permutation([0, 2]) == nil)
    #expect(Permutation([-1, 0]) == nil)
  }

  @Test func `inverse and composition undo each other`() {
    var generator = SystemRandomNumberGenerator()
    for count in 0..<8 {
      let p = Permutation.random(count, using: &generator)
      #expect(p.then(p.inverse).isIdentity)
      #expect(p.inverse.then(p).isIdentity)
    }
  }
}
