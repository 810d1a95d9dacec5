internal import ArgumentParser
internal import ModelFormats
internal import Models

struct ArchitectureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "architecture",
    abstract: "Writes an untrained model.")

  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case mlp
    case cnn
    case cnnBn = "cnn-bn"
    case resnet18
  }

  @Argument(help: "mlp, cnn, cnn-bn (with batch normalisation) or resnet18.")
  var kind: Kind

  @Option(help: "The model to write.")
  var output: String

  @Option(help: "Inputs of an mlp.")
  var inputs = 784

  @Option(
    parsing: .upToNextOption, help: "Widths of an mlp's hidden layers, such as: --hidden 256 128")
  var hidden = [256, 128]

  @Option(help: "Channels of the images.")
  var channels = 1

  @Option(help: "Height of the images.")
  var height = 28

  @Option(help: "Width of the images.")
  var width = 28

  @Option(help: "Number of classes.")
  var classes = 10

  @Option(help: "For the initialisation.")
  var seed: UInt64 = 0

  func validate() throws {
    let sizes = [inputs, channels, height, width, classes] + hidden
    guard sizes.allSatisfy({ $0 > 0 }) else {
      throw ValidationError("sizes must be above 0, got \(sizes.filter { $0 <= 0 })")
    }
  }

  func run() throws {
    let graph = try architecture.untrained(seed: seed)
    try ONNXModel(graph: graph, producer: "privfusion").write(to: output)
    Terminal.note("wrote \(output): \(graph.parameterCount) parameters")
  }

  private var architecture: Architecture {
    switch kind {
    case .mlp: .mlp(inputs: inputs, hidden: hidden, classes: classes)
    case .cnn, .cnnBn:
      .cnn(
        channels: channels, height: height, width: width, classes: classes,
        batchNormalization: kind == .cnnBn)
    case .resnet18:
      .resnet18(channels: channels, height: height, width: width, classes: classes)
    }
  }
}
