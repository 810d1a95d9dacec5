internal import LocalPrivacy

/// Which ledger it is, and how far it has come: what an anchor and a receipt say of a ledger.
///
///     {"chain_length": n, "genesis": hash(0), "head": hash(n)}
public struct LedgerPosition: Hashable, Sendable {
  /// The hash of the head of the file, 64 hexadecimal digits in lower case.
  public let genesis: String
  /// The hash of the last link, 64 hexadecimal digits in lower case; the genesis without links.
  public let head: String
  /// The number of links, at least 0.
  public let chainLength: Int

  /// - Parameters:
  ///   - genesis: As ``genesis``.
  ///   - head: As ``head``.
  ///   - chainLength: As ``chainLength``.
  /// - Throws: ``LedgerError/anchorMalformed(_:)``.
  public init(genesis: String, head: String, chainLength: Int) throws {
    guard Hexadecimal.bytes(of: genesis)?.count == 32, Hexadecimal.bytes(of: head)?.count == 32
    else { throw LedgerError.anchorMalformed("a hash has 64 hexadecimal digits in lower case") }
    guard chainLength >= 0, (chainLength == 0) == (genesis == head) else {
      throw LedgerError.anchorMalformed("its number of links does not fit its head")
    }
    self.genesis = genesis
    self.head = head
    self.chainLength = chainLength
  }
}

extension LedgerPosition: Codable {
  private enum CodingKeys: String, CodingKey {
    case genesis, head
    case chainLength = "chain_length"
  }

  /// - Throws: As the other initialiser, and a `DecodingError` for another shape.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      genesis: container.decode(String.self, forKey: .genesis),
      head: container.decode(String.self, forKey: .head),
      chainLength: container.decode(Int.self, forKey: .chainLength))
  }
}
