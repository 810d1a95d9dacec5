internal import ArgumentParser
internal import LocalPrivacy
internal import LocalPrivacySQLite
internal import MessageFiles
internal import PrivFusion

struct ReleaseWeightsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weights",
    abstract: "Aligns a party's neurons to everyone's signatures and releases its weights.",
    discussion: """
      The order in which the party's neurons stand in the common order never leaves it. Epsilon, \
      probe, seed and the session's name are those of the signatures.
      """)

  @Argument(help: ArgumentHelp("The party's model, as before.", valueName: "MODEL.onnx"))
  var model: String

  @Option(
    parsing: .upToNextOption, help: "The signatures of all parties, the party's own among them.")
  var signatures: [String]

  @Option(help: "Public inputs; by default the file that the signatures name.")
  var probe: String?

  @Option(help: "The public architecture, if the signature was released with one.")
  var architecture: String?

  @Option(help: "The common initialisation, if the signature was released with one.")
  var commonInit: String?

  @OptionGroup var paying: PayingOptions

  func run() throws {
    if !paying.plan { try OutputPlace.checkFile(paying.output) }
    let files = try signatures.map { try MessageFile($0) }
    if let stray = files.first(where: { $0.kind != .signature }) {
      throw MessageFileError.kind(stray.path, expected: .signature)
    }
    let messages = try MessageSet(files)
    let stated = messages.session
    var options = SessionOptions()
    options.architecture = architecture
    options.commonInit = commonInit
    options.session = stated.name
    options.seed = stated.seed
    // The own signature has stated them, or there are none.
    options.publicConstants = true
    let party = try ReleasingSession(
      model: model, probe: ProbeLookup.path(probe, for: messages), epsilon: stated.epsilon,
      voteEpsilon: stated.voteEpsilon, options)
    try SessionCheck.check(party.description, model: model, against: messages)
    let release = MessageRelease(
      paying: paying, kind: .weights, expenditures: party.plan.weightExpenditures,
      session: stated, probeFile: party.probeFile)
    if paying.plan { return try Terminal.show(release.planned(), asJSON: paying.json) }
    let ledger = try DurableLedger.open(at: paying.ledger)
    let index = try messages.index(of: ledger.signingKey.verificationKey)
    let result = try release.run(attachment: [], signatures: messages.digest, ledger) {
      try party.session.weights(
        of: party.model, at: index, signatures: messages.signatures, through: $0)
    }
    try Terminal.show(result, asJSON: paying.json)
  }
}

/// Refuses a model or a probe that is not the messages'.
enum SessionCheck {
  static func check(
    _ own: SessionDescription, model: String, against messages: MessageSet
  ) throws {
    guard let difference = own.difference(to: messages.session) else { return }
    throw Failure(
      "\(model): does not fit \(messages.signatures[0].path): its \(difference.what) is "
        + "\(difference.own), not \(difference.other)", .data)
  }
}
