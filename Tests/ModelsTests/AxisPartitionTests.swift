import Models
import Symmetry
import Testing

@Suite struct AxisPartitionTests {
  private typealias Axis = AxisPartition.Axis

  /// Sizes of the leaves of an axis; negative when they keep their place.
  private func leaves(_ partition: AxisPartition, _ axis: Axis) -> [Int] {
    partition.leaves(of: axis).map {
      partition.reason(of: $0) == nil ? partition.size($0) : -partition.size($0)
    }
  }

  @Test func `unified leaves are one, and a reason holds for both`() {
    var partition = AxisPartition()
    let (a, b, c) = (partition.leaf(4), partition.leaf(4), partition.leaf(4))
    partition.unify(a, b)
    #expect(partition.leaves(of: a) == partition.leaves(of: b))
    #expect(partition.leaves(of: a) != partition.leaves(of: c))
    partition.fix(b, because: "first")
    partition.fix(a, because: "second")
    #expect(partition.reason(of: a) == "first")
    #expect(partition.reason(of: c) == nil)
    partition.unify(c, a)
    #expect(partition.reason(of: c) == "first")
  }

  @Test func `fixing survives in whichever order axes are unified`() {
    for fixesFirst in [true, false] {
      for isFlipped in [true, false] {
        var partition = AxisPartition()
        let (a, b) = (partition.leaf(4), partition.leaf(4))
        if fixesFirst { partition.fix(a, because: "it must") }
        if isFlipped { partition.unify(a, b) } else { partition.unify(b, a) }
        if !fixesFirst { partition.fix(a, because: "it must") }
        #expect(leaves(partition, a) == [-4] && leaves(partition, b) == [-4])
      }
    }
  }

  @Test func `a leaf that meets a product becomes the product`() {
    var partition = AxisPartition()
    let (channels, positions) = (partition.leaf(3), partition.leaf(4, fixed: "position"))
    let flat = partition.product([channels, positions])
    let weight = partition.leaf(12)
    partition.unify(weight, flat)
    #expect(leaves(partition, weight) == [3, -4])
    #expect(partition.leaves(of: weight).first == partition.leaves(of: channels).first)
    let id = GroupID(7)
    let structure = partition.structure(of: weight) { $0 == channels ? id : nil }
    #expect(structure == .product([.group(id, size: 3), .fixed(4)]))
  }

  @Test func `products are refined into their common factors`() {
    // 4 x 6 against 8 x 3: both are 4 x 2 x 3.
    var partition = AxisPartition()
    let (four, six) = (partition.leaf(4), partition.leaf(6))
    let (eight, three) = (partition.leaf(8), partition.leaf(3))
    partition.unify(partition.product([four, six]), partition.product([eight, three]))
    #expect(leaves(partition, eight) == [4, 2])
    #expect(leaves(partition, six) == [2, 3])
    #expect(partition.leaves(of: eight).last == partition.leaves(of: six).first)
    #expect(partition.leaves(of: eight).first == partition.leaves(of: four).first)
  }

  @Test func `products without common factors keep their place`() {
    var partition = AxisPartition()
    let axes = [6, 4, 4, 6].map { partition.leaf($0) }
    partition.unify(partition.product([axes[0], axes[1]]), partition.product([axes[2], axes[3]]))
    #expect(axes.map { leaves(partition, $0) } == [[-6], [-4], [-4], [-6]])
  }

  @Test func `sums are cut at each other's borders`() {
    // 2 + 5 against 4 + 3: both are 2 + 2 + 3.
    var partition = AxisPartition()
    let (two, five) = (partition.leaf(2), partition.leaf(5))
    let (four, three) = (partition.leaf(4), partition.leaf(3))
    partition.unify(partition.sum([two, five]), partition.sum([four, three]))
    #expect(leaves(partition, four) == [2, 2])
    #expect(leaves(partition, five) == [2, 3])
    #expect(partition.leaves(of: four).last == partition.leaves(of: five).first)
    #expect(partition.leaves(of: three) == Array(partition.leaves(of: five).suffix(1)))
  }

