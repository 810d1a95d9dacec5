internal import Crypto
internal import Foundation
internal import LocalPrivacy

/// All that the parties of a session have in common and that decides what they send: public, stated
/// in every message, and equal in all of them.
public struct SessionDescription: Sendable, Hashable, Codable {
  /// The public inputs.
  public struct Probe: Sendable, Hashable, Codable {
    /// SHA-256 of the arrays, 64 lower-case digits.
    public let sha256: String
    public let count: Int

    public init(sha256: String, count: Int) {
      self.sha256 = sha256
      self.count = count
    }
  }

  /// What the parties call it; empty where no one cares.
  public let name: String
  /// SHA-256 of the network without what it has learnt, as the signatures hold it; 64 lower-case
  /// digits.
  public let architecture: String
  public let probe: Probe
  /// The loss of each released number, and of each vote.
  public let epsilon: Double
  public let voteEpsilon: Double
  /// For everything that is not privacy noise.
  public let seed: UInt64
  /// SHA-256 of the initialisation that all models started from; nil without one.
  public let commonInitialization: String?
  /// The version of what is sent and how it is aligned; only equal ones work together.
  public let method: Int

  /// The version of the protocol that this program speaks.
  public static let currentMethod = 1

  public init(
    name: String, architecture: String, probe: Probe, epsilon: Double, voteEpsilon: Double,
    seed: UInt64, commonInitialization: String?
  ) {
    self.name = name
    self.architecture = architecture
    self.probe = probe
    self.epsilon = epsilon
    self.voteEpsilon = voteEpsilon
    self.seed = seed
    self.commonInitialization = commonInitialization
    method = Self.currentMethod
  }

  /// What ``architecture`` is for the bytes that a signature holds.
  public static func digest(ofArchitecture bytes: [UInt8]) -> String {
    Hexadecimal.text(of: Array(SHA256.hash(data: bytes)))
  }

  /// What its releases are filed under in a ledger: 16 digits of the description's SHA-256.
  public var identifier: String {
    get throws {
      let digest = SHA256.hash(data: try CanonicalJSON.data(of: self))
      return String(Hexadecimal.text(of: Array(digest)).prefix(16))
    }
  }

  /// The first thing in which another description differs, in words; nil where it does not.
  public func difference(to other: SessionDescription) -> (
    what: String, own: String, other: String
  )? {
    func words(_ text: String?) -> String { text.map { String($0.prefix(16)) } ?? "none" }
    if method != other.method { return ("version of the protocol", "\(method)", "\(other.method)") }
    if architecture != other.architecture {
      return ("architecture", words(architecture), words(other.architecture))
    }
    if probe != other.probe {
      return ("probe", words(probe.sha256), words(other.probe.sha256))
    }
    if epsilon != other.epsilon { return ("epsilon", "\(epsilon)", "\(other.epsilon)") }
    if voteEpsilon != other.voteEpsilon {
      return ("epsilon of votes", "\(voteEpsilon)", "\(other.voteEpsilon)")
    }
    if seed != other.seed { return ("seed", "\(seed)", "\(other.seed)") }
    if commonInitialization != other.commonInitialization {
      return (
        "common initialisation", words(commonInitialization), words(other.commonInitialization)
      )
    }
    if name != other.name { return ("session", "'\(name)'", "'\(other.name)'") }
    return nil
  }
}
