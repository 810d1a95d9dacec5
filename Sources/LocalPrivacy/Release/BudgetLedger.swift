/// What a party has released and lost: the only source of ``Released`` values.
///
/// A release is debited before its noise is drawn; one that would go over the budget is refused
/// and draws nothing. Asking again for a name gives the stored outputs: nothing new is spent,
/// and the noise can't be averaged away by repeating.
///
/// A ledger is a value, held in memory. Copies do not know of each other, so that an owner keeps
/// one, in an actor where several tasks release, and releases without an `await` in between.
public struct BudgetLedger: Sendable {
  public let budget: PrivacyBudget?
  /// All debits, in order; never less than what was released.
  public private(set) var expenditures: [Expenditure] = []
  private var released: [String: Released] = [:]

  /// - Parameter budget: The limit, or nil to record only.
  public init(budget: PrivacyBudget?) { self.budget = budget }

  /// Releases numbers, each by itself.
  ///
  /// - Parameters:
  ///   - values: Clipped numbers, of shape `[n]` with n at least 1.
  ///   - mechanism: What randomises each of them; every number costs its `epsilon`.
  ///   - name: What they are; asked again with the same size, radius and mechanism, it returns
  ///     what was released then, even for other values.
  /// - Throws: ``PrivacyError/budgetExceeded(name:limit:after:)`` and spends nothing;
  ///   ``PrivacyError/nameTaken(_:)``; ``PrivacyError/emptyRelease``.
  public mutating func release(
    _ values: Clipped, through mechanism: NumericMechanism, as name: String
  ) throws -> Released {
    let encoding = ReleaseEncoding.numbers(mechanism, radius: values.radius)
    return try release(values.count, encoding, as: name) { noise in
      try mechanism.sample(values.multiples, noise: &noise)
    }
  }

  /// Releases labels, each by itself.
  ///
  /// - Parameters:
  ///   - labels: Categories in `0 ..< response.categories`, of shape `[n]` with n at least 1.
  ///   - response: What randomises each of them; every label costs its `epsilon`.
  ///   - name: What they are, as for numbers.
  /// - Throws: ``PrivacyError/labelOutOfRange(categories:)`` and spends nothing; else as for
  ///   numbers.
  public mutating func release(
    _ labels: [Int], through response: RandomizedResponse, as name: String
  ) throws -> Released {
    guard labels.allSatisfy({ $0 >= 0 && $0 < response.categories }) else {
      throw PrivacyError.labelOutOfRange(categories: response.categories)
    }
    return try release(labels.count, .labels(response), as: name) { noise in
      try response.sample(labels, noise: &noise)
    }
  }

  /// The composed loss of everything that was debited.
  ///
  /// - Throws: ``PrivacyError/deltaOutOfRange(_:)``.
  public func composedLoss(delta: Double) throws -> ComposedLoss {
    try Composition(expenditures).loss(delta: delta)
  }

  private mutating func release(
    _ count: Int, _ encoding: ReleaseEncoding, as name: String,
    sample: (inout NoiseStream) throws -> [Int32]
  ) throws -> Released {
    if let earlier = released[name] {
      guard earlier.count == count, earlier.encoding == encoding else {
        throw PrivacyError.nameTaken(name)
      }
      return earlier
    }
    let expenditure = try Expenditure(
      name: name, count: count, epsilon: encoding.epsilon, unit: .value,
      mechanismName: encoding.mechanismName)
    if let budget {
      let after = try budget.spent(by: expenditures + [expenditure])
      guard after <= budget.epsilon else {
        throw PrivacyError.budgetExceeded(name: name, limit: budget.epsilon, after: after)
      }
    }
    expenditures.append(expenditure)
    var noise = NoiseStream()
    let result = Released(name: name, encoding: encoding, outputs: try sample(&noise))
    released[name] = result
    return result
  }
}
