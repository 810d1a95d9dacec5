internal import Foundation
internal import Tensors

/// How `Resize` makes the positions of one axis from those before (ONNX 1.21, Operators.md).
struct AxisResizing {
  let axis: Int
  let size: Int
  let newSize: Int
  private let scale: Double
  private let coordinates: String
  private let mode: String
  private let rounding: String
  private let cubicCoefficient: Double

  /// The axes that a node changes.
  ///
  /// - Parameters:
  ///   - call: A `Resize` or `Upsample`.
  ///   - shape: Of the node's first input.
  static func all(_ call: OperatorCall, shape: [Int]) throws -> [AxisResizing] {
    // Before operator set 11 there was one way to choose coordinates.
    let isOld = call.node.operation == "Upsample" || call.operatorSet < 11
    let scales = try call.floats("scales") ?? numbers(call.optional(isOld ? 1 : 2))
    let sizes = isOld ? nil : try numbers(call.optional(3))
    let axes =
      try call.ints("axes")?.map { try call.axis($0, rank: shape.count) } ?? Array(shape.indices)
    guard let given = sizes ?? scales, given.count == axes.count else {
      throw call.unsupported("needs a scale or a size for each axis")
    }
    let mode = call.string("mode") ?? "nearest"
    let coordinates =
      call.string("coordinate_transformation_mode") ?? (isOld ? "asymmetric" : "half_pixel")
    guard ["nearest", "linear", "cubic"].contains(mode) else {
      throw call.unsupported("mode \(mode) is not evaluated")
    }
    guard Self.coordinateModes.contains(coordinates) else {
      throw call.unsupported("coordinates \(coordinates) are not evaluated")
    }
    guard call.int("antialias") != 1, call.int("exclude_outside") != 1,
      (call.string("keep_aspect_ratio_policy") ?? "stretch") == "stretch"
    else {
      throw call.unsupported("antialias, exclude_outside and aspect policies are not evaluated")
    }
    return try zip(axes, given).compactMap { axis, number in
      let old = shape[axis]
      guard number.isFinite, number.magnitude * Double(max(old, 1)) < 0x1p31 else {
        throw call.unsupported("has a scale or size of \(number)")
      }
      let newSize = sizes == nil ? Int((Double(old) * number).rounded(.down)) : Int(number)
      let scale = sizes == nil ? number : number / Double(max(old, 1))
      guard newSize > 0, old > 0, scale > 0 else {
        throw call.unsupported("makes an axis of \(newSize) positions out of \(old)")
      }
      if scale == 1 { return nil }
      // What interpolates is a matrix of both sizes.
      try ValueLimit.check(mode == "nearest" ? [newSize] : [newSize, old], .float64, of: call)
      var resized = shape
      resized[axis] = newSize
      try ValueLimit.check(resized, .float32, of: call)
      return AxisResizing(
        axis: axis, size: old, newSize: newSize, scale: scale, coordinates: coordinates,
        mode: mode,
        rounding: call.string("nearest_mode") ?? (isOld ? "floor" : "round_prefer_floor"),
        cubicCoefficient: call.float("cubic_coeff_a") ?? -0.75)
    }
  }

  /// The tensor with this axis resized.
  func applied(to x: Tensor) throws -> Tensor {
    if mode == "nearest" {
      return try x.selecting((0..<newSize).map { nearest(original($0)) }, axis: axis)
    }
    var matrix = [Double](repeating: 0, count: newSize * size)
    for position in 0..<newSize {
      for (index, weight) in mode == "linear"
        ? linear(original(position)) : cubic(original(position))
      {
        matrix[position * size + min(max(index, 0), size - 1)] += weight
      }
    }
    let weights = try Tensor(matrix, shape: [newSize, size]).cast(to: x.elementType)
    var order = Array(0..<x.rank)
    order.swapAt(axis, x.rank - 1)
    return try x.permuted(order).matmul(weights.transposed()).permuted(order)
  }

  private static let coordinateModes = [
    "half_pixel", "pytorch_half_pixel", "half_pixel_symmetric", "align_corners", "asymmetric",
  ]

  /// Where a position lies among those before.
  ///
  /// In single precision, as ONNX Runtime computes it: where a position lies on an edge between two,
  /// the rounding decides.
  private func original(_ position: Int) -> Double {
    let (x, scale) = (Float(position), Float(scale))
    let (size, newSize) = (Float(size), Float(newSize))
    let place =
      switch coordinates {
      case "asymmetric": x / scale
      case "align_corners": newSize == 1 ? 0 : x * (size - 1) / (newSize - 1)
      case "pytorch_half_pixel": newSize > 1 ? (x + 0.5) / scale - 0.5 : 0
      case "half_pixel_symmetric":
        size / 2 * (1 - newSize / (scale * size)) + (x + 0.5) / scale - 0.5
      default: (x + 0.5) / scale - 0.5
      }
    return Double(place)
  }

  private func nearest(_ x: Double) -> Int {
    let rounded: Double =
      switch rounding {
      case "floor": x.rounded(.down)
      case "ceil": x.rounded(.up)
      case "round_prefer_ceil": (x + 0.5).rounded(.down)
      default: (x - 0.5).rounded(.up)
      }
    return min(max(Int(rounded), 0), size - 1)
  }

  private func linear(_ x: Double) -> [(Int, Double)] {
    let bounded = min(max(x, 0), Double(size - 1))
    let low = Int(bounded.rounded(.down))
    let part = bounded - Double(low)
    return [(low, 1 - part), (low + 1, part)]
  }

  /// Keys 1981, equation 15, with the coefficient a.
  private func cubic(_ x: Double) -> [(Int, Double)] {
    let a = cubicCoefficient
    let low = Int(x.rounded(.down))
    let part = x - Double(low)
    return (-1...2).map { offset in
      let d = abs(Double(offset) - part)
      let weight =
        d <= 1
        ? ((a + 2) * d - (a + 3)) * d * d + 1
        : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
      return (low + offset, weight)
    }
  }

  private static func numbers(_ tensor: Tensor?) throws -> [Double]? {
    guard let tensor, tensor.count > 0 else { return nil }
    let numbers: [Double] = try tensor.cast(to: .float64).elements()
    return numbers
  }
}
