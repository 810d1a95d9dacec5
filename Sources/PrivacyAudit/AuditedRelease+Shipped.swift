public import LocalPrivacy

/// The shipped mechanisms that protect a value, through the ledgers that release with them.
extension AuditedRelease {
  /// Every mechanism of a value, through `BudgetLedger`: a line each.
  ///
  /// - Parameter epsilon: The loss of a value, from 0.001 to 20.
  /// - Throws: `PrivacyError.epsilonOutOfRange`.
  public static func shipped(epsilon: Double) throws -> [AuditedRelease] {
    try [
      numbers(through: NumericMechanism(.duchi, epsilon: epsilon), in: memory),
      numbers(through: NumericMechanism(.piecewise, epsilon: epsilon), in: memory),
      numbers(through: NumericMechanism(.hybrid, epsilon: epsilon), in: memory),
      answers(through: BinaryResponse(epsilon: epsilon)),
      labels(through: RandomizedResponse(categories: 2, epsilon: epsilon), in: memory),
      labels(through: RandomizedResponse(categories: 10, epsilon: epsilon), in: memory),
      subsets(through: SubsetSelection(categories: 10, epsilon: epsilon)),
      bits(through: UnaryEncoding(categories: 4, epsilon: epsilon)),
      integers(
        through: DiscreteLaplace(sensitivity: 16, epsilon: epsilon),
        within: IntegerBounds(-8...8)),
    ]
  }

  /// Opens a ledger in memory that only records.
  private static let memory: @Sendable () throws -> any ReleasingLedger = {
    BudgetLedger(budget: nil)
  }

  /// Numbers at either end of the interval that they are clipped to.
  ///
  /// - Parameters:
  ///   - mechanism: What randomises them.
  ///   - note: What tells it from other releases through the same mechanism.
  ///   - ledger: Opens one that has released nothing yet.
  public static func numbers(
    through mechanism: NumericMechanism, note: String = "",
    in ledger: @escaping @Sendable () throws -> any ReleasingLedger
  ) throws -> AuditedRelease {
    let radius = try ClippingRadius(1)
    return values(.numbers(mechanism, radius: radius), note: note) { input, count in
      var ledger = try ledger()
      func outputs(_ input: Input, _ name: String) throws -> [Int32] {
        let values = [Float](repeating: input == .first ? 1 : -1, count: count)
        return try ledger.release(
          Clipped(values, radius: radius), through: mechanism, as: name
        ).outputs
      }
      return try (outputs(.first, "companion"), outputs(input, "target"))
    }
  }

  /// The first and the last category, as labels.
  ///
  /// - Parameters:
  ///   - response: What randomises them.
  ///   - note: What tells it from other releases through the same mechanism.
  ///   - ledger: Opens one that has released nothing yet.
  public static func labels(
    through response: RandomizedResponse, note: String = "",
    in ledger: @escaping @Sendable () throws -> any ReleasingLedger
  ) -> AuditedRelease {
    values(.labels(response), note: note) { input, count in
      var ledger = try ledger()
      func outputs(_ input: Input, _ name: String) throws -> [Int32] {
        try ledger.release(
          labels(input, count, of: response.categories), through: response, as: name
        ).outputs
      }
      return try (outputs(.first, "companion"), outputs(input, "target"))
    }
  }

  /// The first and the last category, as sets of categories.
  ///
  /// - Parameter selection: What randomises them.
  public static func subsets(through selection: SubsetSelection) -> AuditedRelease {
    values(.subsets(selection)) { input, count in
      var ledger = BudgetLedger(budget: nil)
      func outputs(_ input: Input, _ name: String) throws -> [Int32] {
        try ledger.release(
          labels(input, count, of: selection.categories), through: selection, as: name
        ).outputs
      }
      return try (outputs(.first, "companion"), outputs(input, "target"))
    }
  }

  /// True and false.
  ///
  /// - Parameter response: What randomises them.
  public static func answers(through response: BinaryResponse) -> AuditedRelease {
    values(.answers(response)) { input, count in
      var ledger = BudgetLedger(budget: nil)
      func outputs(_ input: Input, _ name: String) throws -> [Int32] {
        let answers = [Bool](repeating: input == .first, count: count)
        return try ledger.release(answers, through: response, as: name).outputs
      }
      return try (outputs(.first, "companion"), outputs(input, "target"))
    }
  }

  /// The first and the last category, as a bit for each category.
  ///
  /// - Parameter unary: What randomises them; of few categories, so that every output is told apart.
  public static func bits(through unary: UnaryEncoding) -> AuditedRelease {
    values(.unary(unary)) { input, count in
      var ledger = BudgetLedger(budget: nil)
      func outputs(_ input: Input, _ name: String) throws -> [Int32] {
        try ledger.release(
          labels(input, count, of: unary.categories), through: unary, as: name
        ).outputs
      }
      return try (outputs(.first, "companion"), outputs(input, "target"))
    }
  }

  /// Integers at either bound.
  ///
  /// - Parameters:
  ///   - laplace: What adds noise to them.
  ///   - bounds: As wide as its sensitivity.
  public static func integers(
    through laplace: DiscreteLaplace, within bounds: IntegerBounds
  ) -> AuditedRelease {
    values(.integers(laplace, bounds: bounds)) { input, count in
      var ledger = BudgetLedger(budget: nil)
      func outputs(_ input: Input, _ name: String) throws -> [Int32] {
        let values = [Int](repeating: input == .first ? bounds.upper : bounds.lower, count: count)
        return try ledger.release(
          ClippedIntegers(values, bounds: bounds), through: laplace, as: name
        ).outputs
      }
      return try (outputs(.first, "companion"), outputs(input, "target"))
    }
  }

  private static func labels(_ input: Input, _ count: Int, of categories: Int) -> [Int] {
    [Int](repeating: input == .first ? 0 : categories - 1, count: count)
  }
}
