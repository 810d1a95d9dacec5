internal import Models
internal import Tensors

/// The gradients of a linear layer's weight and bias, for every record by itself, in the form that
/// is cheapest to take norms and weighted sums of.
///
/// With the layer's input a and the gradient b of the loss by its output, at the positions t of
/// record i (one position for a matrix; as many as a convolution's output has):
///
///     weightGradient[i] = sum over t of b[i, t] a[i, t]ᵀ,   biasGradient[i] = sum over t of b[i, t]
///
/// Goodfellow 2015, "Efficient Per-Example Gradient Computations"; Li, Tramèr, Liang, Hashimoto
/// 2022, "Large Language Models Can Be Strong Differentially Private Learners", section 4; Bu,
/// Mao, Xu 2022, "Scalable and Efficient Training of Large Convolutional Neural Networks with
/// Differential Privacy", for the choice layer by layer; Bu, Wang, Zha, Karypis 2023,
/// "Differentially Private Optimization on Large Model at Small Cost", for reusing a and b in the
/// weighted sum in place of a second backward pass.
package struct LayerGradients {
  private enum Form {
    /// One position: a record's gradient is the outer product of two rows, `[n, p]` and `[n, o]`.
    case outer(inputs: Tensor, outputs: Tensor)
    /// The gradients themselves, `[n, weight elements]`.
    case explicit(Tensor)
    /// Columns at the positions, `[n, groups, p, positions]` and `[n, groups, o, positions]`, in
    /// double precision.
    case columns(inputs: Tensor, outputs: Tensor)
  }

  private let form: Form
  /// Shape `[n, outputs]`, if there is a bias.
  private let bias: Tensor?
  private let layer: LinearLayer
  private let weightShape: [Int]
  private let count: Int

  /// - Parameters:
  ///   - input: The value that the layer reads; the first axis counts records.
  ///   - outputGradient: The gradient of the sum of the records' losses by the layer's output.
  init(_ layer: LinearLayer, input: Tensor, outputGradient: Tensor, weightShape: [Int]) throws {
    self.layer = layer
    self.weightShape = weightShape
    count = input.shape[0]
    if layer.form.isDense, input.rank == 2 {
      form = .outer(inputs: input, outputs: outputGradient)
      bias = layer.bias == nil ? nil : outputGradient
      return
    }
    let inputs = try layer.inputColumns(input, weightShape: weightShape)
    let groups = inputs.shape[1]
    let outputs = try layer.outputColumns(outputGradient, groups: groups)
    bias = layer.bias == nil ? nil : try outputs.sum([3]).reshaped([input.shape[0], -1])
    let (p, o, positions) = (inputs.shape[2], outputs.shape[2], inputs.shape[3])
    guard Self.isExplicitCheaper(inputs: p, outputs: o, positions: positions) else {
      form = .columns(
        inputs: try inputs.cast(to: .float64), outputs: try outputs.cast(to: .float64))
      return
    }
    let left = try outputs.reshaped([count * groups, o, positions])
    let right = try inputs.reshaped([count * groups, p, positions])
    let product =
      layer.outputAxis == 0
      ? try left.matmul(right.permuted([0, 2, 1])) : try right.matmul(left.permuted([0, 2, 1]))
    form = .explicit(try product.reshaped([count, -1]))
  }

  /// Multiplications: T p o for the gradient itself, T² (p + o) for the two Gram matrices and
  /// T p o for the weighted sum after them, both in double precision at twice the price. Writing and reading a gradient's p o elements takes as long as some 32
  /// multiplications each.
  package static func isExplicitCheaper(inputs: Int, outputs: Int, positions: Int) -> Bool {
    32 * inputs * outputs
      <= positions * (2 * positions * (inputs + outputs) + inputs * outputs)
  }

  /// The number of elements that the forms take for all records of a batch, in single precision.
  ///
  /// - Parameters:
  ///   - input: The shape of the layer's input, the first axis counting records.
  ///   - output: The shape of its output.
  static func elementCount(
    _ layer: LinearLayer, input: [Int], output: [Int], weight: [Int]
  ) -> Int {
    if layer.form.isDense, input.count == 2 { return 0 }
    let outputAxis = layer.outputAxis
    let inputs = weight.indices.filter { $0 != outputAxis }.map { weight[$0] }.reduce(1, *)
    let all = output.reduce(1, *)
    let positions = all / (input[0] * weight[outputAxis])
    let groups = layer.form.groups
    let columns = input[0] * groups * inputs * positions
    return isExplicitCheaper(
      inputs: inputs, outputs: weight[outputAxis] / groups, positions: positions)
      ? columns + 2 * input[0] * weight.reduce(1, *)
      : 3 * columns + 3 * all + 4 * input[0] * groups * positions * positions
  }

  /// Upper bounds of the squared norms of the records' gradients, of shape `[n]`, in double
  /// precision; not finite where a record's gradient, or what it is computed from, is not.
  func squaredNorms() throws -> Tensor {
    var result: Tensor
    switch form {
    case .outer(let inputs, let outputs):
      result = try Self.bounded(inputs.squaredRowNorms())
        .multiplied(by: outputs.squaredRowNorms())
    case .explicit(let gradients):
      result = try gradients.squaredRowNorms()
    case .columns(let inputs, let outputs):
      result = try Self.gramNorms(inputs, outputs)
    }
    if let bias { result = try result.adding(bias.squaredRowNorms()) }
    return result
  }

  /// Infinite for inputs longer than 2^60, and for NaN.
  ///
  /// A clipped output gradient is rounded to a multiple of 2^-149 where it is tiny. Times an input
  /// of 2^60, that is below 2^-89 an element, which no accepted clip feels.
  private static func bounded(_ squaredLengths: Tensor) throws -> Tensor {
    let isBounded = try engineCall1("le.Scalar", [.tensor(squaredLengths), .double(0x1p120)])
    return try engineCall1(
      "where.ScalarOther", [.tensor(isBounded), .tensor(squaredLengths), .double(.infinity)])
  }

  /// ||sum over t of b[t] a[t]ᵀ||² = sum over s, t of (a[s] · a[t]) (b[s] · b[t]), over all groups.
  ///
  /// The weighted sum over n <= 128 records leaves an error of at most n T 2^-53 ||a|| ||b|| of each
  /// behind (Higham 2002, equation 3.13, with Cauchy's inequality), in double precision, which may
  /// be much when terms are much larger than their sum. A record is counted as longer by
  /// T 2^-27 ||a|| ||b||, so that all these errors together are below 2^-12 of what a record's norm
  /// is clipped to.
  private static func gramNorms(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    let count = a.shape[0]
    let gramOfInputs = try a.permuted([0, 1, 3, 2]).matmul(a)
    let gramOfOutputs = try b.permuted([0, 1, 3, 2]).matmul(b)
    let squares = try gramOfInputs.multiplied(by: gramOfOutputs).reshaped([count, -1]).sum([1])
    let lengths = try a.reshaped([count, -1]).squaredRowNorms()
      .multiplied(by: b.reshaped([count, -1]).squaredRowNorms()).squareRoot()
    let error = 0x1p-27 * Double(a.shape[3])
    let norms = try squares.relu().squareRoot().adding(lengths.multiplied(by: error))
    return try norms.multiplied(by: norms)
  }

  /// The weighted sums over some of the records.
  ///
  /// - Parameters:
  ///   - range: The records.
  ///   - factors: A factor for each record of the range.
  ///   - isFinite: Which records of the range take part; all when nil. The others' numbers become
  ///     0, as 0 times infinity is not. Nothing is left out, so that the other records' numbers are
  ///     added up in the same order whatever these are.
  /// - Returns: Tensors of the shapes of the weight and the bias.
  func weightedSums(_ range: Range<Int>, _ factors: Tensor, where isFinite: Tensor?) throws
    -> [Tensor]
  {
    func column(_ vector: Tensor, _ rank: Int) throws -> Tensor {
      try vector.reshaped([range.count] + Array(repeating: 1, count: rank - 1))
    }
    func zeroed(_ tensor: Tensor) throws -> Tensor {
      let part = range == 0..<count ? tensor : try tensor.slice(range)
      guard let isFinite else { return part }
      return try engineCall1(
        "where.ScalarOther",
        [.tensor(column(isFinite, part.rank)), .tensor(part), .double(0)])
    }
    let row = try factors.unsqueezed(0)
    let weight: Tensor
    switch form {
    case .outer(let inputs, let outputs):
      let a = try zeroed(inputs)
      let b = try zeroed(outputs).multiplied(by: column(factors, 2))
      weight = try layer.outputAxis == 0 ? b.transposed().matmul(a) : a.transposed().matmul(b)
    case .explicit(let gradients):
      weight = try row.matmul(zeroed(gradients))
    case .columns(let inputs, let outputs):
      // All records' positions in one row: [groups, p or o, n · positions].
      let a = try zeroed(inputs).permuted([1, 2, 0, 3])
      let b = try zeroed(outputs).multiplied(by: column(factors, 4)).permuted([1, 2, 0, 3])
      let (left, right) = layer.outputAxis == 0 ? (b, a) : (a, b)
      weight = try left.reshaped([left.shape[0], left.shape[1], -1])
        .matmul(right.reshaped([right.shape[0], right.shape[1], -1]).permuted([0, 2, 1]))
    }
    let result = [try weight.reshaped(weightShape)]
    guard let bias else { return result }
    return result + [try row.matmul(zeroed(bias)).reshaped([-1])]
  }
}

extension Tensor {
  /// The squared norms of the rows, `[n]`, in double precision: no square of a single-precision
  /// number overflows or vanishes there.
  fileprivate func squaredRowNorms() throws -> Tensor {
    let norms = try engineCall1(
      "linalg_vector_norm", [.tensor(self), .double(2), .ints([1]), .bool(false)],
      [("dtype", .type(.float64))])
    return try norms.multiplied(by: norms)
  }
}

extension LinearLayer.Form {
  fileprivate var isDense: Bool {
    if case .dense = self { true } else { false }
  }

  fileprivate var groups: Int {
    if case .convolution(let geometry) = self { geometry.groups } else { 1 }
  }
}
