internal import LocalPrivacy
internal import Models
internal import Tensors

/// Where a party's values leave it, and the only place: clipped, debited, randomised, sent.
struct Outbox: MessagePort {
  private let disclosure: FusionSettings.Disclosure
  private let sessionName: String
  private var ledger: any ReleasingLedger
  /// What was sent, in order, where it is kept to be sent on; see ``keepsReleases``.
  private(set) var releases: [Released] = []
  /// What it cost.
  private(set) var expenditures: [Expenditure] = []
  private(set) var byteCount = 0
  private let keepsReleases: Bool

  /// - Parameters:
  ///   - keepsReleases: Whether ``releases`` are wanted afterwards.
  init(
    _ settings: FusionSettings, ledger: any ReleasingLedger = BudgetLedger(budget: nil),
    keepsReleases: Bool = false
  ) {
    disclosure = settings.disclosure
    sessionName = settings.sessionName
    self.ledger = ledger
    self.keepsReleases = keepsReleases
  }

  mutating func numbers(_ item: MessageItem, of values: () throws -> Tensor) throws -> Message {
    let values = try values()
    guard let mechanism = try disclosure.mechanism(for: item) else {
      byteCount += values.count * values.elementType.byteCount
      return Message(estimate: values, noiseVariance: 0)
    }
    let clipped = try Clipped(values.cast(to: .float32).elements(), radius: item.radius)
    let released = try ledger.release(
      clipped, through: mechanism, as: FusionSession.releaseName(item.name, in: sessionName))
    try note(released)
    return try Message(Received(released), of: item, through: mechanism)
  }

  mutating func vote(
    count: Int, classes: Int, of party: () throws -> PreparedParty
  ) throws -> Vote {
    let party = try party()
    guard let response = try disclosure.response(classes: classes) else {
      let logProbabilities = try party.logProbabilities ?? Tensor.zeros([count, classes])
      byteCount += logProbabilities.count * logProbabilities.elementType.byteCount
      return .logProbabilities(logProbabilities)
    }
    let released = try ledger.release(
      party.labels(), through: response,
      as: FusionSession.releaseName(FusionSession.votes, in: sessionName))
    try note(released)
    return .labels(Received(released))
  }

  private mutating func note(_ released: Released) throws {
    byteCount += released.byteCount
    expenditures.append(try Expenditure(released))
    if keepsReleases { releases.append(released) }
  }
}

extension Expenditure {
  /// What a release cost.
  fileprivate init(_ released: Released) throws {
    try self.init(
      name: released.name, count: released.count, epsilon: released.encoding.epsilon, unit: .value,
      mechanismName: released.encoding.mechanismName)
  }
}
