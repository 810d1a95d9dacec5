/// Clipped values or labels on their way to a ledger: what is asked for, with nothing drawn yet.
///
/// A ledger looks at ``expenditure``, debits it, and only then draws. A durable ledger makes the
/// debit durable in between, and turns what it stored back into a ``Released`` here: no other
/// module can make one.
package struct ReleaseRequest: Sendable {
  private enum Contents: Sendable {
    case numbers([Int32], NumericMechanism)
    case labels([Int], RandomizedResponse)
    case subsets([Int], SubsetSelection)
    case answers([Bool], BinaryResponse)
    case unary([Int], UnaryEncoding)
    case integers(ClippedIntegers, DiscreteLaplace)
  }

  /// What answering costs.
  package let expenditure: Expenditure
  package let encoding: ReleaseEncoding
  private let contents: Contents

  /// - Throws: ``PrivacyError/emptyRelease``.
  package init(
    _ values: Clipped, through mechanism: NumericMechanism, as name: String
  ) throws {
    encoding = .numbers(mechanism, radius: values.radius)
    expenditure = try Self.expenditure(name, values.count, encoding)
    contents = .numbers(values.multiples, mechanism)
  }

  /// - Throws: ``PrivacyError/labelOutOfRange(categories:)`` or ``PrivacyError/emptyRelease``.
  package init(
    _ labels: [Int], through response: RandomizedResponse, as name: String
  ) throws {
    try Self.check(labels, categories: response.categories)
    encoding = .labels(response)
    expenditure = try Self.expenditure(name, labels.count, encoding)
    contents = .labels(labels, response)
  }

  /// - Throws: ``PrivacyError/labelOutOfRange(categories:)`` or ``PrivacyError/emptyRelease``.
  package init(
    _ labels: [Int], through selection: SubsetSelection, as name: String
  ) throws {
    try Self.check(labels, categories: selection.categories)
    encoding = .subsets(selection)
    expenditure = try Self.expenditure(name, labels.count, encoding)
    contents = .subsets(labels, selection)
  }

  /// - Throws: ``PrivacyError/emptyRelease``.
  package init(
    _ answers: [Bool], through response: BinaryResponse, as name: String
  ) throws {
    encoding = .answers(response)
    expenditure = try Self.expenditure(name, answers.count, encoding)
    contents = .answers(answers, response)
  }

  /// - Throws: ``PrivacyError/labelOutOfRange(categories:)`` or ``PrivacyError/emptyRelease``.
  package init(
    _ labels: [Int], through unary: UnaryEncoding, as name: String
  ) throws {
    try Self.check(labels, categories: unary.categories)
    encoding = .unary(unary)
    expenditure = try Self.expenditure(name, labels.count, encoding)
    contents = .unary(labels, unary)
  }

  /// - Throws: ``PrivacyError/domainTooWide(width:sensitivity:)`` or ``PrivacyError/emptyRelease``.
  package init(
    _ integers: ClippedIntegers, through laplace: DiscreteLaplace, as name: String
  ) throws {
    guard integers.bounds.width <= laplace.sensitivity else {
      throw PrivacyError.domainTooWide(
        width: integers.bounds.width, sensitivity: laplace.sensitivity)
    }
    encoding = .integers(laplace, bounds: integers.bounds)
    expenditure = try Self.expenditure(name, integers.count, encoding)
    contents = .integers(integers, laplace)
  }

  /// Whether an earlier answer is one to this request; the private values may be others.
  package func isAnswered(by released: Released) -> Bool {
    released.count == expenditure.count && released.encoding == encoding
  }

  /// Draws the answer. The caller has debited ``expenditure``.
  package func draw() throws -> Released {
    let outputs =
      switch contents {
      case .numbers(let multiples, let mechanism):
        try mechanism.sampleConcurrently(multiples)
      case .integers(let integers, let laplace):
        try laplace.sampleConcurrently(integers.values, within: integers.bounds)
      case .labels(let labels, let response):
        try drawn { try response.sample(labels, noise: &$0) }
      case .subsets(let labels, let selection):
        try drawn { try selection.sample(labels, noise: &$0) }
      case .answers(let answers, let response):
        try drawn { try response.sample(answers, noise: &$0) }
      case .unary(let labels, let unary):
        try drawn { try unary.sample(labels, noise: &$0) }
      }
    return Released(name: expenditure.name, encoding: encoding, outputs: outputs)
  }

  private func drawn(_ sample: (inout NoiseStream) throws -> [Int32]) throws -> [Int32] {
    var noise = NoiseStream()
    return try sample(&noise)
  }

  /// The answer that a ledger drew, packed and stored under this request.
  ///
  /// - Throws: ``PrivacyError/packedLength(expected:found:)`` or
  ///   ``PrivacyError/outputOutOfRange(position:)`` when the bytes are not an answer to it.
  package func released(storedAs bytes: [UInt8]) throws -> Released {
    Released(
      name: expenditure.name, encoding: encoding,
      outputs: try encoding.unpack(bytes, count: expenditure.count))
  }

  /// The private contents, each number in eight bytes: for a keyed fingerprint, and never stored.
  package var privateBytes: [UInt8] {
    let numbers =
      switch contents {
      case .numbers(let multiples, _): multiples.map { Int64($0).littleEndian }
      case .integers(let integers, _): integers.values.map { Int64($0).littleEndian }
      case .answers(let answers, _): answers.map { Int64($0 ? 1 : 0).littleEndian }
      case .labels(let labels, _), .subsets(let labels, _), .unary(let labels, _):
        labels.map { Int64($0).littleEndian }
      }
    return numbers.withUnsafeBytes { Array($0) }
  }

  private static func check(_ labels: [Int], categories: Int) throws {
    guard labels.allSatisfy({ $0 >= 0 && $0 < categories }) else {
      throw PrivacyError.labelOutOfRange(categories: categories)
    }
  }

  private static func expenditure(
    _ name: String, _ count: Int, _ encoding: ReleaseEncoding
  ) throws -> Expenditure {
    try Expenditure(
      name: name, count: count, epsilon: encoding.epsilon, unit: .value,
      mechanismName: encoding.mechanismName, parameters: encoding.parameters)
  }
}
