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
  private static let memory: @Sendable () -> BudgetLedger = {
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
    return copies(.numbers(mechanism, radius: radius), note: note, in: ledger) {
      let values = [Float](repeating: $1 == .first ? 1 : -1, count: $2)
      return try $0.release(Clipped(values, radius: radius), through: mechanism, as: $3)
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
    copies(.labels(response), note: note, in: ledger) {
      try $0.release(labels($1, $2, of: response.categories), through: response, as: $3)
    }
  }

  /// The first and the last category, as sets of categories.
  ///
  /// - Parameter selection: What randomises them.
  public static func subsets(through selection: SubsetSelection) -> AuditedRelease {
    copies(.subsets(selection), in: memory) {
      try $0.release(labels($1, $2, of: selection.categories), through: selection, as: $3)
    }
  }

  /// True and false.
  ///
  /// - Parameter response: What randomises them.
  public static func answers(through response: BinaryResponse) -> AuditedRelease {
    copies(.answers(response), in: memory) {
      try $0.release([Bool](repeating: $1 == .first, count: $2), through: response, as: $3)
    }
  }

  /// The first and the last category, as a bit for each category.
  ///
  /// - Parameter unary: What randomises them; of few categories, so that every output is told apart.
  public static func bits(through unary: UnaryEncoding) -> AuditedRelease {
    copies(.unary(unary), in: memory) {
      try $0.release(labels($1, $2, of: unary.categories), through: unary, as: $3)
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
    copies(.integers(laplace, bounds: bounds), in: memory) {
      let values = [Int](repeating: $1 == .first ? bounds.upper : bounds.lower, count: $2)
      return try $0.release(
        ClippedIntegers(values, bounds: bounds), through: laplace, as: $3)
    }
  }

  /// Copies of one input released under one name, with companions released before under another.
  ///
  /// - Parameter release: Releases so many copies of an input under a name.
  private static func copies<Ledger>(
    _ encoding: ReleaseEncoding, note: String = "",
    in open: @escaping @Sendable () throws -> Ledger,
    release: @escaping @Sendable (inout Ledger, Input, Int, String) throws -> Released
  ) -> AuditedRelease {
    values(encoding, note: note) { input, count in
      var ledger = try open()
      let companions = try release(&ledger, .first, count, "companion").outputs
      return (companions, try release(&ledger, input, count, "target").outputs)
    }
  }

  private static func labels(_ input: Input, _ count: Int, of categories: Int) -> [Int] {
    [Int](repeating: input == .first ? 0 : categories - 1, count: count)
  }
}
