internal import ArgumentParser
internal import LocalPrivacy
internal import MessageFiles
internal import ModelFormats
internal import PrivFusion

struct ReleaseSignatureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "signature",
    abstract: "Releases what a party's neurons do on the public probe, and its votes.",
    discussion: """
      With --parties the accuracy of the fused classifier is predicted before anything is paid, as \
      `plan` does; a fusion that would be noise is refused (exit code 65).
      """)

  @Argument(help: ArgumentHelp("The party's model.", valueName: "MODEL.onnx"))
  var model: String

  @Option(help: "Public inputs, .npz; the same for everyone.")
  var probe: String

  @Option(
    parsing: .unconditional,
    help: "Privacy loss of each released number taken alone, from 0.001 to 20.")
  var epsilon: Double

  @Option(parsing: .unconditional, help: "Privacy loss of each vote; --epsilon when left out.")
  var voteEpsilon: Double?

  @Option(help: "How many parties will take part, for the prediction.")
  var parties: Int?

  @OptionGroup var forecast: ForecastOptions
  @OptionGroup var options: SessionOptions
  @OptionGroup var paying: PayingOptions

  func validate() throws {
    if let parties, parties < 1 {
      throw ValidationError("--parties must be above 0, got \(parties)")
    }
    guard parties != nil || !forecast.evenIfNoise else {
      throw ValidationError("--even-if-noise needs --parties: without them nothing is predicted")
    }
  }

  func run() throws {
    _ = try NumericMechanism(.duchi, epsilon: epsilon)
    _ = try RandomizedResponse(categories: 2, epsilon: voteEpsilon ?? epsilon)
    if !paying.plan {
      try paying.checkOutputs(besides: [model, probe, options.architecture, options.commonInit])
    }
    let party = try ReleasingSession(
      model: model, probe: probe, epsilon: epsilon, voteEpsilon: voteEpsilon ?? epsilon, options)
    if let parties { try forecast.check(party, parties: parties, isPlan: paying.plan) }
    let release = MessageRelease(
      paying: paying, kind: .signature, expenditures: party.plan.signatureExpenditures,
      session: party.description, probeFile: party.probeFile)
    if paying.plan { return try Terminal.show(release.planned(), asJSON: paying.json) }
    let anchor = try paying.anchor.map { try AnchorFile($0) }
    let ledger = try MessageRelease.ledger(
      paying.ledger, anchor: anchor, limit: max(epsilon, voteEpsilon ?? epsilon))
    let result = try release.run(
      attachment: party.architecture, signatures: nil, ledger, anchor: anchor
    ) { try party.session.signature(of: party.model, through: $0) }
    try Terminal.show(result, asJSON: paying.json)
  }
}
