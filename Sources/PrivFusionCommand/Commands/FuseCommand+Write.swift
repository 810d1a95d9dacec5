internal import Evaluation
internal import ModelFormats
internal import Models
internal import PrivFusion

extension FuseCommand {
  /// Writes the fused model, or what a comparison recommends.
  ///
  /// - Parameters:
  ///   - selection: Where the recommended model is to be written; the fused one when left out.
  ///   - first: Whose graph, names and documentation the file has.
  ///   - parties: In the order of the fusion.
  ///   - outcome: Of the fusion.
  ///   - metadata: Notes of the fused file.
  /// - Returns: What was written instead of the fused model, by name.
  func write(
    _ selection: FuseComparison.Report?, first: ModelFile, parties: [PartyModel],
    _ outcome: FusionOutcome, metadata: [String: String]
  ) throws -> String? {
    var metadata = metadata
    var parameters = outcome.fused
    var role = MergeRole.fused
    switch selection {
    case nil: break
    case .released(let comparison):
      // Nothing else than these two can be recommended in a private run.
      switch comparison.recommendation.model {
      case .fused: break
      case .average:
        guard let average = outcome.withoutFilter else { break }
        (parameters, role) = (average, .average)
      }
    case .open(let open):
      role = open.comparison.recommendation.model.role
      switch role {
      case .fused: break
      case .average: parameters = try FusionSession.plainAverage(parties)
      case .parent(let index): parameters = parties[index].parameters
      case .ensemble:
        metadata["privfusion.selected"] = role.name
        let graph = try first.graph.ensemble(parties.map(\.parameters))
        try ONNXModel(graph: graph, producer: "privfusion")
          .write(to: options.output, metadata: metadata)
        return role.name
      }
    }
    if role != .fused { metadata["privfusion.selected"] = role.name }
    try first.model.write(to: options.output, replacing: parameters, metadata: metadata)
    return role == .fused ? nil : role.name
  }
}
