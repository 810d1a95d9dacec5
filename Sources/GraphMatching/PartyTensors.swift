internal import Symmetry
public import Tensors

/// One party's tensors, one a term of a matching, each made when it is asked for.
///
/// A matching looks at one term at a time, so that the tensors of all parties need never be in memory
/// together.
public struct PartyTensors: Sendable {
  /// The number of terms.
  public let count: Int
  private let make: @Sendable (Int) throws -> Tensor

  /// - Parameters:
  ///   - count: The number of terms.
  ///   - make: Makes the tensor of a term, in the party's own order; the same whenever it is asked.
  public init(count: Int, make: @escaping @Sendable (Int) throws -> Tensor) {
    self.count = count
    self.make = make
  }

  /// Tensors that are there already.
  public init(_ tensors: [Tensor]) {
    self.init(count: tensors.count) { tensors[$0] }
  }

  /// The tensor of a term.
  public func tensor(_ term: Int) throws -> Tensor { try make(term) }

  /// All tensors at once.
  public func all() throws -> [Tensor] { try (0..<count).map(make) }
}

extension MatchingPlan {
  /// A party's tensor of a term in some order.
  ///
  /// - Parameters:
  ///   - permutations: Groups left out keep their order.
  ///   - type: What its elements are to be.
  /// - Throws: ``MatchingError/tensorShape(term:expected:found:)``, and what making it throws.
  func tensor(
    _ term: Int, of party: PartyTensors, by permutations: [GroupID: Permutation] = [:],
    as type: ElementType = .float64
  ) throws -> Tensor {
    let tensor = try party.tensor(term)
    let (expected, found) = (terms[term].shape, tensor.shape)
    guard expected == found else {
      throw MatchingError.tensorShape(term: term, expected: expected, found: found)
    }
    return try permuted(tensor, term: term, by: permutations).cast(to: type)
  }

  /// - Throws: ``MatchingError/tensorCount(terms:found:)``.
  func checkCount(_ party: PartyTensors) throws {
    guard party.count == terms.count else {
      throw MatchingError.tensorCount(terms: terms.count, found: party.count)
    }
  }
}
