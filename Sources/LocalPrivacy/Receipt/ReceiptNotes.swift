/// What a receipt says in words: fixed by the format's version and the kind of release, so that no
/// signer can say anything of its own there.
struct ReceiptNotes {
  private let isAboutRecords: Bool
  private let isClipped: Bool

  init(_ releases: [PrivacyReceipt.Release]) {
    isAboutRecords = releases.contains { $0.unit == .record }
    // A debit of before radii were recorded names the mechanism, and all of numbers are clipped.
    isClipped = releases.compactMap(\.expenditure).contains {
      $0.parameters?.areOfClipped == true
        || NumericMechanism.Kind(rawValue: $0.mechanismName) != nil
    }
  }

  static func neighbours(of unit: PrivacyUnit) -> String {
    switch unit {
    case .value: "any two values of one released datum, taken alone"
    case .model: "any two models of the party"
    case .record:
      "zero-out: one record replaced by an empty one; the number of records is public"
    }
  }

  var bias: OrderedJSON {
    .object([
      (
        "estimates",
        .text(
          isAboutRecords
            ? "every noisy sum is unbiased for the sum of the clipped contributions"
            : "unbiased, given the integers of the mechanism")
      ),
      (
        "clipping",
        .text(
          isAboutRecords
            ? "each record's contribution is clipped to a public norm, which biases the sums"
            : isClipped
              ? "values beyond the public bounds are moved to them, which biases their estimates"
              : "none")
      ),
    ])
  }

  var sideChannels: OrderedJSON {
    .object([
      (
        "noise",
        .text(
          "sampled exactly in integers; no output is possible for one input and impossible for another"
        )
      ),
      (
        "time",
        .text(
          isAboutRecords
            ? "the time of training is not hidden from whoever watches the party's machine"
            : "sampling does not branch on values; all else that the machine does is not hidden")
      ),
      (
        "size",
        .text("the number and the size of releases are public and depend on public things only")
      ),
    ])
  }

  var trustModel: OrderedJSON {
    .object([
      ("model", .text("local: the party draws the noise before anything leaves it")),
      (
        "trusted", .text("the party's own machine and software; no peer, server or recipient")
      ),
      (
        "not_shown",
        .text("that the party ran the mechanism as stated, or that this is its only ledger")
      ),
    ])
  }

  var security: OrderedJSON {
    .object([
      (
        "randomness",
        .text(
          "a fresh 256-bit key of the operating system, expanded by AES-256 in counter mode")
      ),
      ("guarantee", .text("computational, as far as the cipher is")),
      ("signature", .text("Ed25519")),
    ])
  }

  var accessControl: OrderedJSON {
    .object([
      (
        "ledger",
        .text("one file that others than its owner may not read or write, with the signing key")
      ),
      ("debit", .text("durable before any noise is drawn; never refunded")),
      ("repeats", .text("the same request gives the same stored bytes and spends nothing")),
    ])
  }
}
