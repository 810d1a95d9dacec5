internal import CTensorEngine

/// One argument of an engine operator.
package enum EngineArgument {
  case none
  case tensor(Tensor)
  case int(Int)
  case double(Double)
  case bool(Bool)
  case ints([Int])
  case doubles([Double])
  case tensors([Tensor?])
  case string(String)
  /// A fresh pseudo-random generator with this seed. Never reaches a release: `LocalPrivacy`
  /// cannot import this module.
  case seed(UInt64)
  case type(ElementType)
}

/// Calls an engine operator by its schema name and returns its tensors.
///
///     try engineCall("linear", [.tensor(x), .tensor(weight), .none])
///
/// - Parameters:
///   - name: The operator's name without `aten::`, with an overload after a dot where it has one.
///   - positional: The leading arguments in the schema's order.
///   - named: Further arguments by name; the schema's defaults fill the rest.
/// - Throws: ``TensorError/engine(operation:message:)`` when the engine refuses.
package func engineCall(
  _ name: String, _ positional: [EngineArgument], _ named: [(String, EngineArgument)] = []
) throws -> [Tensor] {
  let parts = name.split(separator: ".", maxSplits: 1)
  let overload = parts.count > 1 ? String(parts[1]) : ""
  var arguments = ArgumentArena()
  defer { arguments.release() }
  for argument in positional { arguments.append(nil, argument) }
  for (label, argument) in named { arguments.append(label, argument) }

  let capacity = 1024
  return try withUnsafeTemporaryAllocation(of: OpaquePointer?.self, capacity: capacity) { results in
    results.initialize(repeating: nil)
    var count = 0
    var message: UnsafeMutablePointer<CChar>?
    // The arena keeps every argument alive until after the call.
    let status = withExtendedLifetime(arguments) {
      pf_call(
        "aten::" + parts[0], overload, arguments.raw, arguments.raw.count, results.baseAddress,
        capacity, &count, &message)
    }
    guard status == 0 else { throw engineError(name, message) }
    return results[..<count].compactMap { $0.map { Tensor(owning: $0) } }
  }
}

/// Calls an operator that returns one tensor.
package func engineCall1(
  _ name: String, _ positional: [EngineArgument], _ named: [(String, EngineArgument)] = []
) throws -> Tensor {
  let results = try engineCall(name, positional, named)
  guard let first = results.first else {
    throw TensorError.engine(operation: name, message: "returned no tensor")
  }
  return first
}

/// Holds the C form of arguments, and what it points to, for the length of a call.
private struct ArgumentArena {
  var raw: [pf_argument] = []
  private var allocations: [UnsafeMutableRawPointer] = []
  private var tensors: [Tensor] = []

  mutating func append(_ label: String?, _ argument: EngineArgument) {
    var item = pf_argument()
    item.name = label.map { UnsafePointer(copy(string: $0)) }
    switch argument {
    case .none:
      item.kind = PF_NONE
    case .tensor(let tensor):
      tensors.append(tensor)
      item.kind = PF_TENSOR
      item.pointer = UnsafeRawPointer(tensor.storage.handle)
    case .int(let value):
      item.kind = PF_INT
      item.integer = Int64(value)
    case .double(let value):
      item.kind = PF_DOUBLE
      item.real = value
    case .bool(let value):
      item.kind = PF_BOOL
      item.integer = value ? 1 : 0
    case .ints(let values):
      item.kind = PF_INTS
      item.pointer = copy(array: values.map(Int64.init))
      item.count = values.count
    case .doubles(let values):
      item.kind = PF_DOUBLES
      item.pointer = copy(array: values)
      item.count = values.count
    case .tensors(let values):
      tensors.append(contentsOf: values.compactMap { $0 })
      item.kind = PF_TENSORS
      item.pointer = copy(array: values.map { $0?.storage.handle })
      item.count = values.count
    case .string(let value):
      item.kind = PF_STRING
      item.pointer = UnsafeRawPointer(copy(string: value))
    case .seed(let seed):
      item.kind = PF_SEED
      item.integer = Int64(bitPattern: seed)
    case .type(let type):
      item.kind = PF_INT
      item.integer = Int64(type.rawValue)
    }
    raw.append(item)
  }

  private mutating func copy<Element: BitwiseCopyable>(array: [Element]) -> UnsafeRawPointer {
    let pointer = UnsafeMutablePointer<Element>.allocate(capacity: max(array.count, 1))
    pointer.initialize(from: array, count: array.count)
    allocations.append(UnsafeMutableRawPointer(pointer))
    return UnsafeRawPointer(pointer)
  }

  private mutating func copy(string: String) -> UnsafePointer<CChar> {
    let characters = Array(string.utf8CString)
    return copy(array: characters).assumingMemoryBound(to: CChar.self)
  }

  func release() {
    for allocation in allocations { allocation.deallocate() }
  }
}
