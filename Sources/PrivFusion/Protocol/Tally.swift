internal import LocalPrivacy
internal import Tensors

/// A port through which nothing passes: it counts what would, for a plan.
struct Tally: MessagePort {
  private let disclosure: FusionSettings.Disclosure
  private let sessionName: String
  private(set) var expenditures: [Expenditure] = []
  private(set) var valueCount = 0
  private(set) var byteCount = 0
  /// How loud each message is, in the order of the protocol; empty when nothing is randomised.
  private(set) var signals: [MessageSignal] = []

  init(_ settings: FusionSettings) {
    disclosure = settings.disclosure
    sessionName = settings.sessionName
  }

  mutating func numbers(_ item: MessageItem, of values: () throws -> Tensor) throws -> Message {
    valueCount += item.count
    if let mechanism = try disclosure.mechanism(for: item) {
      try note(
        item.name, .numbers(mechanism, radius: ClippingRadius(item.radius)), count: item.count)
      signals.append(MessageSignal(item, through: mechanism))
    } else {
      byteCount += 4 * item.count
    }
    return Message(estimate: try .zeros(item.shape), noiseVariance: 0)
  }

  mutating func vote(
    count: Int, classes: Int, of party: () throws -> PreparedParty
  ) throws -> Vote {
    guard let response = try disclosure.response(classes: classes) else {
      valueCount += count * classes
      byteCount += 4 * count * classes
      return .logProbabilities(try .zeros([count, classes]))
    }
    valueCount += count
    let encoding = ReleaseEncoding.labels(response)
    try note(FusionSession.votes, encoding, count: count)
    signals.append(MessageSignal(votes: response, count: count))
    return .logProbabilities(try .zeros([count, classes]))
  }

  private mutating func note(_ name: String, _ encoding: ReleaseEncoding, count: Int) throws {
    byteCount += encoding.byteCount(of: count)
    expenditures.append(
      try Expenditure(
        name: FusionSession.releaseName(name, in: sessionName), count: count,
        epsilon: encoding.epsilon, unit: .value, mechanismName: encoding.mechanismName))
  }
}
