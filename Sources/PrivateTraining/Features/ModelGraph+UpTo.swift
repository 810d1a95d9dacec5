internal import Models
internal import Tensors

extension ModelGraph {
  /// The part of the network that the value `name` is made from, with that value as its output.
  ///
  /// - Throws: ``PrivateTrainingError/noSuchTensor(name:near:)`` when no node makes it.
  func upTo(_ name: String) throws -> ModelGraph {
    guard nodes.contains(where: { $0.outputs.contains(name) }) else {
      let made = nodes.flatMap(\.outputs).filter { !$0.isEmpty }
      throw PrivateTrainingError.noSuchTensor(name: name, near: Array(made.suffix(12)))
    }
    var needed: Set<String> = [name]
    var kept: [Node] = []
    for node in nodes.reversed() where node.outputs.contains(where: needed.contains) {
      kept.append(node)
      needed.formUnion(node.inputs)
    }
    var copy = self
    copy.nodes = kept.reversed()
    copy.initializers = initializers.filter { needed.contains($0.key) }
    copy.inputs = inputs.filter { needed.contains($0.name) }
    copy.outputs = [.init(name: name, type: .float32, shape: [nil])]
    return copy
  }
}
