public import Tensors

/// A network as a graph of operators on named values, in ONNX's vocabulary.
///
/// Nodes are in topological order and every value is assigned once. `Models` knows no file format;
/// `ModelFormats` reads and writes one.
public struct ModelGraph: Sendable {
  /// One operator applied to named values.
  public struct Node: Sendable {
    /// The node's own name; may be empty.
    public var name: String
    /// ONNX's operator type, such as `Conv`.
    public var operation: String
    /// Names of the values read; an empty name is an absent optional input.
    public var inputs: [String]
    /// Names of the values made; an empty name is an output that is not needed.
    public var outputs: [String]
    public var attributes: [String: Attribute]

    public init(
      name: String = "", operation: String, inputs: [String], outputs: [String],
      attributes: [String: Attribute] = [:]
    ) {
      self.name = name
      self.operation = operation
      self.inputs = inputs
      self.outputs = outputs
      self.attributes = attributes
    }
  }

  /// A constant argument of an operator.
  public enum Attribute: Sendable {
    case int(Int)
    case float(Double)
    case string(String)
    case ints([Int])
    case floats([Double])
    case strings([String])
    case tensor(Tensor)
    /// A part that the operator runs or leaves: the branches of `If`.
    case branch(Branch)
  }

  /// A part of a network that is run on a condition; it reads values of the network around it.
  public struct Branch: Sendable {
    public var nodes: [Node]
    /// Values that the part holds, by name.
    public var initializers: [String: Tensor]
    /// What the part gives, in the order of its operator's outputs.
    public var outputs: [String]

    public init(nodes: [Node], initializers: [String: Tensor], outputs: [String]) {
      self.nodes = nodes
      self.initializers = initializers
      self.outputs = outputs
    }
  }

  /// A graph input or output: its name, element type and declared shape.
  public struct Port: Sendable, Equatable {
    public var name: String
    public var type: ElementType
    /// A size that is `nil` is free (a batch, usually).
    public var shape: [Int?]
    /// What the model calls a free size, by axis; sizes of one name are the same. Ports that differ in
    /// these names alone are equal.
    public var symbols: [Int: String]

    public init(name: String, type: ElementType, shape: [Int?], symbols: [Int: String] = [:]) {
      self.name = name
      self.type = type
      self.shape = shape
      self.symbols = symbols
    }

    public static func == (a: Port, b: Port) -> Bool {
      a.name == b.name && a.type == b.type && a.shape == b.shape
    }

    /// Whether a tensor of this shape has the sizes that are declared.
    public func allows(_ shape: [Int]) -> Bool {
      shape.count == self.shape.count && zip(shape, self.shape).allSatisfy { $1 ?? $0 == $0 }
    }
  }

  public var name: String
  /// The version of ONNX's default operator set that gives the nodes their meaning.
  public var operatorSet: Int
  public var nodes: [Node]
  /// Values that the file holds: parameters and constants, by name.
  public var initializers: [String: Tensor]
  /// Names of initializers of real numbers that belong to the architecture although their place is a
  /// parameter's; ``findingConstants()`` finds them by where they go and what they hold.
  public var constantNames: Set<String> = []
  /// Inputs that a caller gives; never an initializer.
  public var inputs: [Port]
  public var outputs: [Port]

  public init(
    name: String, operatorSet: Int, nodes: [Node], initializers: [String: Tensor],
    inputs: [Port], outputs: [Port]
  ) {
    self.name = name
    self.operatorSet = operatorSet
    self.nodes = nodes
    self.initializers = initializers
    self.inputs = inputs
    self.outputs = outputs
  }
}
