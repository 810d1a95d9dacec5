/// Randomised values that may leave the party: the only thing that a ledger hands out.
///
/// Only a ledger makes one, after debiting its loss: ``BudgetLedger``, or the durable one in
/// LocalPrivacySQLite, which also has its stored outputs read back here. It can't be decoded, nor
/// built by another module, so that a function that takes one can't be handed a private value.
public struct Released: Sendable {
  /// The name under which the ledger debited it.
  public let name: String
  public let encoding: ReleaseEncoding
  /// The mechanism's outputs, of shape `[count]`, or `[count, k]` by rows for a unary encoding.
  public let outputs: [Int32]

  init(name: String, encoding: ReleaseEncoding, outputs: [Int32]) {
    self.name = name
    self.encoding = encoding
    self.outputs = outputs
  }

  /// The number of data, each of which lost the encoding's epsilon.
  public var count: Int { outputs.count / encoding.integersPerOutput }

  /// The unbiased estimates, as ``ReleaseEncoding/estimates(of:)`` gives them.
  public func estimates() -> [Float] { encoding.estimates(of: outputs) }

  /// The greatest variance of one estimate, in squared original units.
  public var worstNoiseVariance: Double { encoding.worstNoiseVariance }

  /// The bytes that the outputs take on the wire.
  public var byteCount: Int { encoding.byteCount(of: count) }

  /// The outputs on the wire: `byteCount` bytes.
  public func packedBytes() -> [UInt8] { encoding.pack(outputs) }
}
