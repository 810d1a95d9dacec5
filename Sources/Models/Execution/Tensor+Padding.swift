internal import Tensors

extension Tensor {
  /// This tensor with its own elements around it.
  ///
  /// - Parameters:
  ///   - pads: How many before and after, an axis each; negative numbers crop.
  ///   - mode: `reflect` (without repeating the border), `edge` or `wrap`, as `Pad` calls them.
  ///   - call: The operator, for messages.
  func padded(
    by pads: [(before: Int, after: Int)], mode: String, _ call: OperatorCall
  ) throws -> Tensor {
    try ValueLimit.check(OperatorTable.paddedShape(shape, pads, of: call), elementType, of: call)
    return try pads.enumerated().reduce(self) { result, entry in
      let (axis, pad) = entry
      guard pad != (0, 0) else { return result }
      let size = shape[axis]
      // One turn of a reflection goes there and back.
      let turn = mode == "reflect" ? max(2 * (size - 1), 1) : size
      guard size > 0, pad.before >= -size, pad.after >= -size else {
        throw call.unsupported(
          "pads axis \(axis) of size \(size) by \(pad.before) and \(pad.after)")
      }
      let positions = try (-pad.before..<(size + pad.after)).map { position in
        let turned = ((position % turn) + turn) % turn
        switch mode {
        case "reflect": return min(turned, turn - turned)
        case "edge": return min(max(position, 0), size - 1)
        case "wrap": return turned
        default: throw call.unsupported("pads in the mode \(mode)")
        }
      }
      return try result.selecting(positions, axis: axis)
    }
  }
}