  @Test func `a fixed leaf stays fixed in all of its parts`() {
    var partition = AxisPartition()
    let fixed = partition.leaf(6, fixed: "input")
    let (two, three) = (partition.leaf(2), partition.leaf(3))
    partition.unify(fixed, partition.product([two, three]))
    #expect(leaves(partition, two) == [-2] && leaves(partition, three) == [-3])
    let other = partition.leaf(7, fixed: "input")
    let whole = partition.sum([other, partition.leaf(1)])
    let (four, rest) = (partition.leaf(4), partition.leaf(4))
    partition.unify(whole, partition.sum([four, rest]))
    #expect(leaves(partition, four) == [-4] && leaves(partition, rest) == [-3, 1])
  }

  @Test func `the factors of a fixed leaf are fixed`() {
    // 4 x 3 against 2 x 6, with the 4 in its place: both are 2 x 2 x 3.
    var partition = AxisPartition()
    let (four, three) = (partition.leaf(4, fixed: "input"), partition.leaf(3))
    let (two, six) = (partition.leaf(2), partition.leaf(6))
    let left = partition.product([four, three])
    let right = partition.product([two, six])
    partition.unify(left, right)
    #expect(leaves(partition, two) == [-2] && leaves(partition, six) == [-2, 3])
  }

  @Test func `a grid that is also a concatenation keeps its place`() {
    var partition = AxisPartition()
    let parts = [2, 3, 1, 5].map { partition.leaf($0) }
    partition.unify(
      partition.product([parts[0], parts[1]]), partition.sum([parts[2], parts[3]]))
    #expect(leaves(partition, parts[0]) == [-2] && leaves(partition, parts[1]) == [-3])
    #expect(leaves(partition, parts[3]) == [-5])
  }

  @Test func `parts that are the rows of a grid have one order, and their places`() {
    // 3 x 2 x 2 against 4 + 4 + 4.
    for isFlipped in [true, false] {
      var partition = AxisPartition()
      let factors = [3, 2, 2].map { partition.leaf($0) }
      let parts = [4, 4, 4].map { partition.leaf($0) }
      let (grid, sum) = (partition.product(factors), partition.sum(parts))
      if isFlipped { partition.unify(sum, grid) } else { partition.unify(grid, sum) }
      #expect(leaves(partition, sum) == [-3, 2, 2])
      #expect(parts.allSatisfy { partition.leaves(of: $0) == partition.leaves(of: parts[0]) })
      #expect(partition.leaves(of: parts[0]) == factors.dropFirst().flatMap(partition.leaves))
    }
  }

  @Test func `axes of different sizes keep their place when they meet`() {
    var partition = AxisPartition()
    let (a, b) = (partition.leaf(3), partition.leaf(4))
    partition.unify(a, b)
    #expect(leaves(partition, a) == [-3] && leaves(partition, b) == [-4])
  }

  @Test func `factors of one and parts of none vanish`() {
    var partition = AxisPartition()
    let axis = partition.leaf(5)
    let (one, none) = (partition.leaf(1), partition.leaf(0))
    let product = partition.product([one, axis])
    let sum = partition.sum([axis, none])
    let empty = partition.product([])
    #expect(product == axis && sum == axis)
    #expect(partition.size(empty) == 1)
  }

  @Test func `an axis that meets its own factors in another order keeps its place`() {
    var partition = AxisPartition()
    let (a, b) = (partition.leaf(2), partition.leaf(4))
    partition.unify(partition.product([a, b]), partition.product([b, a]))
    #expect(leaves(partition, a).allSatisfy { $0 < 0 })
    #expect(leaves(partition, b).allSatisfy { $0 < 0 })
  }

  @Test func `convolutions of 2 and of 3 groups over the same channels share what they can`() {
    // 12 channels as 2 x 6 and as 3 x 4: 2 and 3 have no common factor.
    var partition = AxisPartition()
    let channels = partition.leaf(12)
    let first = [2, 6].map { partition.leaf($0) }
    let second = [4, 3].map { partition.leaf($0) }
    partition.unify(channels, partition.product(first))
    partition.unify(channels, partition.product(second))
    #expect(leaves(partition, channels) == [2, 2, 3])
    #expect(leaves(partition, second[0]) == [2, 2])
    let third = [3, 4].map { partition.leaf($0) }
    partition.unify(channels, partition.product(third))
    #expect(leaves(partition, channels).allSatisfy { $0 < 0 })
  }
}
