/// The wire form: outputs counted from 0 and packed with the least number of bits.
extension ReleaseEncoding {
  /// The bytes that so many outputs take when packed.
  public func byteCount(of count: Int) -> Int {
    BitPacking.byteCount(of: count, width: bitsPerOutput)
  }

  func pack(_ outputs: [Int32]) -> [UInt8] {
    let (least, shift) = places
    return BitPacking.pack(
      outputs.lazy.map { UInt32(truncatingIfNeeded: (Int64($0) - least) >> shift) },
      count: outputs.count, width: bitsPerInteger)
  }

  /// Reads outputs that a peer packed. They stay plain numbers: what comes from elsewhere never
  /// becomes a ``Released``.
  ///
  /// - Parameters:
  ///   - bytes: What the peer sent: ``byteCount(of:)`` bytes for `count` outputs.
  ///   - count: The number of outputs that the peer announced, at least 0.
  /// - Returns: Integers, ``integersPerOutput`` for each output.
  /// - Throws: ``PrivacyError/packedLength(expected:found:)`` when the bytes are too few or too
  ///   many, ``PrivacyError/outputOutOfRange(position:)`` when an output is not one of the
  ///   mechanism's or the spare bits are not 0.
  public func unpack(_ bytes: [UInt8], count: Int) throws -> [Int32] {
    precondition(count >= 0)
    let (bits, overflow) = count.multipliedReportingOverflow(by: bitsPerOutput)
    let expected = overflow || bits > Int.max - 7 ? Int.max : (bits + 7) / 8
    guard bytes.count == expected else {
      throw PrivacyError.packedLength(expected: expected, found: bytes.count)
    }
    let symbols = BitPacking.unpack(
      bytes, count: count * integersPerOutput, width: bitsPerInteger)
    let greatest = UInt32(alphabet - 1)
    if let position = symbols.firstIndex(where: { $0 > greatest }) {
      throw PrivacyError.outputOutOfRange(position: position / integersPerOutput)
    }
    if bits % 8 != 0, let last = bytes.last, last >> UInt8(bits % 8) != 0 {
      throw PrivacyError.outputOutOfRange(position: count)
    }
    let (least, shift) = places
    return symbols.map { Int32(truncatingIfNeeded: Int64($0) << shift + least) }
  }

  /// Outputs are least, least + 2^shift, least + 2 x 2^shift and so on, and travel as 0, 1, 2, ...
  private var places: (least: Int64, shift: Int64) {
    switch self {
    case .numbers(let mechanism, _):
      (-Int64(mechanism.greatestOutput), mechanism.kind == .duchi ? 1 : 0)
    case .labels, .subsets, .answers, .unary: (0, 0)
    case .integers(let laplace, let bounds): (laplace.outputs(within: bounds).lowerBound, 0)
    }
  }
}
