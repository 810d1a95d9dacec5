internal import Foundation

/// A signed ``RecordStatement``, as it travels with the parameters.
///
/// The signature shows who stated it, and ``verify(parametersDigest:)`` that the loss follows from
/// the procedure. Whether the party trained so can't be seen from outside: that is its word.
public struct RecordCertificate: Hashable, Sendable {
  public let statement: RecordStatement
  /// Ed25519, 128 lower-case digits.
  public let signature: String

  /// The signed bytes: a line that no other protocol signs, and the statement's canonical form.
  static func message(of statement: RecordStatement) throws -> [UInt8] {
    Array("PrivFusion record certificate\n".utf8) + (try canonical(statement))
  }

  /// JSON with sorted keys and without spaces: one text for one value.
  private static func canonical(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(value))
    } catch {
      throw PrivacyError.certificateMalformed
    }
  }

  /// The certificate as text, for a file or for a model's metadata.
  ///
  /// - Throws: ``PrivacyError/certificateMalformed`` when a number is not finite.
  public func text() throws -> String {
    String(decoding: try Self.canonical(self), as: UTF8.self)
  }

  /// Reads what ``text()`` wrote, and nothing else: not another order, case or spacing.
  ///
  /// - Parameter text: At most 64 KiB of JSON.
  /// - Throws: ``PrivacyError/certificateMalformed``,
  ///   ``PrivacyError/certificateVersion(found:known:)``.
  public init(text: String) throws {
    struct Versioned: Decodable {
      struct Statement: Decodable {
        let version: Int
      }
      let statement: Statement
    }
    let bytes = Array(text.utf8)
    guard bytes.count <= 1 << 16,
      let found = try? JSONDecoder().decode(Versioned.self, from: Data(bytes)).statement.version
    else { throw PrivacyError.certificateMalformed }
    guard found == RecordStatement.version else {
      throw PrivacyError.certificateVersion(found: found, known: RecordStatement.version)
    }
    guard let certificate = try? JSONDecoder().decode(RecordCertificate.self, from: Data(bytes)),
      try Self.canonical(certificate) == bytes
    else { throw PrivacyError.certificateMalformed }
    self = certificate
  }

  init(statement: RecordStatement, signature: String) {
    self.statement = statement
    self.signature = signature
  }

  /// Checks the signature, the statement's figures, and that it is about these parameters.
  ///
  /// - Parameter parametersDigest: SHA-256, of 32 bytes, of the parameters that the caller holds.
  /// - Returns: The signer's key, for the caller to compare with the one it expects.
  /// - Throws: ``PrivacyError/certificateSignature``;
  ///   ``PrivacyError/certificateParameters`` when the parameters are others;
  ///   ``PrivacyError/certificateImplausible(claimed:least:)`` when the procedure loses more than
  ///   is claimed; ``PrivacyError/certificateMalformed``; as ``RecordLoss/init(of:delta:)``.
  /// - Complexity: As ``RecordLoss/init(of:delta:)``.
  @discardableResult
  public func verify(parametersDigest: [UInt8]) throws -> VerificationKey {
    guard let bytes = Hexadecimal.bytes(of: signature), bytes.count == 64,
      let keyBytes = Hexadecimal.bytes(of: statement.publicKey),
      let key = try? VerificationKey(rawRepresentation: keyBytes)
    else { throw PrivacyError.certificateMalformed }
    guard key.isSignature(bytes, of: try Self.message(of: statement)) else {
      throw PrivacyError.certificateSignature
    }
    guard statement.version == RecordStatement.version else {
      throw PrivacyError.certificateVersion(
        found: statement.version, known: RecordStatement.version)
    }
    try statement.checkPlausible()
    guard Hexadecimal.text(of: parametersDigest) == statement.parametersDigest else {
      throw PrivacyError.certificateParameters
    }
    return key
  }
}

extension RecordCertificate: Codable {}
