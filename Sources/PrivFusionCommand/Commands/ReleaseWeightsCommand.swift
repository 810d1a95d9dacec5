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

      Before anything is paid, the accuracy of a fused classifier is predicted from the number of \
      signatures, as `plan` does; a fusion that would be noise is refused (exit code 65).
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

  @Option(help: "A file of the fingerprints that may have signed, one a line.")
  var signers: String?

  @OptionGroup var forecast: ForecastOptions
  @OptionGroup var paying: PayingOptions

  func run() throws {
    if !paying.plan {
      try paying.checkOutputs(
        besides: [model, probe, architecture, commonInit, signers] + signatures)
    }
    let files = try signatures.map { try MessageFile($0) }
    if let stray = files.first(where: { $0.kind != .signature }) {
      throw MessageFileError.kind(stray.path, expected: .signature)
    }
    let messages = try MessageSet(files)
    try SignerCheck.check(messages, against: signers)
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
    try forecast.check(party, parties: messages.signatures.count, isPlan: paying.plan)
    let release = MessageRelease(
      paying: paying, kind: .weights, expenditures: party.plan.weightExpenditures,
      session: stated, probeFile: party.probeFile)
    if paying.plan { return try Terminal.show(release.planned(), asJSON: paying.json) }
    let anchor = try paying.anchor.map { try AnchorFile($0) }
    let ledger = try AnchorFile.open(paying.ledger, anchor: anchor)
    let index = try messages.index(of: ledger.signingKey.verificationKey)
    try OwnSignature(messages.signatures[index]).check(party, ledger)
    let result = try release.run(
      attachment: [], signatures: messages.digest, ledger, anchor: anchor
    ) {
      try party.session.weights(
        of: party.model, at: index, signatures: messages.signatures, through: $0)
    }
    try Terminal.show(result, asJSON: paying.json)
  }
}

/// The signature that the party itself released.
struct OwnSignature {
  private let file: MessageFile

  init(_ file: MessageFile) { self.file = file }

  /// Refuses weights of another model than the signature's: asks the ledger for the signature again,
  /// which must have it stored and to the bit.
  func check(_ party: ReleasingSession, _ ledger: DurableLedger) throws {
    let stored = try ledger.isStored(party.plan.signatureExpenditures)
    let again =
      try stored
      ? party.session.signature(
        of: party.model, through: DurableReleases(ledger, payingAgain: false)) : []
    let isSame =
      try again.count == file.count
      && again.enumerated().allSatisfy { try file.release(at: $0) == PackedRelease($1) }
    guard isSame else {
      throw Failure(
        "\(file.path): is signed with this ledger's key and was not released from it; give the one "
          + "that was", .data)
    }
  }
}

/// Whose messages are accepted.
enum SignerCheck {
  /// Names the senders, or refuses one that a list does not hold.
  static func check(_ messages: MessageSet, against list: String?) throws {
    let known = try list.map { try SignerList(contentsOf: $0).fingerprints }
    for file in messages.signatures {
      Terminal.note("\(file.path) is from \(file.sender.fingerprint)")
      if let known, let list, !known.contains(file.sender.fingerprint) {
        throw Failure(
          "\(file.path): is signed by \(file.sender.fingerprint), which \(list) does not list",
          .data)
      }
    }
    if known == nil {
      Terminal.note(
        "any sender is accepted: compare the fingerprints with the parties, and list them in a file "
          + "for --signers")
    }
    if messages.signatures.count == 1 {
      Terminal.note("there is only one party: nothing will be fused with its model")
    }
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
