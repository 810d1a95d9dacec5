internal import ModelFormats

/// The SHA-256 of all that a private training depends on, so that the same request is known again.
///
/// The ledger keys it with a secret before storing it, so that it says nothing about the data.
struct RequestDigest {
  let bytes: [UInt8]

  /// - Parameters:
  ///   - files: The private files.
  ///   - publicDigest: Of the public network.
  ///   - settings: Everything else, as text.
  init(files: [String], public publicDigest: [UInt8], settings: String) throws {
    var text = try files.map { try FileDigest(contentsOf: $0).hexadecimal }.joined(separator: " ")
    text += " | " + settings
    bytes = ContentDigest(of: [publicDigest, Array(text.utf8)]).bytes
  }
}
