internal import Crypto
internal import Foundation

/// The secret key with which a party signs its certificates: Ed25519.
///
/// Whoever stores ``rawRepresentation`` keeps it where only the owner reads (mode 0600).
public struct SigningKey: Sendable, CustomStringConvertible {
  private let key: Curve25519.Signing.PrivateKey

  /// A new key of the operating system's randomness.
  public init() { key = Curve25519.Signing.PrivateKey() }

  /// A stored key.
  ///
  /// - Parameter rawRepresentation: 32 bytes.
  /// - Throws: ``PrivacyError/keyMalformed(expected:found:)``.
  public init(rawRepresentation: [UInt8]) throws {
    guard rawRepresentation.count == 32,
      let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: rawRepresentation)
    else { throw PrivacyError.keyMalformed(expected: 32, found: rawRepresentation.count) }
    self.key = key
  }

  /// The secret, of 32 bytes, for storage only.
  public var rawRepresentation: [UInt8] { Array(key.rawRepresentation) }

  public var verificationKey: VerificationKey {
    VerificationKey(key: key.publicKey)
  }

  /// Never the secret.
  public var description: String { "signing key of \(verificationKey.fingerprint)" }

  package func signature(of message: [UInt8]) throws -> [UInt8] {
    do {
      return Array(try key.signature(for: Data(message)))
    } catch {
      throw PrivacyError.randomnessUnavailable
    }
  }
}

/// The public key of a party that signs certificates.
public struct VerificationKey: Hashable, Sendable {
  /// 32 bytes.
  public let rawRepresentation: [UInt8]

  /// - Parameter rawRepresentation: 32 bytes.
  /// - Throws: ``PrivacyError/keyMalformed(expected:found:)``.
  public init(rawRepresentation: [UInt8]) throws {
    guard rawRepresentation.count == 32,
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: rawRepresentation)
    else { throw PrivacyError.keyMalformed(expected: 32, found: rawRepresentation.count) }
    self.init(key: key)
  }

  fileprivate init(key: Curve25519.Signing.PublicKey) {
    rawRepresentation = Array(key.rawRepresentation)
  }

  /// The first 128 bits of the key's SHA-256, for reading aloud: eight groups of four digits.
  public var fingerprint: String {
    let digits = Hexadecimal.text(of: Array(SHA256.hash(data: rawRepresentation)))
    return stride(from: 0, to: 32, by: 4).map { start in
      String(digits.dropFirst(start).prefix(4))
    }.joined(separator: " ")
  }

  package func isSignature(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: rawRepresentation) else {
      return false
    }
    return key.isValidSignature(Data(signature), for: Data(message))
  }
}
