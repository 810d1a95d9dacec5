internal import LocalPrivacy

/// Attacks a release by telling two neighbouring inputs apart.
///
/// Under (epsilon, delta) every event has P₁ <= e^epsilon P₀ + delta, so that with bounds from counts
///
///     epsilon >= ln((lower(P₁) - delta) / upper(P₀))
///
/// refutes every smaller claim. Of a Gaussian, which claims more (``AuditedRelease/Claim/gaussian``),
/// it is the epsilon of the least mu that explains the bounds.
///
/// The event is chosen on one half of the trials: for each feature of the outputs, the cells with the
/// highest ratios of counts, as many as make the bound highest. The other half, from releases of its
/// own, counts it once, with bounds after ``ClopperPearson`` that each take half of the allowed error.
/// The bound is above the true loss with a chance of at most 1 - confidence, whatever was learnt before.
///
/// Ding et al. 2018, "Detecting Violations of Differential Privacy", section 4 (events chosen on trials
/// of their own); Jagielski et al. 2020, "Auditing Differentially Private Machine Learning", section 4
/// (the bound). Deviation: they test given events or thresholds; here any union of a partition's cells.
public struct DistinguishingAudit: Sendable {
  public static let leastTrials = 1000
  public static let greatestTrials = 20_000_000
  /// How many observations of each input the cells' edges are taken from.
  private static let sampleSize = 8192

  /// Of each input, half to choose the event and half to count it.
  public let trials: Int
  /// That the bound is no greater than the loss.
  public let confidence: Double

  /// - Parameters:
  ///   - trials: Of each input, from 1000 to 2 x 10^7; half of them choose the event, half count it.
  ///   - confidence: That the bound is no greater than the loss, from 0.5 to below 1.
  /// - Throws: ``AuditError/trialsOutOfRange(_:least:greatest:)`` or
  ///   ``AuditError/confidenceOutOfRange(_:)``.
  public init(trials: Int, confidence: Double) throws {
    guard trials >= Self.leastTrials, trials <= Self.greatestTrials else {
      throw AuditError.trialsOutOfRange(
        trials, least: Self.leastTrials, greatest: Self.greatestTrials)
    }
    guard confidence >= 0.5, confidence < 1 else {
      throw AuditError.confidenceOutOfRange(confidence)
    }
    self.trials = trials
    self.confidence = confidence
  }

  /// - Returns: The claim beside what the attack refutes of it, from `trials` / 2 counts of each
  ///   input.
  /// - Throws: What the release throws, and ``AuditError/outputCount(name:expected:found:)``.
  /// - Complexity: O(trials) time and memory.
  public func finding(on release: AuditedRelease) throws -> AuditFinding {
    let half = trials / 2
    let event = try chosenEvent(of: release, count: half)
    let hits = try [AuditedRelease.Input.first, .second].map { input in
      try event.count(in: release.observations(of: input, count: half))
    }
    let (likely, unlikely) = event.favoursFirst ? (hits[0], hits[1]) : (hits[1], hits[0])
    let bound = EventBound(claim: release.claim, delta: release.delta)
    return AuditFinding(
      name: release.name, unit: release.unit, attack: event.partition.feature.rawValue,
      epsilon: release.epsilon, delta: release.delta,
      lowerBound: try lowerBound(likely, unlikely, of: half, bound),
      reach: try lowerBound(half, 0, of: half, bound), trials: half, confidence: confidence)
  }

  /// The greatest epsilon that the counts refute.
  private func lowerBound(
    _ likely: Int, _ unlikely: Int, of count: Int, _ bound: EventBound
  ) throws -> Double {
    // Each of the two bounds may be wrong with half of the error.
    let single = 1 - (1 - confidence) / 2
    return try bound.epsilon(
      ClopperPearson.lowerBound(successes: likely, trials: count, confidence: single),
      ClopperPearson.upperBound(successes: unlikely, trials: count, confidence: single))
  }

  // MARK: - Choosing the event

  /// Cells of a partition that are likelier under one of the inputs.
  private struct Event {
    let partition: OutputPartition
    let isIn: [Bool]
    let favoursFirst: Bool

    func count(in observations: [AuditedRelease.Observation]) -> Int {
      observations.count { isIn[partition.cell(of: $0)] }
    }
  }

  private func chosenEvent(of release: AuditedRelease, count: Int) throws -> Event {
    let first = try release.observations(of: .first, count: count)
    let second = try release.observations(of: .second, count: count)
    let sample = Array(
      first.prefix(Self.sampleSize) + second.prefix(Self.sampleSize))
    let bound = EventBound(claim: release.claim, delta: release.delta)
    var best: (score: Double, event: Event)?
    for feature in OutputPartition.Feature.allCases {
      let partition = OutputPartition(feature, of: sample)
      let counts = (partition.counts(first[...]), partition.counts(second[...]))
      for favoursFirst in [true, false] {
        let (cells, score) = bestCells(
          favoursFirst ? counts.0 : counts.1, favoursFirst ? counts.1 : counts.0, of: count,
          bound)
        // More of the outputs must tell more than chance does.
        guard score > (best?.score).map({ $0 + 0.02 * $0.magnitude }) ?? -.infinity else {
          continue
        }
        var isIn = [Bool](repeating: false, count: partition.cellCount)
        for cell in cells { isIn[cell] = true }
        best = (score, Event(partition: partition, isIn: isIn, favoursFirst: favoursFirst))
      }
    }
    return best?.event
      ?? Event(partition: OutputPartition(.output, of: []), isIn: [true], favoursFirst: true)
  }

  /// The cells with the highest ratios, as many as make the expected bound highest.
  private func bestCells(
    _ likely: [Int], _ unlikely: [Int], of count: Int, _ bound: EventBound
  ) -> (cells: ArraySlice<Int>, score: Double) {
    // One half: a cell that was seen once is no proof of a high ratio.
    func ratio(_ cell: Int) -> Double {
      (Double(likely[cell]) + 0.5) / (Double(unlikely[cell]) + 0.5)
    }
    let order = likely.indices.sorted { ratio($0) > ratio($1) }
    var best = (length: 1, score: -Double.infinity)
    var (likelySum, unlikelySum) = (0, 0)
    for (position, cell) in order.enumerated() {
      likelySum += likely[cell]
      unlikelySum += unlikely[cell]
      let score = bound.separation(
        wilson(likelySum, of: count, sign: -1), wilson(unlikelySum, of: count, sign: 1))
      if score > best.score { best = (position + 1, score) }
    }
    return (order[..<best.length], best.score)
  }

  /// Wilson's bound of a probability at five deviations: near ``ClopperPearson`` and in closed form,
  /// for the choice alone.
  private func wilson(_ successes: Int, of trials: Int, sign: Double) -> Double {
    let (count, share, square) = (Double(trials), Double(successes) / Double(trials), 25.0)
    let spread = (share * (1 - share) / count + square / (4 * count * count)).squareRoot()
    return (share + square / (2 * count) + sign * 5 * spread) / (1 + square / count)
  }
}
