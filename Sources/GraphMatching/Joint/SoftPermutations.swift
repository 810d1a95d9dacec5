internal import Symmetry
internal import Tensors

/// A party's doubly stochastic matrices, one a group: row `i` says of which members the universe's
/// position `i` is made.
///
/// They act on a tensor as permutations do, axis by axis, and the result is linear in every place
/// where a group occurs. No Kronecker product is built: the factors of an axis are multiplied one
/// by one.
struct SoftPermutations {
  /// By group, shape `[size, size]`, `float64`; rows and columns sum to 1.
  var matrices: [GroupID: Tensor]
  /// The number of matrix products made so far.
  private(set) var productCount = 0

  init(matrices: [GroupID: Tensor]) { self.matrices = matrices }

  /// `share` of the uniform matrix and the rest of a permutation's.
  init(_ permutations: [GroupID: Permutation], uniformShare share: Double) throws {
    matrices = try permutations.mapValues { permutation in
      let size = permutation.count
      return try Self.matrix(permutation).multiplied(by: 1 - share)
        .adding(share / Double(max(size, 1)))
    }
  }

  /// The matrix of a permutation: 1 where position `i` takes its party's `indices[i]`.
  static func matrix(_ permutation: Permutation) throws -> Tensor {
    try Tensor.identity(permutation.count, type: .float64)
      .selecting(permutation.indices, axis: 0)
  }

  /// A step of length `step` in [0, 1] towards permutations.
  mutating func move(by step: Double, towards permutations: [GroupID: Permutation]) throws {
    for (group, matrix) in matrices {
      guard let permutation = permutations[group] else { continue }
      matrices[group] = try matrix.multiplied(by: 1 - step)
        .adding(Self.matrix(permutation).multiplied(by: step))
    }
  }

  /// `tensor` of the shape of `axes`, multiplied on every axis.
  ///
  /// - Parameter skipped: A place to leave out; what is left is what the place's matrix acts on.
  mutating func applied(
    to tensor: Tensor, axes: [AxisStructure], skipping skipped: GroupOccurrence? = nil
  ) throws -> Tensor {
    // The first axis last: its products read and write rows as they lie in memory.
    try axes.indices.reversed().reduce(tensor) { result, axis in
      var countdown = skipped.flatMap { $0.axis == axis ? ($0.group, $0.ordinal) : nil }
      return try applied(to: result, axis: axis, structure: axes[axis], countdown: &countdown)
    }
  }

  /// - Parameter countdown: The group to leave out once, and at which of the places still to come.
  private mutating func applied(
    to tensor: Tensor, axis: Int, structure: AxisStructure, countdown: inout (GroupID, Int)?
  ) throws -> Tensor {
    switch structure {
    case .fixed:
      return tensor
    case .group(let group, let size):
      if let (skipped, count) = countdown, skipped == group {
        countdown = (skipped, count - 1)
        if count == 0 { return tensor }
      }
      guard let matrix = matrices[group], size > 1 else { return tensor }
      productCount += 1
      return try tensor.multiplied(on: axis, by: matrix)
    case .product(let factors):
      let shape = tensor.shape
      var result = try tensor.reshaped(
        Array(shape[..<axis]) + factors.map(\.size) + Array(shape[(axis + 1)...]))
      for (offset, factor) in factors.enumerated() {
        result = try applied(
          to: result, axis: axis + offset, structure: factor, countdown: &countdown)
      }
      return try result.reshaped(shape)
    case .sum(let parts):
      var start = 0
      var results: [Tensor] = []
      for part in parts {
        let slice = try tensor.slice(start..<(start + part.size), axis: axis)
        results.append(
          try applied(to: slice, axis: axis, structure: part, countdown: &countdown))
        start += part.size
      }
      return try Tensor.concatenated(results, axis: axis)
    }
  }
}

extension Tensor {
  /// Entry `i` along `axis` becomes the sum over `k` of `matrix[i, k]` times entry `k`.
  fileprivate func multiplied(on axis: Int, by matrix: Tensor) throws -> Tensor {
    let shape = self.shape
    let (outer, inner) = (shape[..<axis].reduce(1, *), shape[(axis + 1)...].reduce(1, *))
    if inner == 1 {
      return try reshaped([outer, shape[axis]]).matmul(matrix.transposed()).reshaped(shape)
    }
    if outer == 1 {
      return try matrix.matmul(reshaped([shape[axis], inner])).reshaped(shape)
    }
    return try matrix.matmul(reshaped([outer, shape[axis], inner])).reshaped(shape)
  }
}

extension AxisStructure {
  /// The power to which the matrices enter an axis: how many groups meet in one position.
  var degree: Int {
    switch self {
    case .fixed: 0
    case .group: 1
    case .product(let factors): factors.reduce(0) { $0 + $1.degree }
    case .sum(let parts): parts.map(\.degree).max() ?? 0
    }
  }
}
