internal import Crypto
internal import CryptoExtras
internal import Foundation

/// Random words: a fresh 256-bit key of the operating system, expanded by AES-256 in counter mode.
///
/// The guarantee of every mechanism is computational in so far as its noise is: whoever can tell
/// AES from a random permutation may learn more. One stream serves one release, and it can't be
/// copied, so no noise is drawn twice; a key is never stored, so a restored snapshot draws anew.
package struct NoiseStream: ~Copyable {
  private static let wordsPerBlock = 8192
  private static let zeros = [UInt8](repeating: 0, count: wordsPerBlock * 8)

  private let key: SymmetricKey
  private var blocks: UInt64 = 0
  /// Owned by this stream alone, which can't be copied: allocated once and freed at its end.
  /// `position` never passes `wordsPerBlock`, as `next` refills first.
  private let words = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: wordsPerBlock)
  private var position = wordsPerBlock

  /// A stream that nobody can repeat.
  init() {
    words.initialize(repeating: 0)
    var system = SystemRandomNumberGenerator()
    let keyWords = (0..<4).map { _ in system.next() as UInt64 }
    key = SymmetricKey(data: keyWords.withUnsafeBytes { Data($0) })
  }

  /// A stream that can be repeated: for tests of distributions, and never for a release.
  package init(reproducibleKey bytes: [UInt8]) {
    words.initialize(repeating: 0)
    precondition(bytes.count == 32, "a key has 32 bytes")
    key = SymmetricKey(data: bytes)
  }

  deinit { words.deallocate() }

  @inline(__always)
  package mutating func next() throws -> UInt64 {
    if position == Self.wordsPerBlock { try refill() }
    defer { position &+= 1 }
    return words[position]
  }

  /// The next four words, none of which is given again; up to three at a block's end are left out.
  @inline(__always)
  package mutating func nextFour() throws -> SIMD4<UInt64> {
    if position > Self.wordsPerBlock - 4 { try refill() }
    defer { position &+= 4 }
    return SIMD4(
      words[position], words[position &+ 1], words[position &+ 2], words[position &+ 3])
  }

  /// Each block of 64 KiB has its number as the 96-bit nonce and counts its 4096 cipher blocks
  /// from 0, so that no two counters are equal.
  @inline(never)
  private mutating func refill() throws {
    var nonce = withUnsafeBytes(of: blocks.littleEndian) { Array($0) }
    nonce += [0, 0, 0, 0]
    do {
      let bytes = try AES._CTR.encrypt(
        Self.zeros, using: key, nonce: AES._CTR.Nonce(nonceBytes: nonce))
      _ = bytes.copyBytes(to: words)
    } catch {
      throw PrivacyError.randomnessUnavailable
    }
    blocks += 1
    position = 0
  }
}
