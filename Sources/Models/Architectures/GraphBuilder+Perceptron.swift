extension GraphBuilder {
  mutating func mlp(inputs: Int, hidden: [Int], classes: Int) throws -> ModelGraph {
    var value = "x"
    var width = inputs
    for (index, next) in hidden.enumerated() {
      value = try linear(value, name: "fc\(index + 1)", inputs: width, outputs: next)
      value = relu(value, name: "relu\(index + 1)")
      width = next
    }
    _ = try linear(
      value, name: "logits", inputs: width, outputs: classes,
      parameters: "fc\(hidden.count + 1)", gain: 1)
    return graph(name: "mlp", sample: [inputs], classes: classes)
  }
}
