import Foundation
import LocalPrivacy
import Testing

@Suite struct RecordCertificateTests {
  static let digest = (0..<32).map { UInt8($0 * 7) }

  static func statement(
    key: SigningKey, epsilon: Double? = nil, sampling: GaussianProcedure.Sampling = .everyRecord,
    records: DataSetSize = .bucket(of: 5800)
  ) throws -> RecordStatement {
    var ledger = RecordLedger(limit: try RecordBudget(epsilon: 100, delta: 1e-5))
    let procedure = try GaussianProcedure(sampling: sampling, steps: 80, noiseMultiplier: 18)
    let debit = try ledger.debit(procedure, delta: 1e-5, as: "head / epoch 1 \"é\"")
    let loss = RecordLoss(
      restoring: procedure, epsilon: epsilon ?? debit.loss.epsilon, delta: 1e-5,
      accountant: debit.loss.accountant)
    return RecordStatement(
      purpose: debit.name, loss: loss, clip: 0.5, records: records, parametersDigest: digest,
      trunkDigest: [UInt8](repeating: 3, count: 32), composed: ledger.composed,
      key: key.verificationKey)
  }

  @Test func `a certificate survives its text and is verified`() throws {
    let key = SigningKey()
    for sampling in [GaussianProcedure.Sampling.everyRecord, .poisson(probability: 0.1)] {
      let certificate = try Self.statement(key: key, sampling: sampling).signed(by: key)
      let read = try RecordCertificate(text: certificate.text())
      #expect(read == certificate)
      #expect(try read.verify(parametersDigest: Self.digest) == key.verificationKey)
      #expect(read.statement.unit == .record && read.statement.adjacency == .zeroOut)
      #expect(read.statement.records.text == "4096 to 8191")
    }
  }

  @Test func `every altered bit of a certificate is refused`() throws {
    let key = SigningKey()
    let bytes = Array(try Self.statement(key: key).signed(by: key).text().utf8)
    for position in bytes.indices {
      for bit in 0..<8 {
        var altered = bytes
        altered[position] ^= 1 << UInt8(bit)
        #expect(throws: PrivacyError.self, "byte \(position), bit \(bit)") {
          let text = String(decoding: altered, as: UTF8.self)
          try RecordCertificate(text: text).verify(parametersDigest: Self.digest)
        }
      }
    }
  }

  @Test func `a truncated, padded or reordered certificate is refused`() throws {
    let key = SigningKey()
    let text = try Self.statement(key: key).signed(by: key).text()
    for length in stride(from: 0, to: text.count, by: 13) {
      #expect(throws: PrivacyError.certificateMalformed) {
        try RecordCertificate(text: String(text.prefix(length)))
      }
    }
    for other in [
      text + " ", " " + text, text + "\n", "", "{}", "[]", "null",
      text.replacing(",\"unit\"", with: ", \"unit\""),
      text.replacing("\"version\":1", with: "\"version\":1,\"more\":1"),
      String(repeating: "[", count: 60_000), String(repeating: " ", count: 70_000),
    ] {
      #expect(throws: PrivacyError.certificateMalformed) { try RecordCertificate(text: other) }
    }
    #expect(throws: PrivacyError.certificateVersion(found: 2, known: 1)) {
      try RecordCertificate(text: text.replacing("\"version\":1", with: "\"version\":2"))
    }
  }

  @Test func `other parameters, another key and too small a claim are refused`() throws {
    let key = SigningKey()
    let certificate = try Self.statement(key: key).signed(by: key)
    #expect(throws: PrivacyError.certificateParameters) {
      try certificate.verify(parametersDigest: [UInt8](repeating: 0, count: 32))
    }
    #expect(throws: PrivacyError.certificateSignature) {
      try Self.statement(key: key).signed(by: SigningKey())
    }
    let honest = certificate.statement.epsilon
    for claimed in [honest * 0.999, 0, -1] {
      let dishonest = try Self.statement(key: key, epsilon: claimed).signed(by: key)
      #expect(throws: PrivacyError.certificateImplausible(claimed: claimed, least: honest)) {
        try dishonest.verify(parametersDigest: Self.digest)
      }
    }
    let modest = try Self.statement(key: key, epsilon: honest * 1.1).signed(by: key)
    #expect(throws: Never.self) { try modest.verify(parametersDigest: Self.digest) }
  }

  @Test func `a key survives storage and its fingerprint can be read aloud`() throws {
    let key = SigningKey()
    let restored = try SigningKey(rawRepresentation: key.rawRepresentation)
    #expect(restored.verificationKey == key.verificationKey)
    let groups = key.verificationKey.fingerprint.split(separator: " ")
    #expect(groups.count == 8 && groups.allSatisfy { $0.count == 4 })
    #expect(SigningKey().verificationKey.fingerprint != key.verificationKey.fingerprint)
    let secret = key.rawRepresentation.map { String($0, radix: 16) }.joined()
    #expect(!"\(key)".contains(secret))
    for count in [0, 31, 33] {
      #expect(throws: PrivacyError.self) {
        try SigningKey(rawRepresentation: [UInt8](repeating: 1, count: count))
      }
      #expect(throws: PrivacyError.self) {
        try VerificationKey(rawRepresentation: [UInt8](repeating: 1, count: count))
      }
    }
  }

  @Test func `a size is exact or in a bucket of powers of two`() throws {
    #expect(DataSetSize.bucket(of: 1).text == "1 to 1")
    #expect(DataSetSize.bucket(of: 4095).text == "2048 to 4095")
    #expect(DataSetSize.bucket(of: 4096).text == "4096 to 8191")
    #expect(DataSetSize.bucket(of: .max) == .bucket(least: 1 << 62, greatest: .max))
    for size in [DataSetSize.exact(5800), .bucket(of: 5800)] {
      #expect(DataSetSize(text: size.text) == size)
    }
    for text in ["", "0", "-1", "05", "5 to 9", "4096 to 8190", "4096  to 8191", "x", "1 to"] {
      #expect(DataSetSize(text: text) == nil)
    }
  }
}
