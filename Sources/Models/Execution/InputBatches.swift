public import Tensors

/// Inputs of a model, cut into batches of one size, the last of which may be smaller.
///
/// How inputs are cut is public and the same for every party: which rows of a layer are looked at
/// depends on it.
public struct InputBatches: Sendable {
  /// The batches, each with a tensor for every graph input.
  public let batches: [[String: Tensor]]
  /// The number of inputs in all batches.
  public let count: Int

  /// - Parameters:
  ///   - inputs: A tensor for every graph input; the first axis counts inputs.
  ///   - graph: The model, whose inputs declare names, element types and shapes.
  ///   - batchSize: How many inputs a batch holds; a model that declares a batch size overrides it,
  ///     and inputs that do not fill its last batch are left out.
  /// - Throws: ``ModelError/missingInput(name:)``, ``ModelError/inputShape(name:expected:found:)``,
  ///   ``ModelError/inputType(name:expected:found:)``.
  public init(_ inputs: [String: Tensor], for graph: ModelGraph, batchSize: Int = 250) throws {
    var count: Int?
    var declared: Int?
    for port in graph.inputs {
      guard let tensor = inputs[port.name] else { throw ModelError.missingInput(name: port.name) }
      guard tensor.elementType == port.type else {
        throw ModelError.inputType(
          name: port.name, expected: "\(port.type)", found: "\(tensor.elementType)")
      }
      let shape = tensor.shape
      let fits =
        shape.count == port.shape.count && shape.first != 0
        && zip(shape, port.shape).dropFirst().allSatisfy { $1 == nil || $0 == $1 }
        && (count == nil || count == shape.first) && !shape.isEmpty
      guard fits else {
        throw ModelError.inputShape(
          name: port.name, expected: [count] + port.shape.dropFirst(), found: shape)
      }
      count = shape[0]
      declared = declared ?? port.shape[0]
    }
    let total = count ?? 0
    let size = declared ?? min(batchSize, max(total, 1))
    let used = declared == nil || size == 0 ? total : total / size * size
    guard used > 0, size > 0 else {
      let port = graph.inputs.first
      throw ModelError.inputShape(
        name: port?.name ?? "", expected: port?.shape ?? [], found: [total])
    }
    self.count = used
    batches = try stride(from: 0, to: used, by: size).map { start in
      try inputs.filter { entry in graph.inputs.contains { $0.name == entry.key } }
        .mapValues { try $0.slice(start..<min(start + size, used)) }
    }
  }
}
