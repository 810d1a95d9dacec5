import Crypto
import LocalPrivacy
import Testing

/// What a receipt says beside what was released.
@Suite struct ReceiptContentsTests {
  @Test func `the bytes of every mechanism hold as many values as its receipt says`() throws {
    let key = SigningKey()
    let radius = try ClippingRadius(1)
    for encoding in try [
      ReleaseEncoding.numbers(NumericMechanism(.duchi, epsilon: 1), radius: radius),
      .numbers(NumericMechanism(.piecewise, epsilon: 0.5), radius: radius),
      .numbers(NumericMechanism(.hybrid, epsilon: 2), radius: radius),
      .labels(RandomizedResponse(categories: 7, epsilon: 1)),
      .answers(BinaryResponse(epsilon: 1)),
      .unary(UnaryEncoding(categories: 5, epsilon: 1)),
    ] {
      let count = 1000
      func receipt(byteCount: Int) throws -> PrivacyReceipt {
        let debit = try ReceiptTests.debit("values", encoding, count: count)
        return try PrivacyReceipt(
          of: [ReceiptTests.release(1, debit, byteCount: byteCount)], debits: [debit], records: nil,
          delta: 0, ledger: ReceiptTests.position, signedBy: key)
      }
      let bytes = encoding.byteCount(of: count)
      #expect(try receipt(byteCount: bytes).verify() == key.verificationKey)
      // Half the values, or twice as many, would be of another loss.
      for wrong in [bytes - 1, bytes + 1, bytes / 2, bytes * 2] {
        #expect(throws: PrivacyError.self, "\(encoding.mechanismName): \(wrong)") {
          try receipt(byteCount: wrong)
        }
      }
    }
  }

  @Test func `a release that states something else than its receipt is refused`() throws {
    let key = SigningKey()
    var ledger = BudgetLedger(budget: nil)
    let radius = try ClippingRadius(0.5)
    let mechanism = try NumericMechanism(.hybrid, epsilon: 1)
    let released = try ledger.release(
      Clipped([0.1, 0.2, -0.3], radius: radius), through: mechanism, as: "weights")
    let packed = PackedRelease(released)
    /// A receipt of the same bytes under the same name.
    func receipt(
      of encoding: ReleaseEncoding, count: Int = 3
    ) throws -> PrivacyReceipt {
      let debit = try ReceiptTests.debit("weights", encoding, count: count)
      return try PrivacyReceipt(
        of: [
          PrivacyReceipt.Release(
            entry: 1, name: "weights", loss: .values(debit), byteCount: packed.bytes.count,
            digest: Array(SHA256.hash(data: packed.bytes)))
        ], debits: [debit], records: nil, delta: 0, ledger: ReceiptTests.position, signedBy: key)
    }
    try receipt(of: released.encoding).checkReleased(packed)
    let nearby = try NumericMechanism(.hybrid, epsilon: 1.0001)
    for other in try [
      ReleaseEncoding.numbers(nearby, radius: radius),
      .numbers(mechanism, radius: ClippingRadius(0.25)),
    ] {
      let wrong = try receipt(of: other)
      try wrong.verify()
      #expect(throws: PrivacyError.self) { try wrong.checkReleased(packed) }
    }
  }
}
