import LocalPrivacy
import Models
import PrivFusion
import Tensors

/// Probes in clusters, a class each, and randomised votes about them.
struct PlantedVotes {
  /// The class of every probe.
  let classes: [Int]
  let votes: VoteCounts
  /// Points near the centre of the probe's cluster, shape `[m, dimensions]`.
  let features: Tensor

  /// - Parameters:
  ///   - probes: Dealt to the classes in turn.
  ///   - rates: How often each party's own label is right; it is otherwise any other class.
  ///   - spread: The deviation of points from the centre of their cluster, in units of the centres'.
  ///   - seed: Votes come from it too: this is a test of decoding, not of privacy.
  init(
    probes: Int, classes count: Int, rates: [Double], epsilon: Double, spread: Double = 0.5,
    dimensions: Int = 16, seed: UInt64
  ) throws {
    var generator = SeededGenerator(seed: seed)
    let classes = (0..<probes).map { $0 % count }
    let response = try RandomizedResponse(categories: count, epsilon: epsilon)
    func changed(_ label: Int, keeping probability: Double) -> Int {
      guard Double.random(in: 0..<1, using: &generator) >= probability else { return label }
      return (label + Int.random(in: 1..<count, using: &generator)) % count
    }
    var answers: [VoteCounts.Answer] = []
    for (party, rate) in rates.enumerated() {
      for (probe, label) in classes.enumerated() {
        let own = changed(label, keeping: rate)
        answers.append(
          .init(
            party: party, probe: probe, label: changed(own, keeping: response.keepProbability)))
      }
    }
    self.classes = classes
    votes = VoteCounts(
      answers: answers, probeCount: probes, responses: rates.map { _ in response })
    let centers = try Tensor.normal([count, dimensions], seed: generator.next())
    features = try centers.selecting(classes, axis: 0).adding(
      Tensor.normal([probes, dimensions], seed: generator.next()).multiplied(by: spread))
  }

  /// The share of probes whose most likely class is theirs.
  func accuracy(_ posterior: Tensor) throws -> Double {
    let found: [Int64] = try posterior.argmax(axis: 1).elements()
    let right = zip(found, classes).filter { Int($0) == $1 }.count
    return Double(right) / Double(classes.count)
  }
}
