public import Tensors

/// Which rows of a layer's output are looked at: public, random, the same for every party.
///
/// A layer's output of `m` inputs has one row for each input and position; at most
/// `positionsPerInput` rows of each input are taken.
public struct SampledRows: Sendable {
  /// Row numbers in the output whose axes other than the units' are flattened.
  public let rows: [Int]

  /// - Parameters:
  ///   - total: The number of rows.
  ///   - inputCount: The number of inputs that they come from.
  ///   - positionsPerInput: The most rows taken of each input, at least 0.
  ///   - seed: Public.
  public init(total: Int, inputCount: Int, positionsPerInput: Int = 4, seed: UInt64) {
    let each = total / max(inputCount, 1)
    guard each > positionsPerInput, total == each * inputCount else {
      rows = Array(0..<total)
      return
    }
    var generator = SeededGenerator(seed: seed)
    rows = (0..<inputCount).flatMap { input -> [Int] in
      var chosen: Set<Int> = []
      while chosen.count < positionsPerInput {
        chosen.insert(Int.random(in: 0..<each, using: &generator))
      }
      return chosen.sorted().map { input * each + $0 }
    }
  }
}

extension LinearLayer {
  /// Rows of the layer's output.
  ///
  /// - Parameter output: The value named `output`.
  /// - Returns: Shape `[rows, units]`.
  public func outputRows(_ output: Tensor) throws -> Tensor {
    let axis = unitAxis < 0 ? output.rank + unitAxis : unitAxis
    let units = output.shape[axis]
    let order = (0..<output.rank).filter { $0 != axis } + [axis]
    return try output.permuted(order).reshaped([-1, units])
  }

  /// What the layer multiplies its weights with, for some rows of its output.
  ///
  /// - Parameters:
  ///   - input: The value named `input`.
  ///   - sample: Which rows, numbered as in the output whose axes but the units' are flattened.
  /// - Returns: Shape `[groups, rows, inputs]`, where a convolution's inputs are channels by kernel
  ///   positions; one group but for a grouped convolution.
  public func inputRows(_ input: Tensor, _ sample: SampledRows) throws -> Tensor {
    switch form {
    case .dense:
      let flat = try input.reshaped([-1, input.shape[input.rank - 1]])
      return try flat.selecting(sample.rows, axis: 0).unsqueezed(0)
    case .convolution(let geometry):
      return try geometry.patches(of: input, rows: sample.rows)
    }
  }

  /// The weight as matrices `[groups, outputs of a group, inputs of a group]`.
  public func matrices(_ weight: Tensor) throws -> Tensor {
    switch form {
    case .dense(let isTransposed):
      return try (isTransposed ? weight.transposed() : weight).unsqueezed(0)
    case .convolution(let geometry):
      return try weight.reshaped([geometry.groups, weight.shape[0] / geometry.groups, -1])
    }
  }

  /// The inverse of ``matrices(_:)``.
  public func weight(_ matrices: Tensor, shape: [Int]) throws -> Tensor {
    switch form {
    case .dense(let isTransposed):
      let matrix = try matrices.reshaped([matrices.shape[1], matrices.shape[2]])
      return try isTransposed ? matrix.transposed().contiguous() : matrix
    case .convolution:
      return try matrices.reshaped(shape)
    }
  }
}

extension ConvolutionGeometry {
  /// The patches that make some rows of the output.
  ///
  /// - Parameters:
  ///   - input: Shape `[m, channels, positions...]` with one or two spatial axes.
  ///   - rows: Row numbers in the output flattened as `[m, positions]`.
  /// - Returns: Shape `[groups, rows, channels / groups x kernel positions]`.
  func patches(of input: Tensor, rows: [Int]) throws -> Tensor {
    let (m, channels) = (input.shape[0], input.shape[1])
    let pads = zip(padsBefore, padsAfter).reversed().flatMap { [$0, $1] }
    let padded = try engineCall1(
      "constant_pad_nd", [.tensor(input), .ints(pads), .double(0)])
    let sizes = Array(padded.shape[2...])
    let outputs = outputSizes(of: Array(input.shape[2...]))
    let offsets = grid(kernel).map { position in
      flat(zip(position, dilations).map { $0 * $1 }, sizes)
    }
    let perInput = outputs.reduce(1, *)
    var images: [Int64] = []
    var places: [Int64] = []
    images.reserveCapacity(rows.count)
    places.reserveCapacity(rows.count * offsets.count)
    for row in rows {
      images.append(Int64(row / perInput))
      let corner = unflat(row % perInput, outputs)
      let start = flat(zip(corner, strides).map { $0 * $1 }, sizes)
      for offset in offsets { places.append(Int64(start + offset)) }
    }
    // Indexing the first and last axes puts theirs first: [rows, kernel, channels].
    let picked = try engineCall1(
      "index.Tensor",
      [
        .tensor(padded.reshaped([m, channels, -1])),
        .tensors([
          Tensor(images, shape: [rows.count, 1]), nil,
          Tensor(places, shape: [rows.count, offsets.count]),
        ]),
      ])
    return try picked.permuted([0, 2, 1])
      .reshaped([rows.count, groups, channels / groups * offsets.count])
      .permuted([1, 0, 2]).contiguous()
  }

  private func grid(_ sizes: [Int]) -> [[Int]] {
    sizes.reduce([[]]) { positions, size in
      positions.flatMap { position in (0..<size).map { position + [$0] } }
    }
  }

  private func flat(_ position: [Int], _ sizes: [Int]) -> Int {
    zip(position, sizes).reduce(0) { $0 * $1.1 + $1.0 }
  }

  private func unflat(_ index: Int, _ sizes: [Int]) -> [Int] {
    var rest = index
    return sizes.reversed().map { size in
      defer { rest /= size }
      return rest % size
    }.reversed()
  }
}

extension LinearLayer {
  /// The number of rows of the layer's output for an input.
  public func rowCount(input: Tensor) -> Int {
    switch form {
    case .dense: input.shape.dropLast().reduce(1, *)
    case .convolution(let geometry):
      input.shape[0] * geometry.outputSizes(of: Array(input.shape[2...])).reduce(1, *)
    }
  }
}

extension ConvolutionGeometry {
  /// The sizes of the output's spatial axes.
  func outputSizes(of sizes: [Int]) -> [Int] {
    sizes.indices.map { axis in
      let padded = sizes[axis] + padsBefore[axis] + padsAfter[axis]
      return (padded - (kernel[axis] - 1) * dilations[axis] - 1) / strides[axis] + 1
    }
  }
}
