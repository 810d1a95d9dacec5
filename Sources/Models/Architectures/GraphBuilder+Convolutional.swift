extension GraphBuilder {
  mutating func cnn(_ image: ImageShape, classes: Int, batchNormalization: Bool) throws
    -> ModelGraph
  {
    var value = try convolution(
      "x", name: "conv1", inputs: image.channels, outputs: 32, kernel: 5, stride: 2, padding: 2,
      bias: !batchNormalization)
    if batchNormalization { value = try self.batchNormalization(value, name: "bn1", size: 32) }
    value = relu(value, name: "relu1")
    value = try convolution(
      value, name: "conv2", inputs: 32, outputs: 64, kernel: 3, stride: 2, padding: 1,
      bias: !batchNormalization)
    if batchNormalization { value = try self.batchNormalization(value, name: "bn2", size: 64) }
    value = relu(value, name: "relu2")
    value = flatten(value)
    // Padding keeps every other position, so each convolution halves an axis and rounds up.
    let positions = halvedTwice(image.height) * halvedTwice(image.width)
    value = try linear(
      value, name: "fc1", inputs: 64 * positions, outputs: 128, bias: !batchNormalization)
    if batchNormalization { value = try self.batchNormalization(value, name: "bn3", size: 128) }
    value = relu(value, name: "relu3")
    _ = try linear(
      value, name: "logits", inputs: 128, outputs: classes, parameters: "fc2", gain: 1)
    return graph(
      name: batchNormalization ? "cnn-bn" : "cnn", sample: image.sizes, classes: classes)
  }

  private func halvedTwice(_ size: Int) -> Int { ((size + 1) / 2 + 1) / 2 }
}
