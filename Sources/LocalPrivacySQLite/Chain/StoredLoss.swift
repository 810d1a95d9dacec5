internal import LocalPrivacy

/// What a reservation cost, as it is written down and read back.
enum StoredLoss {
  case record(RecordLoss)
  case values(Expenditure)

  private struct Record: Codable {
    let adjacency: Adjacency
    let epsilon: Double
    let delta: Double
    let procedure: GaussianProcedure
    let accountant: RecordLoss.Accountant
  }

  private struct Values: Codable {
    let count: Int
    let epsilon: Double
    let mechanism: String
    /// Nil in what was written before they were recorded.
    let parameters: MechanismParameters?
  }

  var unit: PrivacyUnit {
    switch self {
    case .record: .record
    case .values(let expenditure): expenditure.unit
    }
  }

  /// The loss as canonical JSON.
  func text() throws -> String { try text(withParameters: true) }

  /// The loss as canonical JSON without the mechanism's parameters, by which a request is known again:
  /// the same for a ledger that never recorded them.
  func identity() throws -> String { try text(withParameters: false) }

  private func text(withParameters: Bool) throws -> String {
    switch self {
    case .record(let loss):
      try CanonicalJSON.text(
        of: Record(
          adjacency: loss.adjacency, epsilon: loss.epsilon, delta: loss.delta,
          procedure: loss.procedure, accountant: loss.accountant))
    case .values(let expenditure):
      try CanonicalJSON.text(
        of: Values(
          count: expenditure.count, epsilon: expenditure.epsilon,
          mechanism: expenditure.mechanismName,
          parameters: withParameters ? expenditure.parameters : nil))
    }
  }

  /// The loss of an entry whose place in the chain was verified.
  ///
  /// - Throws: A `DecodingError` or a `PrivacyError` for what this version did not write.
  init(_ reservation: ChainedEntry.Reservation) throws {
    switch reservation.unit {
    case .record:
      let stored = try CanonicalJSON.value(Record.self, from: reservation.loss)
      guard stored.epsilon >= 0, stored.epsilon.isFinite else {
        throw PrivacyError.lossOutOfRange(stored.epsilon)
      }
      guard stored.delta > 0, stored.delta < 1 else {
        throw PrivacyError.deltaOutOfRange(stored.delta)
      }
      self = .record(
        RecordLoss(
          restoring: stored.procedure, epsilon: stored.epsilon, delta: stored.delta,
          accountant: stored.accountant))
    case .value, .model:
      let stored = try CanonicalJSON.value(Values.self, from: reservation.loss)
      self = .values(
        try Expenditure(
          name: reservation.name, count: stored.count, epsilon: stored.epsilon,
          unit: reservation.unit, mechanismName: stored.mechanism,
          parameters: stored.parameters))
    }
  }

  init(_ loss: RecordLoss) { self = .record(loss) }
  init(_ expenditure: Expenditure) { self = .values(expenditure) }
}
