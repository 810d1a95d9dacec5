public import LocalPrivacy

/// The releases of one message of a party, in the protocol's order, read one at a time.
///
/// What is read is not trusted: every release is checked against what is expected in its place.
public protocol ReleaseSource: Sendable {
  /// What to call the message in words, such as the name of its file.
  var name: String { get }
  var count: Int { get }
  /// - Parameter position: In `0 ..< count`.
  func release(at position: Int) throws -> PackedRelease
}
