internal import ArgumentParser
internal import LocalPrivacy

/// The flags of training with record-level privacy.
struct RecordPrivacyOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Train so that one record more or less hardly shows: the privacy loss per record.",
      valueName: "epsilon"))
  var recordEpsilon: Double?

  @Option(
    parsing: .unconditional,
    help: "The probability with which the loss may be greater; far below 1 over the records.")
  var delta: Double?

  @Option(help: "The party's ledger, debited before training; made when there is none.")
  var ledger: String?

  @OptionGroup var anchorOptions: AnchorOptions

  @Option(parsing: .unconditional, help: "The greatest norm of one record's gradient.")
  var clip: Double?

  @Option(
    help: """
      How many parties will be fused: the more, the noisier each may be, since their noise \
      averages out (default: 1, for a model that serves the party alone).
      """)
  var parties: Int?

  @Option(help: "The number of classes, where the party has not all of them.")
  var classes: Int?

  @Option(help: "The name of the debit (default: train and the output's name).")
  var name: String?

  @Option(help: "A signed receipt to write; see `receipt`.")
  var receipt: String?

  @Flag(help: "Say the exact number of records in the certificate, not just its power of two.")
  var publicSize = false

  @Flag(help: "Pay once more for a training that was interrupted.")
  var payAgain = false

  /// The greatest loss that a training is done for: a record may then be e^100 times as likely.
  private static let greatestEpsilon = 100.0

  /// What was kept elsewhere of the ledger.
  var anchor: String? { anchorOptions.anchor }

  /// Whether record-level privacy is asked for.
  var isAsked: Bool { recordEpsilon != nil }

  func validate() throws {
    guard isAsked else {
      let stray: [(String, Bool)] = [
        ("--delta", delta != nil), ("--ledger", ledger != nil), ("--anchor", anchor != nil),
        ("--clip", clip != nil),
        ("--parties", parties != nil), ("--classes", classes != nil), ("--name", name != nil),
        ("--public-size", publicSize), ("--pay-again", payAgain),
        ("--receipt", receipt != nil),
      ]
      if let (flag, _) = stray.first(where: { $0.1 }) {
        throw ValidationError("\(flag) needs --record-epsilon")
      }
      return
    }
    if let recordEpsilon, recordEpsilon.isFinite, recordEpsilon > Self.greatestEpsilon {
      throw ValidationError(
        """
        --record-epsilon must be at most 100, got \(recordEpsilon): a loss above that protects \
        nothing; give a smaller one, or train without --record-epsilon and keep the model
        """)
    }
    guard delta != nil else {
      throw ValidationError("--record-epsilon needs --delta, such as 1e-5")
    }
    guard ledger != nil else {
      throw ValidationError("--record-epsilon needs --ledger: what is spent is kept in a file")
    }
    if let parties, parties < 1 {
      throw ValidationError("--parties must be at least 1, got \(parties)")
    }
    if let classes, classes < 2 {
      throw ValidationError("--classes must be at least 2, got \(classes)")
    }
    if let clip, !(clip > 0 && clip <= 4) {
      throw ValidationError("--clip must be above 0 and at most 4, got \(clip)")
    }
  }

  /// The loss that is asked for.
  ///
  /// - Throws: `PrivacyError` when epsilon or delta is out of range.
  func budget() throws -> RecordBudget {
    guard let recordEpsilon, let delta else {
      throw ValidationError("give --record-epsilon and --delta")
    }
    return try RecordBudget(epsilon: recordEpsilon, delta: delta)
  }
}
