internal import LocalPrivacy
internal import Models
internal import Tensors

/// What everyone knows of an array before its owner sends it.
struct MessageItem {
  /// What the array is.
  let name: String
  let shape: [Int]
  /// The public bound that values are clipped to.
  let radius: Double
  /// The radius in expected standard deviations of the values: how they are likely to lie within
  /// it, which decides the mechanism.
  let deviations: Double

  var count: Int { shape.reduce(1, *) }
}

/// An array of a party as others see it: what was sent, and how noisy it is known to be.
struct Message {
  /// Unbiased estimates of what the party holds, up to clipping.
  let estimate: Tensor
  /// The variance of the noise in one entry: public, on average over the expected values.
  let noiseVariance: Double
}

/// What a party says of the probes' classes.
enum Vote {
  /// As it is, shape `[m, classes]`.
  case logProbabilities(Tensor)
  /// The predicted labels, randomised.
  case labels(Received)
}

/// Where a party's messages pass: an ``Outbox`` at the party itself, an ``Inbox`` at everyone else.
///
/// A message is described once, by code that walks through its arrays in the protocol's order; what
/// is sent and what is read can't disagree.
protocol MessagePort {
  /// Passes an array of numbers.
  ///
  /// - Parameter values: What the party holds; not asked for where the message is read.
  mutating func numbers(_ item: MessageItem, of values: () throws -> Tensor) throws -> Message

  /// Passes predictions as votes.
  ///
  /// - Parameters:
  ///   - count: m, the number of probes.
  ///   - classes: k, at least 2.
  ///   - party: Whose predictions they are; not asked for where the message is read.
  mutating func vote(count: Int, classes: Int, of party: () throws -> PreparedParty) throws -> Vote
}

extension FusionSettings.Disclosure {
  /// What randomises an array of numbers; nil when nothing is randomised.
  func mechanism(for item: MessageItem) throws -> NumericMechanism? {
    guard case .randomized(let epsilon, _) = self else { return nil }
    return try NumericMechanism.leastMeanVariance(epsilon: epsilon, clip: item.deviations)
  }

  /// What randomises votes; nil when nothing is randomised.
  func response(classes: Int) throws -> RandomizedResponse? {
    guard case .randomized(_, let voteEpsilon) = self else { return nil }
    return try RandomizedResponse(categories: classes, epsilon: voteEpsilon)
  }
}

extension Message {
  init(_ received: Received, of item: MessageItem, through mechanism: NumericMechanism) throws {
    estimate = try Tensor(received.estimates(), shape: item.shape)
    noiseVariance =
      mechanism.meanVariance(clippedGaussianAt: item.deviations) * item.radius * item.radius
  }
}
