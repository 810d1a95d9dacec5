import Foundation
import LocalPrivacy
import Testing

@Suite struct ReceiptTests {
  static let position = PrivacyReceipt.LedgerPosition(
    genesis: String(repeating: "ab", count: 32), head: String(repeating: "01", count: 32),
    chainLength: 40)

  /// What a ledger debits for so many outputs.
  static func debit(
    _ name: String, _ encoding: ReleaseEncoding, count: Int, epsilon: Double? = nil,
    parameters: MechanismParameters? = nil
  ) throws -> Expenditure {
    try Expenditure(
      name: name, count: count, epsilon: epsilon ?? encoding.epsilon, unit: .value,
      mechanismName: encoding.mechanismName, parameters: parameters ?? encoding.parameters)
  }

  static func release(
    _ entry: Int, _ debit: Expenditure, byteCount: Int
  ) -> PrivacyReceipt.Release {
    PrivacyReceipt.Release(
      entry: entry, name: debit.name, loss: .values(debit), byteCount: byteCount,
      digest: [UInt8](repeating: UInt8(entry), count: 32))
  }

  static func piecewise(epsilon: Double = 4) throws -> ReleaseEncoding {
    .numbers(
      try NumericMechanism(.piecewise, epsilon: epsilon), radius: try ClippingRadius(2.5))
  }

  static func votes(epsilon: Double = 2) throws -> ReleaseEncoding {
    .labels(try RandomizedResponse(categories: 10, epsilon: epsilon))
  }

  /// Of two releases, in a ledger with a third.
  static func values(_ key: SigningKey, delta: Double = 1e-5) throws -> PrivacyReceipt {
    let debits = [
      try debit("weights / \"é\"\n\u{1}", piecewise(), count: 1200),
      try debit("votes", votes(), count: 60),
    ]
    return try PrivacyReceipt(
      of: [
        release(3, debits[0], byteCount: piecewise().byteCount(of: 1200)),
        release(5, debits[1], byteCount: votes().byteCount(of: 60)),
      ],
      debits: debits + [try debit("earlier", votes(), count: 9)],
      records: ComposedRecordLoss.stated(), delta: delta, ledger: position, signedBy: key)
  }

  static func record(
    _ key: SigningKey, sampling: GaussianProcedure.Sampling = .everyRecord, epsilon: Double? = nil
  ) throws -> PrivacyReceipt {
    let procedure = try GaussianProcedure(sampling: sampling, steps: 80, noiseMultiplier: 18)
    let honest = try RecordLoss(of: procedure, delta: 1e-5)
    let loss = RecordLoss(
      restoring: procedure, epsilon: epsilon ?? honest.epsilon, delta: 1e-5,
      accountant: honest.accountant)
    var ledger = RecordLedger(limit: try RecordBudget(epsilon: 100, delta: 1e-5))
    _ = try ledger.debit(procedure, delta: 1e-5, as: "head")
    return try PrivacyReceipt(
      of: [
        PrivacyReceipt.Release(
          entry: 1, name: "head", loss: .record(loss), byteCount: 4,
          digest: [UInt8](repeating: 7, count: 32))
      ], debits: [], records: ledger.composed, delta: 0, ledger: position, signedBy: key)
  }

