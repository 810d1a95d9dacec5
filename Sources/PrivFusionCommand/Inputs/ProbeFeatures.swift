internal import ModelFormats
internal import Models
internal import PrivFusion
internal import PrivateTraining
internal import Tensors

/// The probe seen through a public trunk: what noisy votes are decoded with.
struct ProbeFeatures {
  let trunk: ModelGraph
  /// Shape `[m, dimension]`.
  let values: Tensor

  /// - Parameters:
  ///   - path: The trunk's file.
  ///   - probe: The probe, whose samples may have another shape of as many numbers: a picture for
  ///     the trunk, a row for the models.
  init(_ path: String, of probe: DataFile) throws {
    let file = try ModelFile(path)
    guard file.graph.inputs.count == 1, let port = file.graph.inputs.first,
      probe.inputs.count == 1, let samples = probe.inputs.values.first
    else { throw Failure("\(path): a trunk serves models of one input", .data) }
    trunk = file.graph
    let shape = [samples.shape[0]] + port.shape.dropFirst().map { $0 ?? -1 }
    values = try Failure.about(data: probe.path, for: path) {
      try FeatureMap(file.graph).features([
        port.name: samples.cast(to: port.type).reshaped(shape)
      ])
    }
  }

  /// The trunk with a head taught by the votes.
  func student(votes: Tensor) throws -> ModelGraph {
    let head = try VoteHead(features: values, posterior: votes)
    return try trunk.adding(LinearHead(weight: head.weight, bias: head.bias))
  }
}
