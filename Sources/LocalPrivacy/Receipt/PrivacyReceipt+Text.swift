/// The one text of a receipt.
extension PrivacyReceipt {
  /// The receipt as JSON, for a file: two spaces a level, members in the order of NIST SP 800-226.
  public var text: String { body + Self.seam + signature + Self.ending }

  /// The signed bytes: a line that no other protocol signs, and the text up to the comma before its
  /// signature.
  var message: [UInt8] { Array((Self.format + "\n" + body).utf8) }

  private static let seam = ",\n  \"signature\": \""
  private static let ending = "\"\n}\n"

  /// The text up to the comma before its signature.
  private var body: String {
    // Longer than a line, so that it ends with a line of its own brace.
    String(document.rendered(indent: 0).dropLast(2))
  }

  private var document: OrderedJSON {
    let notes = ReceiptNotes(releases)
    return .object([
      ("format", .text(Self.format)),
      ("version", .integer(UInt64(Self.version))),
      ("epsilon", loss),
      ("mechanism", .array(releases.map(\.mechanism))),
      (
        "accounting",
        .object([
          ("releases", .array(composed.map(\.json))),
          ("ledger", .array(ledgerComposed.map(\.json))),
        ])
      ),
      ("bias", notes.bias),
      ("side_channels", notes.sideChannels),
      ("trust_model", notes.trustModel),
      ("security", notes.security),
      ("access_control", notes.accessControl),
      (
        "data_collection",
        .object([
          (
            "collected",
            .text("what is listed here, already randomised; its inputs stay with the party")
          ),
          ("releases", .array(releases.map(\.collected))),
        ])
      ),
      (
        "ledger",
        .object([
          ("genesis", .text(ledger.genesis)), ("head", .text(ledger.head)),
          ("chain_length", .integer(UInt64(ledger.chainLength))),
        ])
      ),
      ("public_key", .text(publicKey)),
    ])
  }

  /// The greatest loss of a datum, and the tightest bounds of all together.
  private var loss: OrderedJSON {
    let unit = releases.first?.unit ?? .value
    return .object([
      ("unit", .text(unit.rawValue)),
      ("neighbours", .text(ReceiptNotes.neighbours(of: unit))),
      ("epsilon", .number(releases.map(\.epsilon).max() ?? 0)),
      ("delta", .number(releases.map(\.delta).max() ?? 0)),
      ("composed", .array(tightest.map(\.summary))),
      ("ledger", .array(ledgerTightest.map(\.summary))),
    ])
  }
}

extension PrivacyReceipt.Release {
  fileprivate var mechanism: OrderedJSON {
    var members: [(name: String, value: OrderedJSON)] = [
      ("entry", .integer(UInt64(entry)))
    ]
    switch loss {
    case .values(let expenditure):
      let parameters = expenditure.parameters
      members.append(("name", .text(expenditure.mechanismName)))
      members.append(
        (
          "integers",
          .object((parameters?.ordered ?? []).map { ($0.name, .integer($0.value)) })
        ))
      if let radius = parameters?.clippingRadius {
        members.append(("clipping_radius", .number(radius)))
      }
    case .record(let loss):
      members.append(("name", .text(RecordStatement.mechanismName)))
      members.append(
        (
          "integers",
          .object([
            ("steps", .integer(UInt64(loss.procedure.steps))),
            ("added_variance", .integer(UInt64(GaussianGrid.roundingVariance))),
          ])
        ))
      members.append(("noise_multiplier", .number(loss.procedure.noiseMultiplier)))
      switch loss.procedure.sampling {
      case .everyRecord: members.append(("sampling", .text("every record")))
      case .poisson(let probability):
        members.append(("sampling", .text("poisson")))
        members.append(("sampling_probability", .number(probability)))
      }
    }
    members.append(("epsilon", .number(epsilon)))
    members.append(("delta", .number(delta)))
    return .object(members)
  }

  fileprivate var collected: OrderedJSON {
    var members: [(name: String, value: OrderedJSON)] = [
      ("entry", .integer(UInt64(entry))), ("name", .text(name)),
    ]
    if let expenditure { members.append(("values", .integer(UInt64(expenditure.count)))) }
    members.append(("bytes", .integer(UInt64(byteCount))))
    members.append(("sha256", .text(digest)))
    return .object(members)
  }
}

extension LossBound {
  fileprivate var json: OrderedJSON {
    .object([
      ("unit", .text(unit.rawValue)), ("method", .text(method)), ("epsilon", .number(epsilon)),
      ("delta", .number(delta)),
    ])
  }

  fileprivate var summary: OrderedJSON {
    .object([
      ("unit", .text(unit.rawValue)), ("epsilon", .number(epsilon)), ("delta", .number(delta)),
    ])
  }
}
