/// A release as it travels: what it says of itself, and its packed outputs.
///
/// What a peer says of itself is believed only as far as it agrees with what the receiver expects
/// from public things: ``received(as:encoding:count:)``.
public struct PackedRelease: Sendable, Equatable {
  /// What a release says of itself.
  public struct Statement: Sendable, Equatable, Codable {
    /// The name under which the sender's ledger debited it.
    public let name: String
    public let mechanism: String
    /// The loss of one output.
    public let epsilon: Double
    /// What numbers were clipped to; nil for all else.
    public let radius: Double?
    /// The number of outputs.
    public let count: Int
    /// The bits that each output takes.
    public let bits: Int

    init(name: String, encoding: ReleaseEncoding, count: Int) {
      self.name = name
      mechanism = encoding.mechanismName
      epsilon = encoding.epsilon
      if case .numbers(_, let radius) = encoding {
        self.radius = radius.value
      } else {
        radius = nil
      }
      self.count = count
      bits = encoding.bitsPerOutput
    }

    /// The bytes that the packed outputs take; nil where that is no number.
    public var byteCount: Int? {
      let (total, overflow) = count.multipliedReportingOverflow(by: bits)
      guard !overflow, total >= 0, total <= Int.max - 7 else { return nil }
      return (total + 7) / 8
    }
  }

  public let statement: Statement
  public let bytes: [UInt8]

  /// What a peer sent.
  public init(_ statement: Statement, bytes: [UInt8]) {
    self.statement = statement
    self.bytes = bytes
  }

  /// - Parameter released: What is sent, as it is.
  public init(_ released: Released) {
    statement = Statement(
      name: released.name, encoding: released.encoding, count: released.count)
    bytes = released.packedBytes()
  }

  /// What was sent, read as what the receiver expects.
  ///
  /// - Throws: ``PrivacyError/unexpectedRelease(expected:found:)`` when it says to be another
  ///   release, through another mechanism, or of another loss or size;
  ///   ``PrivacyError/packedLength(expected:found:)`` or ``PrivacyError/outputOutOfRange(position:)``
  ///   when the bytes are no such outputs.
  public func received(as name: String, encoding: ReleaseEncoding, count: Int) throws -> Received {
    let expected = Statement(name: name, encoding: encoding, count: count)
    guard statement == expected else {
      throw PrivacyError.unexpectedRelease(expected: expected.words, found: statement.words)
    }
    return Received(encoding: encoding, outputs: try encoding.unpack(bytes, count: count))
  }
}

extension PackedRelease.Statement {
  var words: String {
    "'\(name)': \(count) outputs through \(mechanism) at epsilon \(epsilon)"
      + (radius.map { " within ±\($0)" } ?? "")
  }
}

/// Randomised values as anyone holds them who was sent them. They can't be sent on as one's own:
/// only a ledger makes a ``Released``.
public struct Received: Sendable, Equatable {
  public let encoding: ReleaseEncoding
  /// The mechanism's outputs, of shape `[count]`, or `[count, k]` by rows for a unary encoding.
  public let outputs: [Int32]

  init(encoding: ReleaseEncoding, outputs: [Int32]) {
    self.encoding = encoding
    self.outputs = outputs
  }

  /// What the sender itself sees of what it sent.
  public init(_ released: Released) {
    self.init(encoding: released.encoding, outputs: released.outputs)
  }

  /// The number of data, each of which lost the encoding's epsilon.
  public var count: Int { outputs.count / encoding.integersPerOutput }

  /// The unbiased estimates, as ``ReleaseEncoding/estimates(of:)`` gives them.
  public func estimates() -> [Float] { encoding.estimates(of: outputs) }
}
