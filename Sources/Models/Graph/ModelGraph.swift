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
  }

  /// A graph input or output: its name, element type and declared shape.
  public struct Port: Sendable, Equatable {
    public var name: String
    public var type: ElementType
    /// A size that is `nil` is free (a batch, usually).
    public var shape: [Int?]

    public init(name: String, type: ElementType, shape: [Int?]) {
      self.name = name
      self.type = type
      self.shape = shape
    }
  }

  public var name: String
  /// The version of ONNX's default operator set that gives the nodes their meaning.
  public var operatorSet: Int
  public var nodes: [Node]
  /// Values that the file holds: parameters and constants, by name.
  public var initializers: [String: Tensor]
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
