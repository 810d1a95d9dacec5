package import LocalPrivacy
package import Tensors

/// The parties' randomised labels of the probes, with the known randomiser of each party.
///
/// A party may leave probes out. Everything here has been released.
package struct VoteCounts: Sendable {
  /// One released answer: a label, or a set of them that is likely to hold the party's own.
  package struct Answer: Sendable, Equatable {
    package let party: Int
    package let probe: Int
    /// Ascending, at least one.
    package let labels: [Int]

    package init(party: Int, probe: Int, label: Int) {
      self.init(party: party, probe: probe, labels: [label])
    }

    package init(party: Int, probe: Int, labels: [Int]) {
      self.party = party
      self.probe = probe
      self.labels = labels
    }
  }

  package let answers: [Answer]
  /// m, the number of probes.
  package let probeCount: Int
  /// k, the number of classes.
  package let classCount: Int
  /// The randomiser of every party.
  package let responses: [VoteRandomizer]

  package var partyCount: Int { responses.count }

  /// - Parameters:
  ///   - answers: Parties, probes and labels within the counts.
  ///   - probeCount: m.
  ///   - responses: One for every party, all with k classes; at least one.
  package init(answers: [Answer], probeCount: Int, responses: [VoteRandomizer]) {
    let classes = responses.first?.classes ?? 0
    precondition(
      responses.allSatisfy { $0.classes == classes } && classes > 1,
      "all votes are about the same classes, of which there are at least 2")
    precondition(
      answers.allSatisfy {
        responses.indices.contains($0.party) && (0..<probeCount).contains($0.probe)
          && !$0.labels.isEmpty && $0.labels.allSatisfy { (0..<classes).contains($0) }
      }, "an answer is of a party, about a probe, and made of the classes")
    self.answers = answers
    self.probeCount = probeCount
    self.responses = responses
    classCount = classes
  }

  package init(answers: [Answer], probeCount: Int, responses: [RandomizedResponse]) {
    self.init(
      answers: answers, probeCount: probeCount,
      responses: responses.map { VoteRandomizer.response($0) })
  }

  /// Every party's answer about every probe.
  ///
  /// - Parameter received: Randomised labels of `m` probes, from every party, at least one.
  package init(_ received: [Received]) {
    let count = received.first?.count ?? 0
    self.init(received, about: received.map { _ in Array(0..<count) }, probeCount: count)
  }

  /// Every party's answers about the probes that it was asked about.
  ///
  /// - Parameters:
  ///   - received: Randomised labels or sets of them, from every party, at least one.
  ///   - probes: What each party was asked about, as many as it answered.
  ///   - probeCount: m.
  package init(_ received: [Received], about probes: [[Int]], probeCount: Int) {
    var responses: [VoteRandomizer] = []
    var answers: [Answer] = []
    precondition(received.count == probes.count, "every party is asked about some probes")
    for (party, (release, asked)) in zip(received, probes).enumerated() {
      guard let response = VoteRandomizer(release.encoding) else {
        preconditionFailure("votes are releases of labels, got \(release.encoding.mechanismName)")
      }
      precondition(release.count == asked.count, "a party answers what it is asked")
      responses.append(response)
      answers += zip(asked, release.outputs).map {
        Answer(party: party, probe: $0, labels: response.labels(of: $1))
      }
    }
    self.init(answers: answers, probeCount: probeCount, responses: responses)
  }

  /// The same, of other answers to the same question.
  func replacing(_ answers: [Answer]) -> VoteCounts {
    VoteCounts(answers: answers, probeCount: probeCount, responses: responses)
  }

  /// The same answers as if one party had given all of them, where all used the same randomiser: of
  /// parties that answer little only their common reliability can be told.
  package func pooled() -> VoteCounts {
    guard let first = responses.first, responses.allSatisfy({ $0 == first }) else { return self }
    return VoteCounts(
      answers: answers.map { Answer(party: 0, probe: $0.probe, labels: $0.labels) },
      probeCount: probeCount, responses: [first])
  }

  /// Whether somebody answered about every probe.
  var coversAllProbes: Bool { Set(answers.map(\.probe)).count == probeCount }

  /// How often each class was in an answer, shape `[m, k]`.
  package func counts() throws -> Tensor {
    try sums { _ in 1 }
  }

  /// The log-likelihood of a probe's answers by class, up to a constant, if every party were always
  /// right; shape `[m, k]`, in double precision.
  ///
  ///     L[j, c] = sum over answers with c to probe j of ln(inside / outside)
  package func logLikelihood() throws -> Tensor {
    try sums { responses[$0.party].logLikelihoodRatio }
  }

  /// The posterior from the counts alone: ``logLikelihood()`` with a flat prior and no probability
  /// below 1e-3, so that no few answers are taken for certain.
  package func posterior() throws -> Tensor {
    let clamped = try logLikelihood().softmax().clamped(to: 1e-3...1)
    return try clamped.divided(by: clamped.sum([1], keepingAxes: true))
  }

  private func sums(_ weight: (Answer) -> Double) throws -> Tensor {
    var sums = [Double](repeating: 0, count: probeCount * classCount)
    for answer in answers {
      for label in answer.labels { sums[answer.probe * classCount + label] += weight(answer) }
    }
    return try Tensor(sums, shape: [probeCount, classCount])
  }
}
