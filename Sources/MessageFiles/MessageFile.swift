internal import Crypto
internal import Foundation
public import LocalPrivacy
public import PrivFusion

/// One message of a party in a file that others read: checked for damage and signed by its sender.
///
/// What it says is checked by the protocol as it is read; here only that it is whole, that its sender
/// signed it, and that its parts fit together.
public struct MessageFile: ReleaseSource {
  public let path: String
  public let kind: MessageKind
  public let session: SessionDescription
  /// What the sender calls the probe's file.
  public let probeFile: String
  public let sender: VerificationKey
  /// SHA-256 over the set of signatures that weights were aligned to; nil for signatures.
  public let signatures: String?
  /// SHA-256 of everything before it, 64 lower-case digits.
  public let checksum: String
  private let releases: [PackedRelease.Statement]
  /// Where each release's outputs begin, and where the last one's end.
  private let offsets: [Int]
  private let layout: MessageLayout
  private let data: Data

  public var name: String { path }
  public var count: Int { releases.count }

  /// Opens a message that someone sent.
  ///
  /// - Throws: ``MessageFileError`` for a file that is not a whole and signed message.
  /// - Complexity: Reads the whole file.
  public init(_ path: String) throws {
    do {
      // Not mapped: what was checked must be what is read, whoever writes the file meanwhile.
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw MessageFileError.unreadable(path, reason: error.localizedDescription)
    }
    layout = try MessageLayout(data, path: path)
    let digest = Array(data[layout.checksumStart...].prefix(MessageLayout.digestLength))
    guard Array(SHA256.hash(data: data[..<layout.checksumStart])) == digest else {
      throw MessageFileError.checksum(path)
    }
    let rest = data[(layout.checksumStart + MessageLayout.digestLength)...]
    sender = try Self.sender(
      key: Array(rest.prefix(MessageLayout.keyLength)), digest: digest,
      signature: Array(rest.dropFirst(MessageLayout.keyLength)), path: path)
    let header = try Self.header(data, layout, path: path)
    self.path = path
    kind = layout.kind
    session = header.session
    probeFile = header.probeFile
    signatures = header.signatures
    releases = header.releases
    checksum = Hexadecimal.text(of: digest)
    offsets = try Self.offsets(header.releases, layout, path: path)
  }

  public func release(at position: Int) throws -> PackedRelease {
    PackedRelease(
      releases[position], bytes: Array(data[offsets[position]..<offsets[position + 1]]))
  }

  /// The architecture as the sender states it; see `ArchitectureEncoding`.
  public var architecture: [UInt8] {
    Array(data[layout.architectureStart..<layout.payloadStart])
  }

  /// What a sender signs.
  static func signed(_ digest: [UInt8]) -> [UInt8] { Array("PrivFusion message 1".utf8) + digest }

  private static func sender(
    key: [UInt8], digest: [UInt8], signature: [UInt8], path: String
  ) throws -> VerificationKey {
    guard let key = try? VerificationKey(rawRepresentation: key),
      key.isSignature(signature, of: signed(digest))
    else { throw MessageFileError.signature(path) }
    return key
  }

  private static func header(
    _ data: Data, _ layout: MessageLayout, path: String
  ) throws -> MessageHeader {
    let bytes = data[MessageLayout.prefixLength..<layout.architectureStart]
    let header: MessageHeader
    do {
      header = try JSONDecoder().decode(MessageHeader.self, from: Data(bytes))
    } catch {
      throw MessageFileError.header(path, reason: "it is no JSON of the known form")
    }
    guard (header.signatures != nil) == (layout.kind == .weights) else {
      throw MessageFileError.header(path, reason: "only weights state what they are aligned to")
    }
    guard header.texts.allSatisfy(\.isPlain) else {
      throw MessageFileError.header(
        path, reason: "a name in it is empty, too long, or has characters that do not print")
    }
    let architecture = data[layout.architectureStart..<layout.payloadStart]
    guard
      layout.kind == .weights
        ? architecture.isEmpty
        : SessionDescription.digest(ofArchitecture: Array(architecture))
          == header.session.architecture
    else {
      throw MessageFileError.header(path, reason: "its architecture is not the one that it states")
    }
    return header
  }

  private static func offsets(
    _ releases: [PackedRelease.Statement], _ layout: MessageLayout, path: String
  ) throws -> [Int] {
    var offsets = [layout.payloadStart]
    for release in releases {
      let start = offsets[offsets.count - 1]
      guard release.count > 0, release.bits > 0, release.bits <= 64,
        let count = release.byteCount, count <= layout.checksumStart - start
      else { throw MessageFileError.header(path, reason: "its releases exceed its length") }
      offsets.append(start + count)
    }
    guard offsets[offsets.count - 1] == layout.checksumStart else {
      throw MessageFileError.header(path, reason: "its releases do not fill its length")
    }
    return offsets
  }
}
