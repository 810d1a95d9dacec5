internal import Models
internal import PrivateTraining
internal import Tensors
internal import Training

/// A head trained without privacy: a control, not for release.
struct OpenHead {
  /// Passes over the data; enough for a linear model on unit vectors to settle.
  private static let epochs = 12
  private static let learningRate = 0.05

  let seed: UInt64

  /// - Parameters:
  ///   - features: Shape `[records, dimension]`.
  ///   - labels: In `0 ..< classes`.
  func train(features: Tensor, labels: [Int], classes: Int) throws -> LinearHead {
    let dimension = features.shape[1]
    let empty = ModelGraph(
      name: "head", operatorSet: 17, nodes: [], initializers: [:],
      inputs: [.init(name: "features", type: .float32, shape: [nil, dimension])],
      outputs: [.init(name: "features", type: .float32, shape: [nil, dimension])])
    let start = try empty.adding(
      LinearHead(
        weight: .zeros([classes, dimension]), bias: .zeros([classes])))
    let data = try LabeledData(
      inputs: ["features": features], labels: Tensor(indices: labels))
    let trained = try Trainer(
      epochs: Self.epochs, batchSize: 256, learningRate: Self.learningRate, seed: seed
    ).train(start, on: data)
    guard let head = trained.linearHead else { throw EvaluationError.noSamples }
    return head
  }
}
