internal import Foundation
internal import Models
internal import SwiftProtobuf
public import Tensors

extension ONNXModel {
  /// Writes the model, with some of its weights replaced, as one file or none.
  ///
  /// Names, documentation, metadata and operators are those of this model. A model of more than
  /// 2 GiB has its weights beside it, in `path` + `.data`, since one ONNX file can't hold them.
  ///
  /// - Parameters:
  ///   - path: The file to make or replace.
  ///   - weights: New values by initializer, each of the shape of the old one. Real numbers are rounded
  ///     to the old one's type; anything else must be of it.
  ///   - metadata: Notes to add; one of the same key is replaced, and removed by an empty one.
  /// - Throws: ``ModelFormatError/replacement(path:tensor:problem:)`` for a replacement that does not
  ///   fit; ``ModelFormatError/unwritable(path:reason:)``.
  public func write(
    to path: String, replacing weights: [String: Tensor] = [:], metadata: [String: String] = [:]
  ) throws {
    try write(
      to: path, replacing: weights, metadata: metadata, inlineLimit: Int(Int32.max) - 1)
  }

  /// - Parameters:
  ///   - inlineLimit: The size in bytes from which weights go to a file of their own.
  ///   - made: Makes, by the place of an initializer, what is written instead of it.
  package func write(
    to path: String, replacing weights: [String: Tensor], metadata: [String: String],
    inlineLimit: Int, made: ((Int) throws -> Tensor)? = nil
  ) throws {
    let (model, tensors) = try contents(replacing: weights, metadata: metadata)
    let inline = try ONNXEncoding(model: model, tensors: tensors, elements: .inline, made: made)
    if inline.byteCount <= inlineLimit {
      return try AtomicFile.write(to: path) { try inline.write(to: $0) }
    }
    let dataPath = path + ".data"
    let name = dataPath.split(separator: "/").last.map(String.init) ?? dataPath
    let outside = try ONNXEncoding(
      model: model, tensors: tensors, elements: .file(name), made: made)
    try AtomicFile.write(to: dataPath) { try outside.writeElements(to: $0) }
    try AtomicFile.write(to: path) { try outside.write(to: $0) }
  }

  /// Writes the model with all of its weights made anew, one at a time, as one file or none.
  ///
  /// Otherwise as ``write(to:replacing:metadata:)``; no more than one weight is held.
  ///
  /// - Parameters:
  ///   - path: The file to make or replace.
  ///   - metadata: Notes to add; one of the same key is replaced, and removed by an empty one.
  ///   - weight: Makes an initializer from its name and the old one; of the same shape. Real numbers are
  ///     rounded to the old one's type. Called again for the same name, it must make the same.
  /// - Throws: ``ModelFormatError/replacement(path:tensor:problem:)`` for a weight that does not fit;
  ///   ``ModelFormatError/unwritable(path:reason:)``; and what `weight` throws.
  public func write(
    to path: String, metadata: [String: String], weight: (String, Tensor) throws -> Tensor
  ) throws {
    try withoutActuallyEscaping(weight) { weight in
      let initializers = skeleton.graph.initializer
      try write(
        to: path, replacing: [:], metadata: metadata, inlineLimit: Int(Int32.max) - 1
      ) { index in
        let name = initializers[index].name
        guard let old = graph.initializers[name] else {
          throw ModelFormatError.replacement(
            path: self.path, tensor: name, problem: "the graph lost it")
        }
        let made = try weight(name, old)
        try check(made, replacing: name)
        return try made.cast(to: old.elementType)
      }
    }
  }

  /// The bytes of the file that ``write(to:replacing:metadata:)`` writes.
  ///
  /// - Parameter metadata: Notes to add; one of the same key is replaced, and removed by an empty one.
  /// - Throws: ``ModelFormatError/tooLarge(path:what:limit:)`` above 2 GiB.
  public func bytes(metadata: [String: String] = [:]) throws -> [UInt8] {
    let (model, tensors) = try contents(replacing: [:], metadata: metadata)
    let encoding = try ONNXEncoding(model: model, tensors: tensors, elements: .inline)
    guard encoding.byteCount < Int(Int32.max) else {
      throw ModelFormatError.tooLarge(path: path, what: "the file", limit: Int(Int32.max))
    }
    return try encoding.bytes()
  }

  /// What is written: the message without the elements of initializers, and those.
  private func contents(
    replacing weights: [String: Tensor], metadata: [String: String]
  ) throws -> (model: Onnx_ModelProto, tensors: [Tensor]) {
    for (name, tensor) in weights.sorted(by: { $0.key < $1.key }) {
      try check(tensor, replacing: name)
    }
    let tensors = try skeleton.graph.initializer.map { proto in
      guard let old = graph.initializers[proto.name] else {
        throw ModelFormatError.replacement(
          path: self.path, tensor: proto.name, problem: "the graph lost it")
      }
      return try weights[proto.name]?.cast(to: old.elementType) ?? old
    }
    var model = skeleton
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      model.metadataProps.removeAll { $0.key == key }
      if value.isEmpty { continue }
      var entry = Onnx_StringStringEntryProto()
      entry.key = key
      entry.value = value
      model.metadataProps.append(entry)
    }
    return (model, tensors)
  }

  private func check(_ tensor: Tensor, replacing name: String) throws {
    func refusal(_ problem: String) -> ModelFormatError {
      .replacement(path: path, tensor: name, problem: problem)
    }
    guard let old = graph.initializers[name] else {
      throw refusal("the model has no initializer of that name")
    }
    guard old.shape == tensor.shape else {
      throw refusal("its shape is \(old.shape) and the new one's is \(tensor.shape)")
    }
    guard
      old.elementType == tensor.elementType
        || (old.elementType.isFloatingPoint && tensor.elementType.isFloatingPoint)
    else {
      throw refusal(
        "its elements are \(old.elementType) and the new one's are \(tensor.elementType)")
    }
  }
}

extension Tensor {
  /// The elements as they are stored, in row-major order.
  func storedBytes() throws -> [UInt8] {
    let byteCount = storedByteCount
    return try [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, initialized in
      try copyBytes(
        into: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: byteCount))
      initialized = byteCount
    }
  }
}
