internal import Evaluation
internal import Foundation
internal import ModelFormats
internal import Models
internal import Tensors

/// Fashion-MNIST (Xiao, Rasul, Vollgraf 2017) from its four idx files.
struct FashionMNIST: Sendable {
  private let trainingImages: Tensor
  private let trainingLabels: Tensor
  private let testImages: Tensor
  private let testLabels: Tensor

  init(directory: String) throws {
    func read(_ name: String) throws -> Tensor {
      let path = "\(directory)/\(name)-ubyte.gz"
      guard FileManager.default.fileExists(atPath: path) else {
        throw Failure(
          """
          \(path) is missing: run `make demo`, which fetches Debian's package \
          dataset-fashion-mnist, or name the folder of the four files with --data-directory
          """, .noInput)
      }
      return try IDXFile(contentsOf: path).tensor
    }
    trainingImages = try read("train-images-idx3")
    trainingLabels = try read("train-labels-idx1")
    testImages = try read("t10k-images-idx3")
    testLabels = try read("t10k-labels-idx1")
  }

  /// The classes of the probe's images, shape `[2000]`: to score what was said of them, and for
  /// nothing else.
  func probeLabels() throws -> Tensor {
    let count = trainingLabels.shape[0]
    return try trainingLabels.slice(count - 2000..<count).cast(to: .int64)
  }

  /// The data as an architecture takes them.
  func data(for architecture: Architecture, probeCount: Int = 2000) throws -> StudyData {
    let shape =
      switch architecture {
      case .mlp: [784]
      default: [1, 28, 28]
      }
    return try StudyData(
      trainingImages: trainingImages, trainingLabels: trainingLabels, testImages: testImages,
      testLabels: testLabels, shape: shape, probeCount: probeCount)
  }
}
