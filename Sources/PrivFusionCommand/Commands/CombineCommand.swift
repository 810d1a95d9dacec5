internal import ArgumentParser
internal import LocalPrivacy
internal import MessageFiles
internal import ModelFormats
internal import Models
internal import PrivFusion
internal import Tensors

struct CombineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "combine",
    abstract: "Fuses the messages of all parties into one model; anyone can, and gets the same.",
    discussion: """
      Give the signature and the weights of every party, in any order: the same files give the same \
      bytes on one machine. No model of a party and no ledger is needed. Nothing is spent: all is \
      computed from what was released.

      A model that was trained with record-level privacy needs no message: it may be sent as it is. \
      With --require-record-privacy the files are such models, each with a certificate that \
      verifies, and they are fused as `fuse` does it.
      """)

  @Argument(
    help: ArgumentHelp(
      "Signatures and weights of all parties; or certified models.", valueName: "FILE"))
  var messages: [String]

  @Option(help: "Public inputs; by default the file that the messages name.")
  var probe: String?

  @Option(help: "The fused model to write.")
  var output: String

  @Option(help: "The common initialisation, if the session has one.")
  var commonInit: String?

  @Option(help: "Public features of the probe, to decode noisy votes with (see `features`).")
  var trunk: String?

  @Option(help: "Also write the votes' student, a head on the features of --trunk.")
  var student: String?

  @OptionGroup var certificates: CertificateOptions

  @Flag(help: "Stop at the average, without perturbation filter and adapter.")
  var noFilter = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard student == nil || trunk != nil else {
      throw ValidationError("--student needs --trunk: it is a head on public features")
    }
    try certificates.validateTogether(signersAlone: true)
    guard certificates.requireRecordPrivacy else { return }
    guard probe != nil, trunk == nil else {
      throw ValidationError(
        "--require-record-privacy needs --probe, and no --trunk: there are no votes to decode")
    }
  }

  func run() throws {
    if certificates.requireRecordPrivacy { return try fuseCertified() }
    try OutputPlace.checkFile(output, besides: [probe, commonInit, trunk, student] + messages)
    try student.map {
      try OutputPlace.checkFile($0, besides: [probe, commonInit, trunk, output] + messages)
    }
    let set = try MessageSet(messages.map { try MessageFile($0) })
    guard let unpaired = set.signatures.first, !set.weights.isEmpty else {
      throw MessageFileError.unpaired(
        set.signatures[0].path, missing: .weights, sender: set.signatures[0].sender.fingerprint)
    }
    try SignerCheck.check(set, against: certificates.signers)
    let graph = try ArchitectureEncoding.graph(from: unpaired.architecture, path: unpaired.path)
    let probePath = try ProbeLookup.path(probe, for: set)
    let inputs = try ProbeLookup.data(at: probePath, for: graph, in: set.session)
    let bar = ProgressBar("combine")
    bar.update(0, "prove permutation groups")
    let shared = try Failure.about(data: probePath, for: unpaired.path) {
      try SharedArchitecture(graph, probe: inputs.inputs, seed: set.session.seed)
    }
    let features = try trunk.map { try ProbeFeatures($0, of: inputs) }
    var settings = try SessionSettings.settings(
      set.session, shared, commonInitialization: commonStart(graph, set.session))
    settings.usesFilter = !noFilter
    settings.keepsStages = false
    settings.publicFeatures = features?.values
    let outcome = try FusionSession(shared, settings: settings).combine(
      signatures: set.signatures, weights: set.weights
    ) { phase, fraction in bar.update(fraction, phase.rawValue) }
    bar.finish()
    try write(outcome, graph, groups: shared.groups.groups.count, features, set)
  }

  /// Models that their own training protects are fused as they are.
  private func fuseCertified() throws {
    let arguments =
      ["--probe", probe ?? "", "--output", output]
      + (commonInit.map { ["--common-init", $0] } ?? []) + (noFilter ? ["--no-filter"] : [])
      + (json ? ["--json"] : []) + certificates.arguments
    try FuseCommand.parse(arguments + ["--"] + messages).run()
  }

  private func write(
    _ outcome: FusionOutcome, _ graph: ModelGraph, groups: Int, _ features: ProbeFeatures?,
    _ set: MessageSet
  ) throws {
    let metadata = try FuseMetadata.metadata(outcome, set.signatures.count, [])
    try ONNXModel(graph: graph.replacing(outcome.fused), producer: "privfusion").write(
      to: output, metadata: metadata)
    if let student, let features, let votes = outcome.votes {
      try ONNXModel(graph: features.student(votes: votes), producer: "privfusion").write(
        to: student, metadata: metadata)
      Terminal.note("wrote the votes' student to \(student)")
    }
    try Terminal.show(
      FuseResult(
        outcome, output: output, digest: FileDigest(contentsOf: output).hexadecimal,
        models: messages, groups: groups, certified: []), asJSON: json)
  }

  private func commonStart(
    _ graph: ModelGraph, _ session: SessionDescription
  ) throws -> [String: Tensor]? {
    guard let digest = session.commonInitialization else {
      guard commonInit == nil else {
        throw Failure("--common-init: this session has no common initialisation", .usage)
      }
      return nil
    }
    guard let path = commonInit else {
      throw Failure("this session's models started from one: give it with --common-init", .usage)
    }
    let file = try ModelFile(path)
    guard try ParameterDigest(of: file.graph).description == digest else {
      throw Failure("\(path): is not the common initialisation of this session", .data)
    }
    return try Failure.about(path) {
      try ArchitectureMatch(graph, file.graph).renamed(file.graph.initializers)
    }
  }
}
