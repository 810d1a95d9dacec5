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
    try release(ReleaseRequest(values, through: mechanism, as: name))
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
    try release(ReleaseRequest(labels, through: response, as: name))
  }

  /// Releases labels as sets of categories, each by itself.
  ///
  /// - Parameters:
  ///   - labels: Categories in `0 ..< selection.categories`, of shape `[n]` with n at least 1.
  ///   - selection: What randomises each of them; every label costs its `epsilon`.
  ///   - name: What they are, as for numbers.
  /// - Throws: ``PrivacyError/labelOutOfRange(categories:)`` and spends nothing; else as for
  ///   numbers.
  public mutating func release(
    _ labels: [Int], through selection: SubsetSelection, as name: String
  ) throws -> Released {
    try release(ReleaseRequest(labels, through: selection, as: name))
  }

  /// Releases Booleans, each by itself.
  ///
  /// - Parameters:
  ///   - answers: Of shape `[n]` with n at least 1.
  ///   - response: What randomises each of them; every answer costs its `epsilon`.
  ///   - name: What they are, as for numbers.
  /// - Throws: As for numbers.
  public mutating func release(
    _ answers: [Bool], through response: BinaryResponse, as name: String
  ) throws -> Released {
    try release(ReleaseRequest(answers, through: response, as: name))
  }

  /// Releases labels as a bit for each category, each label by itself.
  ///
  /// - Parameters:
  ///   - labels: Categories in `0 ..< unary.categories`, of shape `[n]` with n at least 1.
  ///   - unary: What randomises each of them; every label costs its `epsilon` once.
  ///   - name: What they are, as for numbers.
  /// - Throws: ``PrivacyError/labelOutOfRange(categories:)`` and spends nothing; else as for
  ///   numbers.
  public mutating func release(
    _ labels: [Int], through unary: UnaryEncoding, as name: String
  ) throws -> Released {
    try release(ReleaseRequest(labels, through: unary, as: name))
  }

  /// Releases integers, each by itself.
  ///
  /// - Parameters:
  ///   - integers: Clipped integers, of shape `[n]` with n at least 1.
  ///   - laplace: What adds noise to each of them; every integer costs its `epsilon`.
  ///   - name: What they are, as for numbers.
  /// - Throws: ``PrivacyError/domainTooWide(width:sensitivity:)`` when the bounds are wider than the
  ///   mechanism's sensitivity, and spends nothing; else as for numbers.
  public mutating func release(
    _ integers: ClippedIntegers, through laplace: DiscreteLaplace, as name: String
  ) throws -> Released {
    try release(ReleaseRequest(integers, through: laplace, as: name))
  }

  /// The composed loss of everything that was debited.
  ///
  /// - Throws: ``PrivacyError/deltaOutOfRange(_:)``.
  public func composedLoss(delta: Double) throws -> ComposedLoss {
    try Composition(ofModel: expenditures).loss(delta: delta)
  }

  private mutating func release(_ request: ReleaseRequest) throws -> Released {
    let name = request.expenditure.name
    if let earlier = released[name] {
      guard request.isAnswered(by: earlier) else { throw PrivacyError.nameTaken(name) }
      return earlier
    }
    try budget?.admit(request.expenditure, after: expenditures)
    expenditures.append(request.expenditure)
    let result = try request.draw()
    released[name] = result
    return result
  }
}
