internal import Crypto
public import Models
public import Tensors

/// The SHA-256 of a network: its operators with their attributes and wiring, and everything that its
/// initializers hold, whatever file it lies in.
///
///     operator set; names of inputs and outputs
///     for each operator: operation, inputs, outputs, attributes by name
///     for each initializer by name: name, element type, sizes, elements
///
/// Every text, list and tensor comes after its length, so that no two networks give one sequence of
/// bytes. Numbers are little-endian. Names of operators and declared shapes are not part of it.
public struct ParameterDigest: Sendable, Hashable, CustomStringConvertible {
  /// 32 bytes.
  public let bytes: [UInt8]

  /// - Complexity: Reads every element once.
  public init(of graph: ModelGraph) throws {
    var content = DigestedContent()
    content.add(graph.operatorSet)
    content.add(graph.inputs.map(\.name))
    content.add(graph.outputs.map(\.name))
    content.add(graph.nodes.count)
    for node in graph.nodes {
      content.add(node.operation)
      content.add(node.inputs)
      content.add(node.outputs)
      content.add(node.attributes.count)
      for (name, value) in node.attributes.sorted(by: { $0.key < $1.key }) {
        content.add(name)
        try content.add(value)
      }
    }
    content.add(graph.initializers.count)
    for (name, tensor) in graph.initializers.sorted(by: { $0.key < $1.key }) {
      content.add(name)
      try content.add(tensor)
    }
    bytes = content.finish()
  }

  /// The SHA-256 of tensors by name, whatever file they lie in.
  ///
  /// - Complexity: Reads every element once.
  public init(of tensors: [String: Tensor]) throws {
    var content = DigestedContent()
    content.add(tensors.count)
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      content.add(name)
      try content.add(tensor)
    }
    bytes = content.finish()
  }

  /// 64 lower-case hexadecimal digits.
  public var description: String {
    bytes.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}

/// What a digest is taken of, piece by piece.
private struct DigestedContent {
  private var hash = SHA256()

  mutating func add(_ number: Int) {
    withUnsafeBytes(of: Int64(number).littleEndian) { hash.update(bufferPointer: $0) }
  }

  mutating func add(_ text: String) {
    add(text.utf8.count)
    hash.update(data: Array(text.utf8))
  }

  mutating func add(_ texts: [String]) {
    add(texts.count)
    for text in texts { add(text) }
  }

  mutating func add(_ tensor: Tensor) throws {
    add(tensor.elementType.rawValue)
    add(tensor.rank)
    for size in tensor.shape { add(size) }
    hash.update(data: try tensor.storedBytes())
  }

  /// Real numbers as the file holds them, in single precision.
  mutating func add(_ value: ModelGraph.Attribute) throws {
    switch value {
    case .int(let number): addAll("int", [number])
    case .ints(let numbers): addAll("ints", numbers)
    case .float(let number): addAll("float", [Int(Float(number).bitPattern)])
    case .floats(let numbers): addAll("floats", numbers.map { Int(Float($0).bitPattern) })
    case .string(let text): add(["string", text])
    case .strings(let texts): add(["strings"] + texts)
    case .tensor(let tensor):
      add("tensor")
      try add(tensor)
    case .branch(let branch):
      add("branch")
      add(branch.outputs)
      add(branch.nodes.count)
      for node in branch.nodes {
        add([node.operation] + node.inputs)
        add(node.outputs)
        add(node.attributes.count)
        for (name, attribute) in node.attributes.sorted(by: { $0.key < $1.key }) {
          add(name)
          try add(attribute)
        }
      }
      add(branch.initializers.count)
      for (name, tensor) in branch.initializers.sorted(by: { $0.key < $1.key }) {
        add(name)
        try add(tensor)
      }
    }
  }

  private mutating func addAll(_ kind: String, _ numbers: [Int]) {
    add(kind)
    add(numbers.count)
    for number in numbers { add(number) }
  }

  func finish() -> [UInt8] { Array(hash.finalize()) }
}
