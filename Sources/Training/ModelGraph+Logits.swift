public import Models

extension ModelGraph {
  /// The name of the value that holds the first output's logits.
  ///
  /// It is the output itself, or what a `Softmax` or `LogSoftmax` that makes the output reads: both
  /// training and scoring then start from logits, whichever way a model was exported.
  public var logitsName: String? {
    guard var name = outputs.first?.name else { return nil }
    for node in nodes.reversed() where node.outputs.first == name {
      guard ["Softmax", "LogSoftmax", "Identity"].contains(node.operation),
        let source = node.inputs.first
      else { break }
      name = source
      if node.operation != "Identity" { break }
    }
    return name
  }
}
