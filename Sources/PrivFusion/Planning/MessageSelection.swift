/// What every party of a fusion sends. Each set holds those before it.
public enum MessageSelection: String, Sendable, CaseIterable, Comparable {
  /// A label of every probe. They make no network; they teach a head on public features.
  case votes
  /// Votes, and what the last hidden layer does on the probe.
  case lastSignature = "last-signature"
  /// Votes, and what every hidden layer does on the probe.
  case signatures
  /// Votes, signatures, scales and weights.
  case everything

  public static func < (a: MessageSelection, b: MessageSelection) -> Bool { a.rank < b.rank }

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  /// The hidden layers, by index, whose signatures are sent.
  func signatureLayers(of count: Int) -> Range<Int> {
    switch self {
    case .votes: 0..<0
    case .lastSignature: max(count - 1, 0)..<count
    case .signatures, .everything: 0..<count
    }
  }
}
