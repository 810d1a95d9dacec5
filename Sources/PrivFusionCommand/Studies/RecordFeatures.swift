internal import Evaluation
internal import Foundation
internal import ModelFormats
internal import Models
internal import PrivateTraining
internal import Tensors
internal import Training

/// Fashion-MNIST seen through a public trunk: what the record-level studies are made of.
struct RecordFeatures: Sendable {
  let trunk: ModelGraph
  let training: Tensor
  let probe: Tensor
  let test: Tensor

  /// Learns the trunk from the probe, and evaluates it.
  ///
  /// - Parameter records: Which of the training images are seen, in this order; all when `nil`.
  init(_ kind: RecordTrunk, _ data: StudyData, records: [Int]? = nil, bar: ProgressBar) throws {
    guard let images = data.probe["x"], let training = data.training.inputs["x"] else {
      throw Failure("the study has no input x", .software)
    }
    bar.update(0, "learn public features")
    trunk = try kind.features.trunk(learntFrom: images)
    let map = try FeatureMap(trunk)
    let wanted = try records.map { try training.selecting($0, axis: 0) } ?? training
    let count = wanted.shape[0]
    var parts: [Tensor] = []
    for start in stride(from: 0, to: count, by: 2000) {
      bar.update(Double(start) / Double(count), "features of records")
      parts.append(
        try map.features(["x": wanted.slice(start..<min(start + 2000, count))]))
    }
    self.training = try Tensor.concatenated(parts)
    probe = try map.features(["x": images])
    test = try map.features(data.test.inputs)
  }

  /// The same, kept in a file between runs.
  init(_ kind: RecordTrunk, _ data: StudyData, cachedIn folder: String, bar: ProgressBar) throws {
    let path = "\(folder)/features-\(kind.rawValue).npz"
    let trunkPath = "\(folder)/trunk-\(kind.rawValue).onnx"
    if FileManager.default.fileExists(atPath: path),
      let archive = try? ArrayArchive(contentsOf: path),
      let training = archive["training"], let probe = archive["probe"], let test = archive["test"],
      let model = try? ONNXModel(contentsOf: trunkPath)
    {
      self.trunk = model.graph
      self.training = training
      self.probe = probe
      self.test = test
      return
    }
    self = try RecordFeatures(kind, data, bar: bar)
    try ONNXModel(graph: trunk, producer: "privfusion").write(to: trunkPath)
    try ArrayArchive.write(
      [("training", training), ("probe", probe), ("test", test)], to: path)
  }

  /// Parties that hold these shards.
  ///
  /// - Parameter records: The images that were seen, as ``init(_:_:records:bar:)`` was told.
  func study(_ data: StudyData, shards: [[Int]], records: [Int]? = nil) throws -> RecordStudy {
    let all: [Int64] = try data.training.labels.elements()
    let seen = records ?? Array(all.indices)
    let places = Dictionary(uniqueKeysWithValues: seen.enumerated().map { ($1, $0) })
    return RecordStudy(
      features: training, labels: seen.map { Int(all[$0]) },
      shards: shards.map { $0.compactMap { places[$0] } }, testFeatures: test,
      testLabels: data.test.labels, classes: 10)
  }
}
