internal import Crypto
internal import LocalPrivacy

/// All that decides the result of a request, read part by part: it enters a keyed fingerprint and
/// is not stored.
struct RequestContents {
  /// The bytes of all parts.
  let byteCount: Int
  /// Hands over all parts in order, the same ones each time.
  let read: (_ take: ([UInt8]) throws -> Void) throws -> Void

  init(_ bytes: [UInt8]) {
    byteCount = bytes.count
    read = { try $0(bytes) }
  }

  /// The same bytes as those of a ``ReleaseRequest`` for the same numbers.
  init(_ request: StreamedRequest) {
    let beginning = Self.beginning(of: request)
    byteCount = beginning.count + request.privateByteCount
    read = { take in
      try take(beginning)
      try request.forEachPart(take)
    }
  }

  init(_ request: ReleaseRequest) {
    let values = request.privateBytes
    var canonical = Self.beginning(of: request.encoding)
    canonical.append(values)
    self.init(canonical.bytes)
  }

  /// What stands before the values of a request.
  static func beginning(of request: StreamedRequest) -> [UInt8] {
    var canonical = beginning(of: request.encoding)
    canonical.appendLength(request.privateByteCount)
    return canonical.bytes
  }

  private static func beginning(of encoding: ReleaseEncoding) -> CanonicalBytes {
    var canonical = CanonicalBytes(domain: "PrivFusion release")
    switch encoding {
    case .numbers(_, let radius):
      canonical.append("numbers")
      canonical.append(Int(bitPattern: UInt(radius.value.bitPattern)))
    case .labels(let response):
      canonical.append("labels")
      canonical.append(response.categories)
    case .subsets(let selection):
      canonical.append("subsets")
      canonical.append(selection.categories)
    case .answers:
      canonical.append("answers")
    case .unary(let unary):
      canonical.append("unary")
      canonical.append(unary.categories)
    case .integers(_, let bounds):
      canonical.append("integers")
      canonical.append(bounds.lower)
      canonical.append(bounds.upper)
    }
    return canonical
  }
}

/// The keyed fingerprint of a request whose contents come part by part.
///
///     HMAC-SHA256(key, unit | name | loss | contents)
struct RequestFingerprint {
  private var code: HMAC<SHA256>

  init(
    key: [UInt8], unit: String, name: String, loss: String, contentsByteCount: Int
  ) {
    var canonical = CanonicalBytes(domain: "PrivFusion ledger request")
    canonical.append(unit)
    canonical.append(name)
    canonical.append(loss)
    canonical.appendLength(contentsByteCount)
    code = HMAC<SHA256>(key: SymmetricKey(data: key))
    code.update(data: canonical.bytes)
  }

  mutating func update(_ part: [UInt8]) { code.update(data: part) }

  func finalize() -> [UInt8] { Array(code.finalize()) }
}
