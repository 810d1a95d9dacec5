internal import Foundation
internal import MessageFiles
internal import ModelFormats
internal import Models
internal import PrivFusion
internal import Tensors

/// A session as a party sees it: what all have in common, and the party's own model.
struct ReleasingSession {
  let session: FusionSession
  let shared: SharedArchitecture
  let description: SessionDescription
  let plan: FusionPlan
  let model: PartyModel
  /// The architecture that is stated, without anything learnt.
  let architecture: [UInt8]
  let probeFile: String

  /// - Parameters:
  ///   - epsilon: The loss of each released number.
  ///   - voteEpsilon: The loss of each vote.
  init(
    model path: String, probe probePath: String, epsilon: Double, voteEpsilon: Double,
    _ options: SessionOptions
  ) throws {
    let file = try ModelFile(path)
    let common = try options.commonInit.map { try ModelFile($0) }
    let stated = try options.architecture.map { try ModelFile($0) } ?? common
    if let stated { try PrivacyNotes.requirePublic(stated, as: "an architecture") }
    let constants = file.graph.withoutUnused().statedConstants
    guard stated != nil || options.publicConstants || constants.isEmpty else {
      throw Failure(
        """
        \(path): holds numbers or texts outside its parameters (\(constants.prefix(3).joined(separator: ", "))\
        \(constants.count > 3 ? " and \(constants.count - 3) more" : "")), which the message would \
        state as they are. Give a public network with the same ones by --architecture, or say with \
        --public-constants that none of them was learnt
        """, .data)
    }
    let base = stated ?? file
    let match = try base.match(file)
    let graph = try base.graph.withoutWeights()
    architecture = try ArchitectureEncoding.bytes(of: graph)
    model = PartyModel(name: path, parameters: match.renamed(file.graph.initializers))
    let probe = try DataFile(probePath, for: base.graph)
    probeFile = URL(fileURLWithPath: probePath).lastPathComponent
    guard probeFile.isPlain, options.session.isEmpty || options.session.isPlain else {
      throw Failure(
        "--session and the name of the probe's file are sent: at most 1024 letters that print",
        .usage)
    }
    shared = try Failure.about(data: probePath, for: path) {
      try SharedArchitecture(graph, probe: probe.inputs, seed: options.seed)
    }
    description = SessionDescription(
      name: options.session, architecture: SessionDescription.digest(ofArchitecture: architecture),
      probe: .init(
        sha256: try ParameterDigest(of: probe.inputs).description, count: shared.probe.count),
      epsilon: epsilon, voteEpsilon: voteEpsilon, seed: options.seed,
      commonInitialization: try common.map { try ParameterDigest(of: $0.graph).description })
    let start = try common.map { try base.match($0).renamed($0.graph.initializers) }
    let settings = try SessionSettings.settings(
      description, shared, commonInitialization: start)
    session = try FusionSession(shared, settings: settings)
    plan = try FusionPlan(shared, settings: settings, parties: 1)
  }
}

/// How a session's description becomes settings: the same way at every party.
enum SessionSettings {
  static func settings(
    _ description: SessionDescription, _ shared: SharedArchitecture,
    commonInitialization: [String: Tensor]?
  ) throws -> FusionSettings {
    var settings = FusionSettings(
      disclosure: .randomized(
        epsilon: description.epsilon, voteEpsilon: description.voteEpsilon),
      matching: .activations, adapter: shared.recommendedAdapter(),
      commonInitialization: commonInitialization, seed: description.seed)
    settings.choosesPath = true
    settings.sessionName = try description.identifier
    return settings
  }
}
