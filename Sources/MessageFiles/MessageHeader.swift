internal import Foundation
internal import LocalPrivacy

/// Which round a message is of.
public enum MessageKind: String, Sendable, Codable, CaseIterable {
  /// Signatures in the party's own order, votes and scales.
  case signature
  /// Weights in the common order.
  case weights

  var code: UInt32 { self == .signature ? 1 : 2 }
}

/// What a message says of itself, before its outputs.
struct MessageHeader: Codable, Equatable {
  let session: SessionDescription
  /// What the probe's file was called, so that it can be found beside the messages.
  let probeFile: String
  /// SHA-256 over the signature messages that weights were aligned to, 64 lower-case digits.
  let signatures: String?
  let releases: [PackedRelease.Statement]

  /// All that a sender can choose freely and that others may come to see.
  var texts: [String] {
    [session.architecture, session.probe.sha256, probeFile]
      + [session.name, session.commonInitialization, signatures].compactMap(\.self)
      .filter { !$0.isEmpty } + releases.flatMap { [$0.name, $0.mechanism] }
  }
}

extension String {
  /// Whether a text can be shown as it is: 1 to 1,024 letters, none of which steers a terminal.
  public var isPlain: Bool {
    !isEmpty && unicodeScalars.count <= 1024
      && unicodeScalars.allSatisfy {
        ![.control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse]
          .contains($0.properties.generalCategory)
      }
  }
}

/// The lengths at the beginning of a message file; see <doc:Format>.
struct MessageLayout: Equatable {
  static let magic = Array("PRIVFUSE".utf8)
  static let version = 1
  static let prefixLength = 40
  static let digestLength = 32
  static let keyLength = 32
  static let signatureLength = 64
  /// What a header may take; an honest one has some hundred bytes an array.
  static let headerLimit = 16 << 20
  static let architectureLimit = 256 << 20

  let kind: MessageKind
  let headerLength: Int
  let architectureLength: Int
  let payloadLength: Int

  var architectureStart: Int { Self.prefixLength + headerLength }
  var payloadStart: Int { architectureStart + architectureLength }
  var checksumStart: Int { payloadStart + payloadLength }
  var fileLength: Int {
    checksumStart + Self.digestLength + Self.keyLength + Self.signatureLength
  }

  init(kind: MessageKind, headerLength: Int, architectureLength: Int, payloadLength: Int) {
    self.kind = kind
    self.headerLength = headerLength
    self.architectureLength = architectureLength
    self.payloadLength = payloadLength
  }

  /// Reads the beginning of a file.
  ///
  /// - Throws: ``MessageFileError/notAMessage(_:)``, ``MessageFileError/version(_:found:known:)``,
  ///   ``MessageFileError/header(_:reason:)`` or ``MessageFileError/size(_:expected:found:)``.
  init(_ data: Data, path: String) throws {
    guard data.count >= Self.prefixLength, Array(data.prefix(8)) == Self.magic else {
      throw MessageFileError.notAMessage(path)
    }
    func number(_ offset: Int, _ count: Int) -> UInt64 {
      data.dropFirst(offset).prefix(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    guard number(8, 4) == UInt64(Self.version) else {
      throw MessageFileError.version(path, found: Int(number(8, 4)), known: Self.version)
    }
    guard let kind = MessageKind.allCases.first(where: { UInt64($0.code) == number(12, 4) }) else {
      throw MessageFileError.header(path, reason: "it is of an unknown kind")
    }
    let lengths = [number(16, 8), number(24, 8), number(32, 8)]
    guard lengths[0] <= Self.headerLimit, lengths[1] <= Self.architectureLimit,
      lengths[2] <= 1 << 48
    else { throw MessageFileError.header(path, reason: "it states impossible lengths") }
    self.init(
      kind: kind, headerLength: Int(lengths[0]), architectureLength: Int(lengths[1]),
      payloadLength: Int(lengths[2]))
    guard fileLength == data.count else {
      throw MessageFileError.size(path, expected: fileLength, found: data.count)
    }
  }

  /// The first bytes of a file.
  var prefix: [UInt8] {
    func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
      withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
    return Self.magic + bytes(UInt32(Self.version)) + bytes(kind.code)
      + [headerLength, architectureLength, payloadLength].flatMap { bytes(UInt64($0)) }
  }
}
