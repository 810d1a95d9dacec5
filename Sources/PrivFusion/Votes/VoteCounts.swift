package import LocalPrivacy
package import Tensors

/// The parties' randomised labels of the probes, with the known randomiser of each party.
///
/// A party may leave probes out. Everything here has been released.
package struct VoteCounts: Sendable {
  /// One released label.
  package struct Answer: Sendable, Equatable {
    package let party: Int
    package let probe: Int
    package let label: Int

    package init(party: Int, probe: Int, label: Int) {
      self.party = party
      self.probe = probe
      self.label = label
    }
  }

  package let answers: [Answer]
  /// m, the number of probes.
  package let probeCount: Int
  /// k, the number of classes.
  package let classCount: Int
  /// The randomiser of every party.
  package let responses: [RandomizedResponse]

  package var partyCount: Int { responses.count }

  /// - Parameters:
  ///   - answers: Parties, probes and labels within the counts.
  ///   - probeCount: m.
  ///   - responses: One for every party, all with k categories; at least one.
  package init(answers: [Answer], probeCount: Int, responses: [RandomizedResponse]) {
    let classes = responses.first?.categories ?? 0
    precondition(
      responses.allSatisfy { $0.categories == classes } && classes > 1,
      "all votes are about the same classes, of which there are at least 2")
    precondition(
      answers.allSatisfy {
        responses.indices.contains($0.party) && (0..<probeCount).contains($0.probe)
          && (0..<classes).contains($0.label)
      }, "an answer is of a party, about a probe, and one of the classes")
    self.answers = answers
    self.probeCount = probeCount
    self.responses = responses
    classCount = classes
  }

  /// Every party's label of every probe.
  ///
  /// - Parameter received: Randomised labels of `m` probes, from every party, at least one.
  package init(_ received: [Received]) {
    var responses: [RandomizedResponse] = []
    var answers: [Answer] = []
    for (party, release) in received.enumerated() {
      guard case .labels(let response) = release.encoding else {
        preconditionFailure("votes are releases of labels, got \(release.encoding.mechanismName)")
      }
      responses.append(response)
      answers += release.outputs.enumerated().map {
        Answer(party: party, probe: $0.offset, label: Int($0.element))
      }
    }
    self.init(answers: answers, probeCount: received.first?.count ?? 0, responses: responses)
  }

  /// The same, of other answers to the same question.
  func replacing(_ answers: [Answer]) -> VoteCounts {
    VoteCounts(answers: answers, probeCount: probeCount, responses: responses)
  }

  /// How often each class was answered, shape `[m, k]`.
  package func counts() throws -> Tensor {
    var counts = [Double](repeating: 0, count: probeCount * classCount)
    for answer in answers { counts[answer.probe * classCount + answer.label] += 1 }
    return try Tensor(counts, shape: [probeCount, classCount])
  }

  /// The log-likelihood of a probe's answers by class, up to a constant, if every party were always
  /// right; shape `[m, k]`, in double precision.
  ///
  ///     L[j, c] = sum over answers c to probe j of ln(keep / other)
  package func logLikelihood() throws -> Tensor {
    var sums = [Double](repeating: 0, count: probeCount * classCount)
    for answer in answers {
      sums[answer.probe * classCount + answer.label] += responses[answer.party].logLikelihoodRatio
    }
    return try Tensor(sums, shape: [probeCount, classCount])
  }

  /// The posterior from the counts alone: ``logLikelihood()`` with a flat prior and no probability
  /// below 1e-3, so that no few answers are taken for certain.
  package func posterior() throws -> Tensor {
    let clamped = try logLikelihood().softmax().clamped(to: 1e-3...1)
    return try clamped.divided(by: clamped.sum([1], keepingAxes: true))
  }
}
