/// What can go wrong with a file. Every message names the file and holds no element of a tensor.
public enum ModelFormatError: Error, Equatable, CustomStringConvertible {
  /// The file can't be opened or read.
  case unreadable(path: String, reason: String)
  /// The file can't be made or replaced.
  case unwritable(path: String, reason: String)
  /// The content breaks the rules of its format.
  case malformed(path: String, problem: String)
  /// The content is valid, and of a kind that is not read here.
  case unsupported(path: String, feature: String, advice: String)
  /// A tensor's bytes are not as many as its shape and type ask for.
  case tensorSize(path: String, tensor: String, shape: [Int], expected: Int, found: Int)
  /// Something is larger than can be held.
  case tooLarge(path: String, what: String, limit: Int)
  /// A tensor holds a NaN or an infinity.
  case notFinite(path: String, tensor: String)
  /// A replacement for a tensor has no counterpart of the same shape and type in the file.
  case replacement(path: String, tensor: String, problem: String)
  /// Weights that lie apart from a graph are not those of the graph.
  case weights(path: String, problem: String)

  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "can't read \(path): \(reason)"
    case .unwritable(let path, let reason):
      "can't write \(path): \(reason)"
    case .malformed(let path, let problem):
      "\(path) is damaged or of another format: \(problem)"
    case .unsupported(let path, let feature, let advice):
      "\(path) uses \(feature), which is not supported: \(advice)"
    case .tensorSize(let path, let tensor, let shape, let expected, let found):
      "\(path): tensor '\(tensor)' of shape \(shape) needs \(expected) bytes or elements, got "
        + "\(found): the file is damaged; export it again"
    case .tooLarge(let path, let what, let limit):
      "\(path): \(what) is larger than the limit of \(limit)"
    case .notFinite(let path, let tensor):
      "\(path): tensor '\(tensor)' holds a NaN or an infinity: train or export the model again"
    case .replacement(let path, let tensor, let problem):
      "\(path): tensor '\(tensor)' can't be replaced: \(problem)"
    case .weights(let path, let problem):
      "\(path) does not fit the graph: \(problem)"
    }
  }
}
