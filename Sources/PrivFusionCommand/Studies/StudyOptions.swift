internal import ArgumentParser
internal import Evaluation
internal import Models
internal import PrivFusion
internal import Training

/// How a study's records are dealt.
enum SplitKind: String, ExpressibleByArgument, CaseIterable {
  case iid
  case dirichlet

  func split(parties: Int, concentration: Double) -> DataSplit {
    let shards = max(10, parties)
    return switch self {
    case .iid: .iid(shards: shards)
    case .dirichlet: .dirichlet(concentration: concentration, shards: shards)
    }
  }
}

/// The networks that studies are made with.
enum StudyNetwork: String, ExpressibleByArgument, CaseIterable {
  case mlp
  case cnn
  case cnnBn = "cnn-bn"
  case resnet

  var architecture: Architecture {
    switch self {
    case .mlp: .mlp(inputs: 784, hidden: [256, 128], classes: 10)
    case .cnn, .cnnBn:
      .cnn(channels: 1, height: 28, width: 28, classes: 10, batchNormalization: self == .cnnBn)
    case .resnet:
      .resnet(
        channels: 1, height: 28, width: 28, blocks: [1, 1, 1], widths: [16, 32, 64], classes: 10)
    }
  }

  /// Passes over a party's data.
  var epochs: Int { self == .mlp ? 12 : 8 }

  /// The adapter's steps for this network.
  func adapter(hasCommonStart: Bool) -> FusionSettings.Adapter {
    FusionSettings.Adapter(
      steps: self == .mlp ? 300 : 150, rate: hasCommonStart ? 5e-4 : 1e-3)
  }
}
