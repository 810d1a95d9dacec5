public import LocalPrivacy
internal import Models
internal import Symmetry
internal import Tensors

/// What a fusion would do and cost, worked out from public things alone.
public struct FusionPlan: Sendable {
  /// The number of parameters, and of those in tensors that a group permutes.
  public let parameterCount: Int
  public let permutableCount: Int
  /// The number of proved permutation groups, and of linear layers that are filtered.
  public let groupCount: Int
  public let layerCount: Int
  public let probeCount: Int
  /// Numbers that each party sends.
  public let valueCount: Int
  /// The size of what each party sends, in bytes.
  public let byteCount: Int
  /// An estimate of the peak memory, in bytes: models, signatures, and the probe's activations.
  public let memoryBytes: Int
  /// The composed loss; `nil` when nothing is randomised.
  public let composed: ComposedLoss?
  public let perValue: Double?

  public init(_ architecture: SharedArchitecture, settings: FusionSettings, parties: Int) throws {
    let session = try FusionSession(architecture, settings: settings)
    let graph = architecture.pass.graph
    parameterCount = graph.parameterCount
    permutableCount = architecture.groups.permutableCount(in: graph)
    groupCount = architecture.groups.groups.count
    layerCount = architecture.hiddenLayers.count + (architecture.outputLayer == nil ? 0 : 1)
    probeCount = architecture.probe.count
    let signatures = try architecture.signatureSizes()
    let classes = try architecture.classCount()
    let sending = try session.sending(signatures: signatures, classes: classes)
    valueCount = sending.reduce(0) { $0 + $1.count }
    byteCount = sending.reduce(0) { $0 + $1.byteCount }
    let perParty = 4 * (2 * graph.parameterCount + 2 * signatures.reduce(0, +))
    memoryBytes = parties * perParty + 4 * (3 * graph.parameterCount + 3 * signatures.reduce(0, +))
    if case .randomized = settings.disclosure {
      let expenditures = try sending.map {
        try Expenditure(
          name: $0.name, count: $0.count, epsilon: $0.epsilon, unit: .value,
          mechanismName: $0.name)
      }
      composed = try Composition(expenditures).loss(delta: FusionSession.delta)
      perValue = sending.map(\.epsilon).max()
    } else {
      composed = nil
      perValue = nil
    }
  }
}

extension FusionSession {
  /// One array that a party sends: how many numbers, at what loss, in how many bytes.
  struct Sending {
    let name: String
    let count: Int
    let epsilon: Double
    let byteCount: Int
  }

  /// Everything that a party sends, in the order of the protocol.
  ///
  /// - Parameters:
  ///   - signatures: The number of elements of each hidden layer's signature.
  ///   - classes: The number of classes, when the network is a classifier.
  func sending(signatures: [Int], classes: Int?) throws -> [Sending] {
    let graph = architecture.pass.graph
    let names = graph.parameterNames
    func numbers(_ name: String, _ count: Int, _ deviations: Double) throws -> Sending {
      guard case .randomized(let epsilon, _) = settings.disclosure else {
        return Sending(name: name, count: count, epsilon: 0, byteCount: 4 * count)
      }
      let mechanism = try NumericMechanism.leastMeanVariance(epsilon: epsilon, clip: deviations)
      let encoding = ReleaseEncoding.numbers(mechanism, radius: try ClippingRadius(1))
      return Sending(
        name: name, count: count, epsilon: mechanism.epsilon,
        byteCount: encoding.byteCount(of: count))
    }
    var result: [Sending] = []
    if settings.disclosure != .open {
      for (index, layer) in architecture.hiddenLayers.enumerated() where !isCanonical(layer) {
        result.append(try numbers("scale of signature \(index)", 1, 3))
      }
      for name in names where expectedScale(of: name) != nil {
        result.append(try numbers("scale of \(name)", 1, 3))
      }
    }
    for (index, count) in signatures.enumerated() {
      result.append(
        try numbers("signature of layer \(index)", count, ClippingTable.signatures))
    }
    if let classes, classes > 1 {
      switch settings.disclosure {
      case .open:
        result.append(try numbers("votes", architecture.probe.count * classes, 1))
      case .randomized(_, let voteEpsilon):
        let response = try RandomizedResponse(categories: classes, epsilon: voteEpsilon)
        result.append(
          Sending(
            name: "votes", count: architecture.probe.count, epsilon: response.epsilon,
            byteCount: ReleaseEncoding.labels(response).byteCount(of: architecture.probe.count)))
      }
    }
    for name in names {
      let (_, deviations) = radius(
        of: name,
        scales: Dictionary(
          uniqueKeysWithValues: names.filter { expectedScale(of: $0) != nil }.map { ($0, 1.0) }))
      result.append(try numbers(name, graph.initializers[name]?.count ?? 0, deviations))
    }
    return result
  }
}

extension SharedArchitecture {
  /// The number of elements of each hidden layer's signature.
  func signatureSizes() throws -> [Int] {
    var sizes = hiddenLayers.map { _ in 0 }
    let wanted = Set(hiddenLayers.map(\.output))
    // All batches but the last are of one size.
    for index in Set([0, probe.batches.count - 1]) {
      let repeats = index == 0 ? max(probe.batches.count - 1, 1) : 1
      let values = try withoutGradients {
        try pass.values(probe.batches[index], capturing: wanted)
      }
      for (place, layer) in hiddenLayers.enumerated() {
        guard let value = values[layer.output] else { continue }
        let rows = try layer.outputRows(value).shape
        let sampled = self.rows(of: layer, batch: index, total: rows[0]).rows.count
        sizes[place] += repeats * sampled * rows[1]
      }
    }
    return sizes
  }

  /// The number of classes, when the network is a classifier.
  func classCount() throws -> Int? {
    guard let outputLayer, let weight = pass.graph.initializers[outputLayer.weight] else {
      return nil
    }
    return weight.shape[outputLayer.outputAxis]
  }

  /// The adapter that suits this network, or `nil` where it would harm or take too long.
  ///
  /// Without noise the ridge alone is better on probes below 2,000. Large networks are left to the
  /// ridge: an adapter of useful length would take minutes on a small machine.
  public func recommendedAdapter(isPrivate: Bool) -> FusionSettings.Adapter? {
    let isConvolutional = hiddenLayers.contains {
      if case .convolution = $0.form { true } else { false }
    }
    guard outputLayer != nil, isPrivate || probe.count >= 2000,
      pass.graph.parameterCount <= 2_000_000
    else { return nil }
    return FusionSettings.Adapter(steps: isConvolutional ? 150 : 300, rate: 1e-3)
  }
}
