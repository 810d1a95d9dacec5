public import Models
internal import PrivFusion
public import Tensors

/// Samples that no model was fitted on, and what a fusion's models say of them.
public struct HeldOutSamples: Sendable {
  /// By input name; the first axis counts samples.
  public let inputs: [String: Tensor]
  /// The true class of every sample, from 0; `nil` where there are no labels.
  public let labels: [Int]?
  /// The logarithms of the classes' probabilities by the fused model, shape `[samples, classes]`.
  public let fused: Tensor
  /// The same by the released average; `nil` where it is not at hand.
  public let average: Tensor?
  /// The class that the released votes say of every sample; `nil` where there are none.
  public let votes: [Int]?

  /// - Parameters:
  ///   - inputs: By input name.
  ///   - labels: From 0; left out where there are none.
  ///   - fused: Shape `[samples, classes]`.
  ///   - average: Of the same shape.
  ///   - votes: From 0.
  public init(
    inputs: [String: Tensor], labels: [Int]?, fused: Tensor, average: Tensor? = nil,
    votes: [Int]? = nil
  ) {
    self.inputs = inputs
    self.labels = labels
    self.fused = fused
    self.average = average
    self.votes = votes
  }
}

/// Compares a fused model with what it was made of.
public struct MergeStudy: Sendable {
  private let graph: ModelGraph
  private let samples: HeldOutSamples

  /// - Parameters:
  ///   - graph: The parents' architecture.
  ///   - samples: What models are compared on.
  public init(_ graph: ModelGraph, _ samples: HeldOutSamples) {
    self.graph = graph
    self.samples = samples
  }

  /// Everything of a run in which nothing is private.
  ///
  /// - Parameters:
  ///   - parents: The parameters of each, under the graph's names, at least one.
  ///   - path: What lies between them, where it was looked at.
  /// - Throws: As ``Predictor/logits(_:)`` and ``SampleScores/init(logProbabilities:labels:)``.
  public func open(_ parents: [[String: Tensor]], path: MergePath? = nil) throws -> OpenComparison {
    OpenComparison(
      comparison: try compared(parents, hasAverage: true) { OpenModel($0) }, path: path)
  }

  /// What a private run shows to everyone: models made of released messages, scored by labels that
  /// were given or by the released votes; `nil` without either.
  ///
  /// - Throws: As ``SampleScores/init(logProbabilities:labels:)``.
  public func released() throws -> MergeComparison<ReleasedModel>? {
    guard let truth = samples.labels ?? samples.votes else { return nil }
    var rows = [try row(ReleasedModel.fused, samples.fused, truth)]
    if let average = samples.average { rows.append(try row(.average, average, truth)) }
    return MergeComparison(
      rows, reference: samples.labels == nil ? .votes : .labels, commonest: commonest())
  }

  /// What a private run shows to who holds the clean parents, and to nobody else.
  ///
  /// - Parameters:
  ///   - parents: As of ``open(_:path:)``.
  ///   - path: What lies between them, where it was looked at.
  /// - Throws: As ``open(_:path:)``.
  public func owners(_ parents: [[String: Tensor]], path: MergePath? = nil) throws
    -> OwnersComparison
  {
    OwnersComparison(
      comparison: try compared(parents, hasAverage: false) { OwnersModel($0) }, path: path)
  }

  /// The classes that count as right: labels, or what the parents' ensemble predicts.
  ///
  /// - Parameter parents: As of ``open(_:path:)``.
  public func truth(_ parents: [[String: Tensor]]) throws -> [Int] {
    try samples.labels ?? predicted(mean(probabilities(parents)))
  }

  private func compared<Model: ComparedModel>(
    _ parents: [[String: Tensor]], hasAverage: Bool, _ model: (MergeRole) -> Model
  ) throws -> MergeComparison<Model> {
    let all = try probabilities(parents)
    let ensemble = try mean(all)
    let truth = try samples.labels ?? predicted(ensemble)
    var rows = [try row(model(.fused), samples.fused, truth)]
    if hasAverage {
      let average = try FusionSession.plainAverage(
        parents.map { PartyModel(name: "", parameters: $0) })
      rows.append(try row(model(.average), probabilities([average])[0].logarithm(), truth))
    }
    for (index, parent) in all.enumerated() {
      rows.append(try row(model(.parent(index)), parent.logarithm(), truth))
    }
    rows.append(try row(model(.ensemble), ensemble.logarithm(), truth))
    var withoutParents: [MergeComparison<Model>.WithoutParent] = []
    if samples.labels == nil, all.count > 1 {
      withoutParents = try all.indices.map { index in
        let others = try predicted(mean(all.indices.filter { $0 != index }.map { all[$0] }))
        return .init(
          parent: try SampleScores(logProbabilities: all[index].logarithm(), labels: others),
          fused: try SampleScores(logProbabilities: samples.fused, labels: others))
      }
    }
    return MergeComparison(
      rows, reference: samples.labels == nil ? .ensemble : .labels, withoutParents: withoutParents,
      commonest: commonest())
  }

  private func row<Model: ComparedModel>(
    _ model: Model, _ logProbabilities: Tensor, _ truth: [Int]
  ) throws -> MergeComparison<Model>.Row {
    .init(model, try SampleScores(logProbabilities: logProbabilities, labels: truth))
  }

  /// Of every model, shape `[samples, classes]`.
  private func probabilities(_ models: [[String: Tensor]]) throws -> [Tensor] {
    try models.map {
      try Predictor(graph.replacing($0)).logits(samples.inputs).cast(to: .float64).softmax(axis: 1)
    }
  }

  private func mean(_ probabilities: [Tensor]) throws -> Tensor {
    try probabilities.dropFirst().reduce(probabilities[0]) { try $0.adding($1) }
      .divided(by: Double(probabilities.count))
  }

  private func predicted(_ probabilities: Tensor) throws -> [Int] {
    let classes: [Int64] = try probabilities.argmax(axis: 1).elements()
    return classes.map(Int.init)
  }

  /// What always answering with the commonest label scores; `nil` without labels.
  private func commonest() -> [Double]? {
    guard let labels = samples.labels else { return nil }
    let counts = Dictionary(labels.map { ($0, 1) }, uniquingKeysWith: +)
    let label = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    return labels.map { $0 == label ? 1 : 0 }
  }
}
