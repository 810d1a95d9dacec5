/// What a certificate says of the number of records.
public enum DataSetSize: Hashable, Sendable {
  /// The number, where it is public.
  case exact(Int)
  /// Only the powers of two that it lies between.
  case bucket(least: Int, greatest: Int)

  /// The bucket from 2^k to 2^(k + 1) - 1 that a number is in.
  ///
  /// - Parameter records: At least 1.
  public static func bucket(of records: Int) -> DataSetSize {
    precondition(records >= 1)
    let least = 1 << (Int.bitWidth - 1 - records.leadingZeroBitCount)
    return .bucket(least: least, greatest: least - 1 + least)
  }

  /// The number, or the geometric middle of its range.
  public var middle: Double {
    switch self {
    case .exact(let records): Double(records)
    case .bucket(let least, let greatest): (Double(least) * Double(greatest)).squareRoot()
    }
  }

  /// "5800", or "4096 to 8191".
  public var text: String {
    switch self {
    case .exact(let records): "\(records)"
    case .bucket(let least, let greatest): "\(least) to \(greatest)"
    }
  }

  /// - Returns: Nil when the text is not one that ``text`` gives.
  public init?(text: String) {
    let parts = text.split(separator: " ").map(String.init)
    if parts.count == 1, let records = Int(parts[0]), records >= 1 {
      self = .exact(records)
    } else if parts.count == 3, let least = Int(parts[0]), least >= 1 {
      self = .bucket(of: least)
    } else {
      return nil
    }
    guard self.text == text else { return nil }
  }
}

extension DataSetSize: Codable {
  /// - Throws: A `DecodingError` when the text is not one that ``text`` gives.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let size = DataSetSize(text: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "a size is a number or a bucket")
    }
    self = size
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
