/// The wire form: outputs counted from 0 and packed with the least number of bits.
extension ReleaseEncoding {
  /// The bytes that so many outputs take when packed.
  public func byteCount(of count: Int) -> Int {
    BitPacking.byteCount(of: count, width: bitsPerOutput)
  }

  func pack(_ outputs: [Int32]) -> [UInt8] {
    BitPacking.pack(
      outputs.lazy.map { symbol(of: $0) }, count: outputs.count, width: bitsPerOutput)
  }

  /// Reads outputs that a peer packed. They stay plain numbers: what comes from elsewhere never
  /// becomes a ``Released``.
  ///
  /// - Parameters:
  ///   - bytes: What the peer sent: ``byteCount(of:)`` bytes for `count` outputs.
  ///   - count: The number of outputs that the peer announced, at least 0.
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
    let symbols = BitPacking.unpack(bytes, count: count, width: bitsPerOutput)
    if let position = symbols.firstIndex(where: { $0 >= UInt32(alphabet) }) {
      throw PrivacyError.outputOutOfRange(position: position)
    }
    if bits % 8 != 0, let last = bytes.last, last >> UInt8(bits % 8) != 0 {
      throw PrivacyError.outputOutOfRange(position: count)
    }
    return symbols.map { output(of: $0) }
  }

  private func symbol(of output: Int32) -> UInt32 {
    switch self {
    case .numbers(let mechanism, _):
      mechanism.kind == .duchi
        ? (output > 0 ? 1 : 0) : UInt32(bitPattern: output &+ mechanism.greatestOutput)
    case .labels, .subsets: UInt32(bitPattern: output)
    }
  }

  private func output(of symbol: UInt32) -> Int32 {
    switch self {
    case .numbers(let mechanism, _):
      mechanism.kind == .duchi
        ? 2 * Int32(symbol) - 1 : Int32(symbol) - mechanism.greatestOutput
    case .labels, .subsets: Int32(symbol)
    }
  }
}
