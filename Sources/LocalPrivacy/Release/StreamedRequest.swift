/// Numbers on their way to a durable ledger part by part, so that neither they nor their outputs
/// are ever in memory as a whole.
///
/// A part has 2^16 values, a multiple of 8: its packed outputs end with a whole byte, so that the
/// packed parts one after another are what ``Released/packedBytes()`` gives of all outputs at once.
package struct StreamedRequest {
  package static let partSize = 1 << 16

  /// What answering costs.
  package let expenditure: Expenditure
  package let encoding: ReleaseEncoding
  private let mechanism: NumericMechanism
  private let radius: ClippingRadius
  private let source: (Range<Int>) throws -> [Float]

  /// - Parameters:
  ///   - count: The number of values, at least 1 and at most 2^48: more than any file holds.
  ///   - radius: What they are clipped to.
  ///   - mechanism: What randomises each of them.
  ///   - name: What they are.
  ///   - source: Gives the values of a range, the same ones each time.
  /// - Throws: ``PrivacyError/emptyRelease``.
  package init(
    count: Int, radius: ClippingRadius, through mechanism: NumericMechanism, as name: String,
    from source: @escaping (Range<Int>) throws -> [Float]
  ) throws {
    precondition(count <= 1 << 48, "a release has at most 2^48 values")
    encoding = .numbers(mechanism, radius: radius)
    expenditure = try Expenditure(
      name: name, count: count, epsilon: encoding.epsilon, unit: .value,
      mechanismName: encoding.mechanismName, parameters: encoding.parameters)
    self.mechanism = mechanism
    self.radius = radius
    self.source = source
  }

  /// What the outputs say of themselves when they travel.
  package var statement: PackedRelease.Statement {
    PackedRelease.Statement(name: expenditure.name, encoding: encoding, count: expenditure.count)
  }

  /// The bytes of all parts that ``forEachPart(_:)`` gives.
  package var privateByteCount: Int { expenditure.count * MemoryLayout<Int64>.size }

  /// Reads the values once, in parts as ``ReleaseRequest/privateBytes`` holds them.
  ///
  /// - Throws: What the source or `take` throws; ``PrivacyError/sourceChanged(name:)`` when the
  ///   source gives another number of values than asked for.
  package func forEachPart(_ take: ([UInt8]) throws -> Void) throws {
    try forEachClipped { try take(Self.bytes($0)) }
  }

  /// Reads the values once more and draws their outputs. The caller has debited ``expenditure``.
  ///
  /// - Parameter take: Sees a part's private bytes and its packed outputs.
  /// - Throws: As ``forEachPart(_:)``, and ``PrivacyError/randomnessUnavailable``.
  package func draw(_ take: (_ private: [UInt8], _ packed: [UInt8]) throws -> Void) throws {
    var noise = NoiseStream()
    try forEachClipped { part in
      let outputs = try mechanism.sample(part.multiples, noise: &noise)
      try take(Self.bytes(part), encoding.pack(outputs))
    }
  }

  private func forEachClipped(_ take: (Clipped) throws -> Void) throws {
    for start in stride(from: 0, to: expenditure.count, by: Self.partSize) {
      let range = start..<min(start + Self.partSize, expenditure.count)
      let values = try source(range)
      guard values.count == range.count else {
        throw PrivacyError.sourceChanged(name: expenditure.name)
      }
      try take(Clipped(values, radius: radius))
    }
  }

  private static func bytes(_ part: Clipped) -> [UInt8] {
    part.multiples.map { Int64($0).littleEndian }.withUnsafeBytes { Array($0) }
  }
}
