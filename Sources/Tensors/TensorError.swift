/// What can go wrong with a tensor.
public enum TensorError: Error, Equatable, CustomStringConvertible {
  /// The engine refused an operation; `message` is its own explanation and holds no element.
  case engine(operation: String, message: String)
  /// The number of elements does not fit the shape.
  case elementCount(shape: [Int], elements: Int)
  /// An operation needs another element type.
  case elementType(expected: ElementType, found: ElementType)
  /// The library that was loaded is not the one that this program was compiled against.
  case engineVersion(compiled: String, loaded: String)
  /// The engine's CUDA library can't be loaded.
  case noCUDALibrary(reason: String)
  /// No GPU can be computed on.
  case noGPU(reason: String)

  public var description: String {
    switch self {
    case .engine(let operation, let message):
      "\(operation): \(message)"
    case .elementCount(let shape, let elements):
      "a tensor of shape \(shape) has \(shape.reduce(1, *)) elements, got \(elements)"
    case .elementType(let expected, let found):
      "expected elements of type \(expected), got \(found)"
    case .engineVersion(let compiled, let loaded):
      "built against libtorch \(compiled) but loaded \(loaded): run `make setup` and build again"
    case .noCUDALibrary(let reason):
      "libtorch's CUDA library can't be loaded (\(reason)): `make cuda` fetches it"
    case .noGPU(let reason):
      "no NVIDIA GPU can be used (\(reason)): see what nvidia-smi says, or compute on the CPU"
    }
  }
}
