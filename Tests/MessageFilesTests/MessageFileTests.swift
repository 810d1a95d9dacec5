import Foundation
import LocalPrivacy
import MessageFiles
import Testing

@Suite struct MessageFileTests {
  @Test func `a message comes back as it was sent`() throws {
    try Post.with { post in
      let path = try post.send("a", signatures: nil)
      let file = try MessageFile(path)
      #expect(file.kind == .signature)
      #expect(file.session == Post.session)
      #expect(file.count == 2)
      #expect(file.architecture == Post.architecture)
      let mechanism = try NumericMechanism(.duchi, epsilon: 1)
      let received = try file.release(at: 0).received(
        as: "numbers", encoding: .numbers(mechanism, radius: ClippingRadius(2)), count: 20)
      #expect(received.outputs.count == 20)
    }
  }

  @Test func `a message cut anywhere is refused`() throws {
    try Post.with { post in
      let whole = try Data(contentsOf: URL(fileURLWithPath: post.send("a", signatures: nil)))
      for length in 0..<whole.count {
        let path = post.folder + "cut"
        try whole.prefix(length).write(to: URL(fileURLWithPath: path))
        #expect(throws: MessageFileError.self) { try MessageFile(path) }
      }
    }
  }

  @Test func `a message with any byte changed, or one more, is refused`() throws {
    try Post.with { post in
      let whole = try Data(contentsOf: URL(fileURLWithPath: post.send("a", signatures: nil)))
      let path = post.folder + "changed"
      for position in whole.indices {
        var changed = whole
        changed[position] ^= 1
        try changed.write(to: URL(fileURLWithPath: path))
        #expect(throws: MessageFileError.self) { try MessageFile(path) }
      }
      try (whole + [0]).write(to: URL(fileURLWithPath: path))
      #expect(throws: MessageFileError.self) { try MessageFile(path) }
    }
  }

  @Test func `a signed message whose architecture or names are not as they must be is refused`()
    throws
  {
    try Post.with { post in
      let other = SessionDescription(
        name: "", architecture: "aa", probe: .init(sha256: "bb", count: 4), epsilon: 1,
        voteEpsilon: 1, seed: 0, commonInitialization: nil)
      for session in [other, Post.session(named: "\u{1B}[2Jred"), Post.session(named: "a\nb")] {
        let path = try post.send("a", signatures: nil, session: session)
        #expect(throws: MessageFileError.self) { try MessageFile(path) }
      }
    }
  }

  @Test func `messages of one session are one set, whatever their order`() throws {
    try Post.with { post in
      let paths = try ["a", "b", "c"].map { try post.send($0, signatures: nil) }
      let set = try MessageSet(paths.map { try MessageFile($0) })
      let other = try MessageSet(paths.reversed().map { try MessageFile($0) })
      #expect(set.signatures.map(\.path) == other.signatures.map(\.path))
      #expect(set.digest == other.digest)
      let weights = try ["a", "b", "c"].map { try post.send($0, signatures: set.digest) }
      let all = try MessageSet((weights + paths).map { try MessageFile($0) })
      #expect(all.weights.map(\.sender) == all.signatures.map(\.sender))
    }
  }

  @Test func `a sender's second message of a kind is refused`() throws {
    try Post.with { post in
      let path = try post.send("a", signatures: nil)
      try FileManager.default.copyItem(atPath: path, toPath: post.folder + "again")
      let files = try [path, post.folder + "again"].map { try MessageFile($0) }
      #expect(
        throws: MessageFileError.repeated(
          post.folder + "again", and: path, sender: files[0].sender.fingerprint)
      ) { try MessageSet(files) }
    }
  }

  @Test func `a message of another session is refused by name`() throws {
    try Post.with { post in
      let path = try post.send("a", signatures: nil)
      let stray = try post.send("b", signatures: nil, session: Post.session(named: "other"))
      let files = try [path, stray].map { try MessageFile($0) }
      #expect(
        throws: MessageFileError.session(
          stray, first: path, what: "session", found: "'other'", expected: "''")
      ) { try MessageSet(files) }
    }
  }

  @Test func `weights aligned to other signatures, or without one, are refused`() throws {
    try Post.with { post in
      let a = try MessageFile(post.send("a", signatures: nil))
      let b = try MessageFile(post.send("b", signatures: nil))
      let alone = try MessageSet([a]).digest
      let weights = try MessageFile(post.send("a", signatures: alone))
      #expect(throws: MessageFileError.self) { try MessageSet([b, weights]) }
      let both = try MessageFile(post.send("b", signatures: MessageSet([a, b]).digest))
      #expect(throws: MessageFileError.otherSignatures(weights.path)) {
        try MessageSet([a, b, weights, both])
      }
      #expect(
        throws: MessageFileError.unpaired(
          b.path, missing: .weights, sender: b.sender.fingerprint)
      ) { try MessageSet([a, b, weights]) }
    }
  }

  @Test func `a release that says to be another is refused`() throws {
    try Post.with { post in
      let packed = try MessageFile(post.send("a", signatures: nil)).release(at: 0)
      let duchi = try NumericMechanism(.duchi, epsilon: 1)
      let stronger = try NumericMechanism(.duchi, epsilon: 2)
      let radius = try ClippingRadius(2)
      #expect(throws: PrivacyError.self) {
        try packed.received(as: "others", encoding: .numbers(duchi, radius: radius), count: 20)
      }
      #expect(throws: PrivacyError.self) {
        try packed.received(as: "numbers", encoding: .numbers(stronger, radius: radius), count: 20)
      }
      #expect(throws: PrivacyError.self) {
        try packed.received(as: "numbers", encoding: .numbers(duchi, radius: radius), count: 19)
      }
    }
  }
}

/// A folder in which parties with keys of their own leave messages.
final class Post {
  let folder: String
  private var keys: [String: SigningKey] = [:]

  static let architecture: [UInt8] = Array("what the network is".utf8)
  static let session = session(named: "")

  static func session(named name: String) -> SessionDescription {
    SessionDescription(
      name: name, architecture: SessionDescription.digest(ofArchitecture: architecture),
      probe: .init(sha256: "bb", count: 4), epsilon: 1,
      voteEpsilon: 1, seed: 0, commonInitialization: nil)
  }

  private init(_ folder: String) { self.folder = folder }

  static func with(_ body: (Post) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(Post(folder.path + "/"))
  }

  /// Leaves a message with 20 numbers and 4 labels, and says where.
  func send(
    _ party: String, signatures: String?, session: SessionDescription = session
  ) throws -> String {
    let key = keys[party] ?? SigningKey()
    keys[party] = key
    var ledger = BudgetLedger(budget: nil)
    let numbers = try ledger.release(
      Clipped([Float](repeating: 0.5, count: 20), radius: 2),
      through: NumericMechanism(.duchi, epsilon: 1), as: "numbers")
    let votes = try ledger.release(
      [0, 1, 2, 0], through: RandomizedResponse(categories: 3, epsilon: 1), as: "votes")
    let path = folder + party + (signatures == nil ? ".signature" : ".weights")
    let bytes = try MessageFile.bytes(
      [numbers, votes], session: session, probeFile: "probe.npz",
      architecture: signatures == nil ? Self.architecture : [], signatures: signatures, key: key)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }
}
