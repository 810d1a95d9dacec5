internal import Models

extension ModelGraph {
  /// Requires what a ``ModelGraph`` promises: nodes in topological order, no value made twice.
  ///
  /// - Throws: ``ModelFormatError/malformed(path:problem:)`` naming the value.
  func checkOrder(path: String) throws {
    func malformed(_ problem: String) -> ModelFormatError {
      .malformed(path: path, problem: problem)
    }
    var known = Set(initializers.keys)
    for input in inputs {
      guard known.insert(input.name).inserted else {
        throw malformed("input '\(input.name)' is there twice")
      }
    }
    for node in nodes {
      for input in node.inputs where !input.isEmpty && !known.contains(input) {
        throw malformed(
          "\(node.operation) node '\(node.name)' reads '\(input)', which nothing before it makes")
      }
      for output in node.outputs where !output.isEmpty {
        guard known.insert(output).inserted else { throw malformed("'\(output)' is made twice") }
      }
    }
    for output in outputs where !known.contains(output.name) {
      throw malformed("nothing makes the output '\(output.name)'")
    }
    guard !outputs.isEmpty else { throw malformed("its graph has no output") }
  }
}
