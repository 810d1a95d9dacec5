internal import Tensors

/// What one run of a graph on a small input shows: every value's shape, and the values that depend
/// on shapes and constants alone.
struct Trace {
  /// Shapes by value name; initializers and inputs included.
  let shapes: [String: [Int]]
  /// Element types by value name.
  let types: [String: ElementType]
  /// Values that no input's elements and no parameter take part in: computed shapes, masks.
  let fixedValues: [String: Tensor]

  /// - Parameter inputs: A small batch for every graph input.
  init(_ pass: ForwardPass, inputs: [String: Tensor], parameters: Set<String>) throws {
    let graph = pass.graph
    var shapes = graph.initializers.mapValues(\.shape)
    var types = graph.initializers.mapValues(\.elementType)
    var fixed = graph.initializers.filter { !parameters.contains($0.key) }
    var isFixed = Set(fixed.keys)
    for node in graph.nodes {
      // A shape is fixed whatever it is the shape of.
      let fromShape = node.operation == "Shape" || node.operation == "Size"
      if fromShape || node.inputs.allSatisfy({ $0.isEmpty || isFixed.contains($0) }) {
        isFixed.formUnion(node.outputs)
      }
    }
    try withoutGradients {
      try pass.visit(inputs) { name, tensor in
        shapes[name] = tensor.shape
        types[name] = tensor.elementType
        if isFixed.contains(name) { fixed[name] = tensor }
        return true
      }
    }
    self.shapes = shapes
    self.types = types
    fixedValues = fixed
  }
}
