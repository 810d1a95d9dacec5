internal import CTensorEngine

/// An immutable array of numbers of one type, in row-major order.
///
/// A tensor is a value: operations return new ones. The engine may share memory between them, which
/// cannot be seen because no operation offered here writes into an existing tensor. There are two
/// exceptions, both on tensors that a training loop owns alone: ``Adam`` updates its parameters, and
/// batch normalisation in training moves its running statistics.
public struct Tensor: Sendable {
  let storage: TensorStorage

  init(owning handle: OpaquePointer) {
    storage = TensorStorage(owning: handle)
  }
}

/// Owns one reference into the engine.
///
/// `@unchecked Sendable`: the handle never changes, the engine counts references atomically, and
/// the elements are not written after creation (see ``Tensor``), so concurrent reads are safe.
final class TensorStorage: @unchecked Sendable {
  let handle: OpaquePointer

  init(owning handle: OpaquePointer) { self.handle = handle }

  deinit { pf_release(handle) }
}

extension Tensor {
  /// A tensor of `shape` holding `elements` in row-major order.
  ///
  /// - Throws: ``TensorError/elementCount(shape:elements:)`` when they do not fit.
  public init<Element: TensorElement>(_ elements: [Element], shape: [Int]) throws {
    guard elements.count == shape.reduce(1, *) else {
      throw TensorError.elementCount(shape: shape, elements: elements.count)
    }
    self = try elements.withUnsafeBytes {
      try Tensor(bytes: $0, type: Element.elementType, shape: shape)
    }
  }

  /// A tensor of `shape` whose elements are `bytes`, little-endian and row-major.
  ///
  /// - Throws: ``TensorError/engine(operation:message:)`` when the number of bytes is not the
  ///   shape's.
  public init(bytes: UnsafeRawBufferPointer, type: ElementType, shape: [Int]) throws {
    let sizes = shape.map(Int64.init)
    var handle: OpaquePointer?
    var message: UnsafeMutablePointer<CChar>?
    let status = pf_from_bytes(
      Int32(type.rawValue), sizes, sizes.count, bytes.baseAddress, bytes.count, &handle, &message)
    guard status == 0, let handle else { throw engineError("Tensor(bytes:)", message) }
    self.init(owning: handle)
  }

  /// A tensor whose elements stay where they are, such as in a mapped file.
  ///
  /// Nothing is read now. It takes no memory of its own, but where `bytes` lie at an address that the
  /// type does not allow every operation reads a copy of its own.
  ///
  /// - Parameters:
  ///   - bytes: Little-endian and row-major; nobody writes them while `owner` lives.
  ///   - owner: What keeps the bytes; held as long as the tensor or another that shares them.
  ///   - type: The type of the elements.
  ///   - shape: The size of every axis.
  /// - Throws: ``TensorError/engine(operation:message:)`` when the number of bytes is not the
  ///   shape's.
  public init(
    sharing bytes: UnsafeRawBufferPointer, of owner: some AnyObject & Sendable, type: ElementType,
    shape: [Int]
  ) throws {
    let sizes = shape.map(Int64.init)
    var handle: OpaquePointer?
    var message: UnsafeMutablePointer<CChar>?
    let status = pf_from_mapping(
      Int32(type.rawValue), sizes, sizes.count, bytes.baseAddress, bytes.count,
      Unmanaged.passRetained(owner as AnyObject).toOpaque(),
      { owner in if let owner { Unmanaged<AnyObject>.fromOpaque(owner).release() } }, &handle,
      &message)
    guard status == 0, let handle else { throw engineError("Tensor(sharing:)", message) }
    self.init(owning: handle)
  }

  /// A tensor of rank 0.
  public init<Element: TensorElement>(_ scalar: Element) {
    do {
      self = try Tensor([scalar], shape: [])
    } catch {
      preconditionFailure("a scalar always fits its shape: \(error)")
    }
  }

  /// The number of axes.
  public var rank: Int { withExtendedLifetime(storage) { pf_rank(storage.handle) } }

  /// The size of every axis.
  public var shape: [Int] {
    withExtendedLifetime(storage) {
      (0..<pf_rank(storage.handle)).map { Int(pf_size(storage.handle, $0)) }
    }
  }

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

  /// The type of the elements.
  public var elementType: ElementType {
    let code = withExtendedLifetime(storage) { Int(pf_scalar_type(storage.handle)) }
    guard let type = ElementType(rawValue: code) else {
      preconditionFailure("the engine returned elements of the unsupported type code \(code)")
    }
    return type
  }

  /// The elements in row-major order.
  ///
  /// - Throws: ``TensorError/elementType(expected:found:)`` when the tensor's elements are of
  ///   another type; convert with ``cast(to:)`` first.
  public func elements<Element: TensorElement>(as _: Element.Type = Element.self) throws
    -> [Element]
  {
    guard elementType == Element.elementType else {
      throw TensorError.elementType(expected: Element.elementType, found: elementType)
    }
    let count = self.count
    return try [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      try copyBytes(into: UnsafeMutableRawBufferPointer(buffer))
      initialized = count
    }
  }

  /// Copies the elements, row-major and as they are stored, into `bytes`.
  public func copyBytes(into bytes: UnsafeMutableRawBufferPointer) throws {
    var message: UnsafeMutablePointer<CChar>?
    let status = withExtendedLifetime(storage) {
      pf_copy_bytes(storage.handle, bytes.baseAddress, bytes.count, &message)
    }
    guard status == 0 else { throw engineError("copyBytes", message) }
  }

  /// The only element of a tensor with one element, as a `Double`.
  public func scalar() throws -> Double {
    let values: [Double] = try cast(to: .float64).elements()
    guard values.count == 1 else {
      throw TensorError.elementCount(shape: [], elements: values.count)
    }
    return values[0]
  }
}

/// Takes over the engine's message.
func engineError(_ operation: String, _ message: UnsafeMutablePointer<CChar>?) -> TensorError {
  defer { pf_release_message(message) }
  let text = message.map { String(cString: $0) } ?? "no message"
  return .engine(operation: operation, message: text)
}