  @Test func `a receipt survives its text and is verified alone`() throws {
    let key = SigningKey()
    for receipt in [
      try Self.values(key), try Self.values(key, delta: 0), try Self.record(key),
      try Self.record(key, sampling: .poisson(probability: 0.1)),
    ] {
      let read = try PrivacyReceipt(contents: Array(receipt.text.utf8))
      #expect(read == receipt && read.text == receipt.text)
      #expect(try read.verify() == key.verificationKey)
      #expect(try read.verify(expecting: key.verificationKey) == key.verificationKey)
      #expect(throws: PrivacyError.self) {
        try read.verify(expecting: SigningKey().verificationKey)
      }
      #expect(throws: PrivacyError.receiptBytes("head")) {
        try read.checkReleased([1, 2, 3], as: "head")
      }
    }
  }

  @Test func `a receipt says in the publication's order what it says`() throws {
    let text = try Self.values(SigningKey()).text
    var rest = text[...]
    for member in [
      "format", "version", "epsilon", "mechanism", "accounting", "bias", "side_channels",
      "trust_model", "security", "access_control", "data_collection", "ledger", "public_key",
      "signature",
    ] {
      let range = try #require(rest.range(of: "\n  \"\(member)\": "), "\(member)")
      rest = rest[range.upperBound...]
    }
    let odds = try #require(try Self.piecewise().parameters.integers["favoured"])
    #expect(text.contains("\"favoured\": \(odds), \"other\": 4294967296, \"resolution\": 32768"))
    #expect(text.contains("\"clipping_radius\": 2.5"))
    // Any reader of JSON sees the same.
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let ledger = try #require(object?["ledger"] as? [String: Any])
    #expect(ledger["genesis"] as? String == Self.position.genesis)
    #expect(ledger["head"] as? String == Self.position.head)
    #expect(ledger["chain_length"] as? Int == 40)
    let epsilon = try #require(object?["epsilon"] as? [String: Any])
    #expect(epsilon["unit"] as? String == "value")
    #expect((epsilon["composed"] as? [[String: Any]])?.map { $0["unit"] as? String } == ["model"])
    #expect(
      (epsilon["ledger"] as? [[String: Any]])?.map { $0["unit"] as? String } == ["model", "record"])
  }

  @Test func `the documentation's example is a receipt that the command printed`() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/LocalPrivacy/LocalPrivacy.docc/Receipts.md")
    let page = try String(contentsOf: file, encoding: .utf8)
    let start = try #require(page.range(of: "```json\n")).upperBound
    let end = try #require(page[start...].range(of: "```")).lowerBound
    let receipt = try PrivacyReceipt(contents: Array(page[start..<end].utf8))
    try receipt.verify()
    #expect(receipt.releases.map(\.entry) == [1] && receipt.ledger.chainLength == 8)
  }

  @Test func `every altered byte of a receipt is refused`() throws {
    let key = SigningKey()
    for receipt in [try Self.values(key), try Self.record(key)] {
      let bytes = Array(receipt.text.utf8)
      for position in bytes.indices {
        // Another bit from byte to byte, and the one between cases, and between a space and nothing.
        for change in [1 << UInt8(position % 8), UInt8(0x20)] {
          var altered = bytes
          altered[position] ^= change
          #expect(throws: PrivacyError.self, "byte \(position), change \(change)") {
            try PrivacyReceipt(contents: altered).verify()
          }
        }
      }
    }
  }

  @Test func `every truncation, insertion and other form of a receipt is refused`() throws {
    let text = try Self.values(SigningKey()).text
    let bytes = Array(text.utf8)
    for length in bytes.indices {
      #expect(throws: PrivacyError.self) {
        try PrivacyReceipt(contents: Array(bytes[..<length]))
      }
    }
    for position in bytes.indices {
      var altered = bytes
      altered.insert([UInt8(ascii: " "), UInt8(ascii: "0"), 0xFF][position % 3], at: position)
      #expect(throws: PrivacyError.self) { try PrivacyReceipt(contents: altered).verify() }
    }
    for other in [
      text + " ", "\u{FEFF}" + text, text.replacing("\n", with: "\r\n"), "", "{}", "[]", "null",
      text.replacing("\"version\": 1,", with: "\"version\": 1,\n  \"more\": 1,"),
      text.replacing("\"version\": 1,", with: "\"version\": 1,\n  \"version\": 1,"),
      text.replacing("\"chain_length\": 40", with: "\"chain_length\": -40"),
      text.replacing("\"chain_length\": 40", with: "\"chain_length\": 40000000000000000000"),
      text.replacing("\"values\": 60", with: "\"values\": 0"),
      text.replacing("\"delta\": 0.0", with: "\"delta\": 1e999"),
      String(repeating: "[", count: 60_000), String(repeating: " ", count: (1 << 20) + 1),
    ] {
      #expect(throws: PrivacyError.receiptMalformed) {
        try PrivacyReceipt(contents: Array(other.utf8))
      }
    }
    #expect(throws: PrivacyError.receiptVersion(found: 2, known: 1)) {
      try PrivacyReceipt(
        contents: Array(text.replacing("\"version\": 1,", with: "\"version\": 2,").utf8))
    }
  }

  @Test func `another's signature under a changed text is refused`() throws {
    let key = SigningKey()
    let other = SigningKey()
    let honest = try Self.values(key)
    let foreign = try Self.values(other)
    let swapped = honest.text.replacing(honest.signature, with: foreign.signature)
    #expect(throws: PrivacyError.receiptSignature) {
      try PrivacyReceipt(contents: Array(swapped.utf8)).verify()
    }
    // Whoever signs anew has another key, which shows.
    #expect(throws: PrivacyError.self) {
      try PrivacyReceipt(contents: Array(foreign.text.utf8))
        .verify(expecting: key.verificationKey)
    }
  }

  /// Signs what an honest receipt says after changes to its text.
  private static func resigned(
    _ receipt: PrivacyReceipt, by key: SigningKey, _ changes: [(String, String)]
  ) throws -> PrivacyReceipt {
    var text = receipt.text
    for (old, new) in changes {
      #expect(text.contains(old), "\(old)")
      text = text.replacing(old, with: new)
    }
    let end = try #require(text.range(of: ",\n  \"signature\""))
    let message = "PrivFusion privacy receipt\n" + text[..<end.lowerBound]
    let signature = try key.signature(of: Array(message.utf8))
      .map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    return try PrivacyReceipt(
      contents: Array(text.replacing(receipt.signature, with: signature).utf8))
  }

  private static func logarithm(of encoding: ReleaseEncoding) throws -> Double {
    let integers = encoding.parameters.integers
    return log(Double(try #require(integers["favoured"])) / Double(try #require(integers["other"])))
  }

  @Test func `the signed bytes are the documented ones`() throws {
    let key = SigningKey()
    let receipt = try Self.values(key)
    #expect(try Self.resigned(receipt, by: key, []).verify() == key.verificationKey)
  }

  @Test func `a smaller loss than the integers have is refused, whoever signs`() throws {
    let key = SigningKey()
    let receipt = try Self.values(key)
    let (weights, votes) = (receipt.releases[0].epsilon, receipt.releases[1].epsilon)
    for (honest, claimed) in [
      (weights, weights.nextDown.nextDown.nextDown.nextDown), (weights, weights * 0.999),
      (votes, votes * 0.5), (votes, votes * 1.5), (votes, 1e-300),
    ] {
      let dishonest = try Self.resigned(
        receipt, by: key, [("\"epsilon\": \(honest)", "\"epsilon\": \(claimed)")])
      #expect(
        throws: PrivacyError.receiptImplausible(
          what: receipt.releases[honest == weights ? 0 : 1].name, claimed: claimed,
          least: try Self.logarithm(of: honest == weights ? Self.piecewise() : Self.votes()))
      ) { try dishonest.verify() }
    }
    let favoured = try #require(try Self.votes().parameters.integers["favoured"])
    for claimed in [0, 1, 4_294_967_296, favoured - 100, favoured + 100, UInt64.max] {
      let dishonest = try Self.resigned(
        receipt, by: key, [("\"favoured\": \(favoured)", "\"favoured\": \(claimed)")])
      #expect(throws: PrivacyError.self, "\(claimed)") { try dishonest.verify() }
    }
  }

  @Test func `composed losses below the recomputed ones are refused`() throws {
    let key = SigningKey()
    let receipt = try Self.values(key)
    #expect(receipt.composed.map(\.method).count == 3)
    for (list, isLedgers) in [(receipt.composed, false), (receipt.ledgerComposed, true)] {
      for bound in list where bound.unit == .model {
        // Of the ledger's, the greatest that is refused is just below the receipt's own.
        let own = try #require(receipt.composed.first { $0.method == bound.method })
        let claimed = own.epsilon * (1 - 1e-8)
        let tightest = try #require(
          list.filter { $0.unit == .model }.min { $0.epsilon < $1.epsilon })
        var changes = [
          (
            "\"method\": \"\(bound.method)\", \"epsilon\": \(bound.epsilon)",
            "\"method\": \"\(bound.method)\", \"epsilon\": \(claimed)"
          )
        ]
        if claimed < tightest.epsilon || bound == tightest {
          changes.append(
            (
              "{\"unit\": \"model\", \"epsilon\": \(tightest.epsilon), \"delta\": \(tightest.delta)}",
              "{\"unit\": \"model\", \"epsilon\": \(claimed), \"delta\": \(bound.delta)}"
            ))
        }
        let dishonest = try Self.resigned(receipt, by: key, changes)
        #expect(
          throws: PrivacyError.receiptImplausible(
            what: isLedgers ? "the whole ledger" : "all of it together", claimed: claimed,
            least: own.epsilon)
        ) { try dishonest.verify() }
      }
    }
    let wide = try Self.resigned(
      receipt, by: key,
      [("\"epsilon\": \(receipt.ledgerComposed[1].epsilon)", "\"epsilon\": \(1e9)")])
    #expect(try wide.verify() == key.verificationKey)
  }

  @Test func `a smaller loss about records than the procedure has is refused`() throws {
    let key = SigningKey()
    let receipt = try Self.record(key)
    let epsilon = receipt.releases[0].epsilon
    let dishonest = try Self.resigned(
      receipt, by: key, [("\"epsilon\": \(epsilon)", "\"epsilon\": \(epsilon * 0.999)")])
    #expect(
      throws: PrivacyError.receiptImplausible(
        what: "head", claimed: epsilon * 0.999, least: epsilon)
    ) { try dishonest.verify() }
    for (old, new) in [
      ("\"steps\": 80", "\"steps\": 81"),
      ("\"noise_multiplier\": 18.0", "\"noise_multiplier\": 19.0"),
    ] {
      let changed = try Self.resigned(receipt, by: key, [(old, new)])
      if new.contains("81") {
        #expect(throws: PrivacyError.self) { try changed.verify() }
      } else {
        // More noise than is claimed for: no lie about the loss.
        #expect(try changed.verify() == key.verificationKey)
      }
    }
    // The party's other trainings can only add to it.
    #expect(throws: PrivacyError.self) { try Self.record(key, epsilon: epsilon * 0.5) }
    let modest = try Self.record(key, epsilon: epsilon * 1.0000000001)
    #expect(try modest.verify() == key.verificationKey)
  }

  @Test func `parts of a receipt that contradict each other are refused`() throws {
    let key = SigningKey()
    let receipt = try Self.values(key)
    for (old, new) in [
      ("\"entry\": 5", "\"entry\": 40"), ("\"entry\": 5", "\"entry\": 2"),
      ("\"method\": \"zero-concentrated\"", "\"method\": \"hearsay\""),
      ("\"method\": \"zero-concentrated\"", "\"method\": \"sum\""),
      ("\"values\": 60", "\"values\": 99999999999999"),
      // As many values as the bytes hold, and no others: 4 bits each.
      ("\"values\": 60", "\"values\": 58"), ("\"values\": 60", "\"values\": 61"),
      ("\"resolution\": 32768", "\"Résolution\": 32768"),
      ("\"clipping_radius\": 2.5", "\"clipping_radius\": -2.5"),
      (Self.position.head, "01"),
    ] {
      #expect(throws: PrivacyError.self, "\(new)") {
        try Self.resigned(receipt, by: key, [(old, new)]).verify()
      }
    }
  }

  @Test func `a release whose integers are not known has no receipt`() throws {
    let key = SigningKey()
    let unknown = try Expenditure(
      name: "votes", count: 3, epsilon: 1, unit: .value, mechanismName: "test")
    #expect(throws: PrivacyError.receiptNotStated("votes")) {
      try PrivacyReceipt(
        of: [Self.release(1, unknown, byteCount: 3)], debits: [unknown], records: nil, delta: 0,
        ledger: Self.position, signedBy: key)
    }
    for epsilon in [0.001, 0.25, 1, 4, 20] {
      let encoding = try Self.piecewise(epsilon: epsilon)
      let known = try #require(MechanismParameters(lossAlone: encoding.epsilon))
      #expect(known.integers["favoured"] == encoding.parameters.integers["favoured"])
      #expect(known.lose(encoding.epsilon))
    }
    #expect(MechanismParameters(lossAlone: 1) == nil)
    for epsilon in [0, -1, .nan, .infinity, 1e-9, 21, .greatestFiniteMagnitude] {
      #expect(!(try Self.piecewise().parameters.lose(epsilon)))
    }
  }

  @Test func `every mechanism states integers that lose its epsilon`() throws {
    for epsilon in [0.001, 0.1, 1, 1.28978, 5, 20] {
      var encodings: [ReleaseEncoding] = try NumericMechanism.Kind.allCases.map {
        .numbers(try NumericMechanism($0, epsilon: epsilon), radius: try ClippingRadius(1))
      }
      encodings.append(try Self.votes(epsilon: epsilon))
      encodings.append(.subsets(try SubsetSelection(categories: 10, epsilon: epsilon)))
      encodings.append(.answers(try BinaryResponse(epsilon: epsilon)))
      encodings.append(.unary(try UnaryEncoding(categories: 4, epsilon: epsilon)))
      encodings.append(
        .integers(
          try DiscreteLaplace(sensitivity: 16, epsilon: epsilon), bounds: try IntegerBounds(-8...8))
      )
      for encoding in encodings {
        #expect(encoding.parameters.lose(encoding.epsilon), "\(encoding.mechanismName) \(epsilon)")
        #expect(!encoding.parameters.lose(encoding.epsilon * 0.9999))
        #expect(!encoding.parameters.lose(encoding.epsilon * 1.0001))
      }
    }
  }
}

extension ComposedRecordLoss {
  /// What some ledger states.
  fileprivate static func stated() throws -> ComposedRecordLoss {
    var ledger = RecordLedger(limit: try RecordBudget(epsilon: 100, delta: 1e-5))
    let procedure = try GaussianProcedure(sampling: .everyRecord, steps: 1, noiseMultiplier: 3)
    _ = try ledger.debit(procedure, delta: 1e-5, as: "training")
    return ledger.composed
  }
}
