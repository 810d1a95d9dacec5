internal import Crypto
internal import Foundation
public import LocalPrivacy

extension MessageFile {
  /// The bytes of a message. The same releases give the same bytes but for the signature.
  ///
  /// - Parameters:
  ///   - releases: What the party's ledger gave, in the protocol's order.
  ///   - session: What the parties agreed on.
  ///   - probeFile: What the probe's file is called, without folders; public.
  ///   - architecture: As `ArchitectureEncoding` writes it, for signatures; empty for weights.
  ///   - signatures: What weights were aligned to; nil for signatures.
  ///   - key: The sender's.
  public static func bytes(
    _ releases: [Released], session: SessionDescription, probeFile: String,
    architecture: [UInt8], signatures: String?, key: SigningKey
  ) throws -> [UInt8] {
    let packed = releases.map { PackedRelease($0) }
    let header = try CanonicalJSON.data(
      of: MessageHeader(
        session: session, probeFile: probeFile, signatures: signatures,
        releases: packed.map(\.statement)))
    let layout = MessageLayout(
      kind: signatures == nil ? .signature : .weights, headerLength: header.count,
      architectureLength: architecture.count,
      payloadLength: packed.reduce(0) { $0 + $1.bytes.count })
    var bytes = layout.prefix
    bytes.reserveCapacity(layout.fileLength)
    bytes += header
    bytes += architecture
    for release in packed { bytes += release.bytes }
    let digest = Array(SHA256.hash(data: bytes))
    bytes += digest
    bytes += key.verificationKey.rawRepresentation
    bytes += try key.signature(of: signed(digest))
    return bytes
  }
}
