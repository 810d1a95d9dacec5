internal import Models
internal import Tensors

extension LinearLayer {
  /// What the weights are multiplied with, at every position of every record.
  ///
  /// - Parameter input: The value named `input`; the first axis counts records.
  /// - Returns: Shape `[n, groups, inputs of a group, positions]`, where a convolution's inputs
  ///   are channels by kernel positions, in the weight's order.
  func inputColumns(_ input: Tensor, weightShape: [Int]) throws -> Tensor {
    let shape = input.shape
    guard case .convolution(let geometry) = form else {
      return try input.reshaped([shape[0], 1, -1, shape[shape.count - 1]]).permuted([0, 1, 3, 2])
    }
    var image = input
    var (kernel, strides) = (geometry.kernel, geometry.strides)
    var (dilations, before, after) = (
      geometry.dilations, geometry.padsBefore, geometry.padsAfter
    )
    if kernel.count == 1 {
      // A convolution over one axis is one over two of which the first has size 1.
      image = try input.unsqueezed(2)
      kernel.insert(1, at: 0)
      strides.insert(1, at: 0)
      dilations.insert(1, at: 0)
      before.insert(0, at: 0)
      after.insert(0, at: 0)
    }
    if before != after {
      let pads = zip(before, after).reversed().flatMap { [$0, $1] }
      image = try engineCall1("constant_pad_nd", [.tensor(image), .ints(pads), .double(0)])
      before = [0, 0]
    }
    let columns = try engineCall1(
      "im2col",
      [.tensor(image), .ints(kernel), .ints(dilations), .ints(before), .ints(strides)])
    let inputs = weightShape.dropFirst().reduce(1, *)
    return try columns.reshaped([shape[0], geometry.groups, inputs, -1])
  }

  /// The gradient of the layer's output, `[n, groups, outputs of a group, positions]`.
  func outputColumns(_ gradient: Tensor, groups: Int) throws -> Tensor {
    let shape = gradient.shape
    if case .convolution = form {
      return try gradient.reshaped([shape[0], groups, shape[1] / groups, -1])
    }
    return try gradient.reshaped([shape[0], 1, -1, shape[shape.count - 1]]).permuted([0, 1, 3, 2])
  }
}
