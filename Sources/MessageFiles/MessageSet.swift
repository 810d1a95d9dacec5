internal import Crypto
public import LocalPrivacy

/// The messages of all parties of one session, one of each kind a party at most, in the order of
/// their senders' keys: the same for everyone, whatever order the files came in.
public struct MessageSet: Sendable {
  public let signatures: [MessageFile]
  /// In the order of ``signatures``; empty before the third round.
  public let weights: [MessageFile]

  public var session: SessionDescription { signatures[0].session }

  /// - Parameter files: Whole messages; weights of all senders or of none.
  /// - Throws: ``MessageFileError`` naming the first file that does not fit those before it.
  public init(_ files: [MessageFile]) throws {
    signatures = Self.sorted(files, .signature)
    weights = Self.sorted(files, .weights)
    guard let first = files.first, !signatures.isEmpty else {
      throw MessageFileError.noSignatures
    }
    for file in files {
      if let difference = file.session.difference(to: first.session) {
        throw MessageFileError.session(
          file.path, first: first.path, what: difference.what, found: difference.own,
          expected: difference.other)
      }
    }
    try Self.checkUnique(signatures)
    try Self.checkUnique(weights)
    guard !weights.isEmpty else { return }
    let digest = self.digest
    for file in weights where !signatures.contains(where: { $0.sender == file.sender }) {
      throw MessageFileError.unpaired(
        file.path, missing: .signature, sender: file.sender.fingerprint)
    }
    for file in signatures where !weights.contains(where: { $0.sender == file.sender }) {
      throw MessageFileError.unpaired(file.path, missing: .weights, sender: file.sender.fingerprint)
    }
    for file in weights where file.signatures != digest {
      throw MessageFileError.otherSignatures(file.path)
    }
  }

  /// SHA-256 over the checksums of the signatures, in order: what weights are aligned to.
  public var digest: String {
    var hash = SHA256()
    for file in signatures { hash.update(data: Array(file.checksum.utf8)) }
    return Hexadecimal.text(of: Array(hash.finalize()))
  }

  /// The place of a party among the senders.
  ///
  /// - Throws: ``MessageFileError/ownMissing(fingerprint:)``.
  public func index(of key: VerificationKey) throws -> Int {
    guard let index = signatures.firstIndex(where: { $0.sender == key }) else {
      throw MessageFileError.ownMissing(fingerprint: key.fingerprint)
    }
    return index
  }

  private static func sorted(_ files: [MessageFile], _ kind: MessageKind) -> [MessageFile] {
    files.filter { $0.kind == kind }.sorted { $0.precedes($1) }
  }

  private static func checkUnique(_ files: [MessageFile]) throws {
    for (file, next) in zip(files, files.dropFirst()) where file.sender == next.sender {
      throw MessageFileError.repeated(
        next.path, and: file.path, sender: file.sender.fingerprint)
    }
  }
}

extension MessageFile {
  fileprivate func precedes(_ other: MessageFile) -> Bool {
    if sender == other.sender { return path < other.path }
    return sender.rawRepresentation.lexicographicallyPrecedes(other.sender.rawRepresentation)
  }
}
