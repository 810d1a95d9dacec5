/// What can be wrong with a message file, or with several of them together. Every case names files.
public enum MessageFileError: Error, Equatable, CustomStringConvertible {
  case unreadable(String, reason: String)
  /// It does not begin as message files do.
  case notAMessage(String)
  case version(String, found: Int, known: Int)
  /// It ends too early, or goes on after its end.
  case size(String, expected: Int, found: Int)
  /// Its header is too long, or is not what a header must be.
  case header(String, reason: String)
  /// Its checksum is another: damaged on the way.
  case checksum(String)
  /// Its signature is not its sender's: altered, or not made by that sender.
  case signature(String)
  /// A signature message where weights are expected, or the other way round.
  case kind(String, expected: MessageKind)
  /// It is of another session than the first.
  case session(String, first: String, what: String, found: String, expected: String)
  /// One sender has two messages of a kind.
  case repeated(String, and: String, sender: String)
  /// Weights were aligned to another set of signatures.
  case otherSignatures(String)
  /// A sender has a message of one kind and none of the other.
  case unpaired(String, missing: MessageKind, sender: String)
  /// The party's own signature is not among those given.
  case ownMissing(fingerprint: String)
  case noSignatures

  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path): cannot be read: \(reason)"
    case .notAMessage(let path):
      "\(path): is no message of a party; messages are made by `privfusion release`, and certified "
        + "models are combined with --require-record-privacy"
    case .version(let path, let found, let known):
      "\(path): is of format \(found), and this program knows format \(known); use one version of "
        + "privfusion in a session"
    case .size(let path, let expected, let found):
      "\(path): states a length of \(expected) bytes and has \(found); it was truncated or "
        + "extended: have it sent again"
    case .header(let path, let reason):
      "\(path): its header is wrong: \(reason)"
    case .checksum(let path):
      "\(path): does not match its checksum; it was damaged on the way: have it sent again"
    case .signature(let path):
      "\(path): its signature is not its sender's: it was altered; have it sent again, and compare "
        + "fingerprints"
    case .kind(let path, let expected):
      "\(path): is no \(expected.rawValue) message"
    case .session(let path, let first, let what, let found, let expected):
      "\(path): is of another session than \(first): its \(what) is \(found), not \(expected)"
    case .repeated(let path, let other, let sender):
      "\(path) and \(other) are both from \(sender): give one of them"
    case .otherSignatures(let path):
      "\(path): was aligned to other signatures than those given; everyone must use the same ones"
    case .unpaired(let path, let missing, let sender):
      "\(path): its sender, \(sender), has no \(missing.rawValue) message among the files"
    case .ownMissing(let fingerprint):
      "none of the signatures is from this ledger's key, \(fingerprint): release one first, and give "
        + "it with the others"
    case .noSignatures:
      "give the signature messages of all parties"
    }
  }
}
