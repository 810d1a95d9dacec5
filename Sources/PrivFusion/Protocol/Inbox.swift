internal import LocalPrivacy
internal import Models
internal import Tensors

/// A party's messages as others read them: each is checked against what is expected in its place.
struct Inbox: MessagePort {
  private let disclosure: FusionSettings.Disclosure
  private let sessionName: String
  private let source: any ReleaseSource
  private var position = 0
  /// What it cost the sender.
  private(set) var expenditures: [Expenditure] = []
  private(set) var byteCount = 0

  init(_ settings: FusionSettings, source: any ReleaseSource) {
    disclosure = settings.disclosure
    sessionName = settings.sessionName
    self.source = source
  }

  /// - Throws: ``FusionError/notRandomized`` when the session does not randomise.
  mutating func numbers(_ item: MessageItem, of values: () throws -> Tensor) throws -> Message {
    guard let mechanism = try disclosure.mechanism(for: item) else {
      throw FusionError.notRandomized
    }
    let received = try next(
      item.name, .numbers(mechanism, radius: try ClippingRadius(item.radius)), count: item.count)
    return try Message(received, of: item, through: mechanism)
  }

  /// - Throws: ``FusionError/notRandomized`` when the session does not randomise.
  mutating func vote(
    count: Int, classes: Int, of party: () throws -> PreparedParty
  ) throws -> Vote {
    guard let response = try disclosure.response(classes: classes) else {
      throw FusionError.notRandomized
    }
    return .labels(try next(FusionSession.votes, .labels(response), count: count))
  }

  /// Refuses a message that goes on after its last array.
  ///
  /// - Throws: ``FusionError/releaseCount(sender:expected:found:)``.
  func checkEnd() throws {
    guard position == source.count else {
      throw FusionError.releaseCount(
        sender: source.name, expected: position, found: source.count)
    }
  }

  private mutating func next(
    _ name: String, _ encoding: ReleaseEncoding, count: Int
  ) throws -> Received {
    guard position < source.count else {
      throw FusionError.releaseCount(
        sender: source.name, expected: position + 1, found: source.count)
    }
    let packed = try source.release(at: position)
    position += 1
    do {
      let received = try packed.received(
        as: FusionSession.releaseName(name, in: sessionName), encoding: encoding, count: count)
      byteCount += packed.bytes.count
      expenditures.append(
        try Expenditure(
          name: packed.statement.name, count: count, epsilon: encoding.epsilon, unit: .value,
          mechanismName: encoding.mechanismName))
      return received
    } catch let error as PrivacyError {
      throw FusionError.unexpectedMessage(sender: source.name, reason: error.description)
    }
  }
}
