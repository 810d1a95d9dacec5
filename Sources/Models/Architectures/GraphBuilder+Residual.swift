extension GraphBuilder {
  mutating func resnet(
    _ image: ImageShape, stages: [(blocks: Int, width: Int)], classes: Int
  ) throws -> ModelGraph {
    var width = stages[0].width
    var value = try convolution(
      "x", name: "conv1", inputs: image.channels, outputs: width, kernel: 3, stride: 1,
      padding: 1, bias: false)
    value = try batchNormalization(value, name: "bn1", size: width)
    value = relu(value, name: "relu")
    for (index, stage) in stages.enumerated() {
      for block in 0..<stage.blocks {
        value = try basicBlock(
          value, name: "layer\(index + 1).\(block)", inputs: width, outputs: stage.width,
          stride: index > 0 && block == 0 ? 2 : 1)
        width = stage.width
      }
    }
    value = append("GlobalAveragePool", "avgpool", [value])
    value = flatten(value)
    _ = try linear(
      value, name: "logits", inputs: width, outputs: classes, parameters: "fc", gain: 1)
    return graph(name: "resnet", sample: image.sizes, classes: classes)
  }

  /// Two 3x3 convolutions beside the identity, or beside a 1x1 convolution where shapes change.
  private mutating func basicBlock(
    _ x: String, name: String, inputs: Int, outputs: Int, stride: Int
  ) throws -> String {
    var value = try convolution(
      x, name: "\(name).conv1", inputs: inputs, outputs: outputs, kernel: 3, stride: stride,
      padding: 1, bias: false)
    value = try batchNormalization(value, name: "\(name).bn1", size: outputs)
    value = relu(value, name: "\(name).relu1")
    value = try convolution(
      value, name: "\(name).conv2", inputs: outputs, outputs: outputs, kernel: 3, stride: 1,
      padding: 1, bias: false)
    value = try batchNormalization(value, name: "\(name).bn2", size: outputs)
    var shortcut = x
    if stride != 1 || inputs != outputs {
      shortcut = try convolution(
        x, name: "\(name).downsample.0", inputs: inputs, outputs: outputs, kernel: 1,
        stride: stride, padding: 0, bias: false)
      shortcut = try batchNormalization(shortcut, name: "\(name).downsample.1", size: outputs)
    }
    value = append("Add", "\(name).add", [value, shortcut])
    return relu(value, name: "\(name).relu2")
  }
}
