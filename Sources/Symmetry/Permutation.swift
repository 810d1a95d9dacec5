/// A reordering of `count` things: position `i` of the result holds thing `indices[i]`.
public struct Permutation: Hashable, Sendable {
  /// For every position of the result, the position it is taken from.
  public let indices: [Int]

  /// - Returns: `nil` when `indices` does not hold each of `0 ..< indices.count` once.
  public init?(_ indices: [Int]) {
    var seen = [Bool](repeating: false, count: indices.count)
    for index in indices {
      guard seen.indices.contains(index), !seen[index] else { return nil }
      seen[index] = true
    }
    self.indices = indices
  }

  private init(unchecked indices: [Int]) { self.indices = indices }

  public static func identity(_ count: Int) -> Permutation {
    Permutation(unchecked: Array(0..<count))
  }

  /// A permutation drawn uniformly; the generator is the caller's.
  public static func random(_ count: Int, using generator: inout some RandomNumberGenerator)
    -> Permutation
  {
    Permutation(unchecked: Array(0..<count).shuffled(using: &generator))
  }

  public var count: Int { indices.count }
  public var isIdentity: Bool { indices.indices.allSatisfy { indices[$0] == $0 } }

  /// The permutation that undoes this one.
  public var inverse: Permutation {
    var result = [Int](repeating: 0, count: count)
    for (position, source) in indices.enumerated() { result[source] = position }
    return Permutation(unchecked: result)
  }

  /// First `self`, then `next`: taking `next` of what `self` gave.
  public func then(_ next: Permutation) -> Permutation {
    precondition(next.count == count, "permutations of \(count) and \(next.count) things")
    return Permutation(unchecked: next.indices.map { indices[$0] })
  }
}
