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
  /// An estimate of the peak memory beside what the program takes anyway, in bytes: all parties'
  /// signatures, and what the largest phase holds; without the activations of a batch of probes.
  public let memoryBytes: Int
  /// The composed loss; `nil` when nothing is randomised.
  public let composed: ComposedLoss?
  public let perValue: Double?
  /// Every debit of a party's first message, in the order of the protocol; empty when nothing is
  /// randomised.
  public let signatureExpenditures: [Expenditure]
  /// The same of its weights.
  public let weightExpenditures: [Expenditure]
  /// How loud each message of one party is, in the order of the protocol; empty when nothing is
  /// randomised.
  public let signals: [MessageSignal]

  public init(_ architecture: SharedArchitecture, settings: FusionSettings, parties: Int) throws {
    let session = try FusionSession(architecture, settings: settings)
    let graph = architecture.pass.graph
    parameterCount = graph.parameterCount
    permutableCount = architecture.groups.permutableCount(in: graph)
    groupCount = architecture.groups.groups.count
    layerCount = architecture.hiddenLayers.count + (architecture.outputLayer == nil ? 0 : 1)
    probeCount = architecture.probe.count
    var tally = Tally(settings)
    let message = try FirstMessage(session, through: &tally) { throw FusionError.noParties }
    let scales = try FirstRound(session, [message]).scales
    signatureExpenditures = tally.expenditures
    for name in settings.messages == .everything ? graph.parameterNames : [] {
      let item = try session.weightItem(name, scales: scales)
      _ = try tally.numbers(item) { throw FusionError.noParties }
    }
    signals = tally.signals
    valueCount = tally.valueCount
    byteCount = tally.byteCount
    let signatureCount = architecture.signatureShapes[session.signatureLayers]
      .reduce(0) { $0 + $1.reduce(1, *) }
    memoryBytes =
      4 * parties * signatureCount
      + max(
        settings.matchingBytes(
          parameters: graph.parameterCount, signatures: signatureCount, parties: parties),
        4 * (settings.heldModels * graph.parameterCount + 2 * signatureCount))
    let expenditures = tally.expenditures
    weightExpenditures = Array(expenditures.dropFirst(signatureExpenditures.count))
    composed =
      try expenditures.isEmpty
      ? nil : Composition(ofModel: expenditures).loss(delta: FusionSession.delta)
    perValue = expenditures.map(\.epsilon).max()
  }
}

extension SharedArchitecture {
  /// The number of classes, at least 2, when the network is a classifier.
  var classCount: Int? {
    guard let outputLayer, let weight = pass.graph.initializers[outputLayer.weight] else {
      return nil
    }
    let count = weight.shape[outputLayer.outputAxis]
    return count > 1 ? count : nil
  }

  /// The adapter that suits this network, or `nil` where it would take too long.
  ///
  /// Large networks are left to the ridge: an adapter of useful length would take minutes on a small
  /// machine. Whether an adapter helps is for ``FusionSettings/choosesPath`` to find out.
  public func recommendedAdapter() -> FusionSettings.Adapter? {
    let isConvolutional = hiddenLayers.contains {
      if case .convolution = $0.form { true } else { false }
    }
    guard outputLayer != nil, pass.graph.parameterCount <= 2_000_000 else { return nil }
    return FusionSettings.Adapter(steps: isConvolutional ? 150 : 300, rate: 1e-3)
  }
}

extension FusionSettings {
  /// What matching holds: the sum of all parties' terms in double precision; the joint ascent two
  /// copies of every party's beside it.
  fileprivate func matchingBytes(parameters: Int, signatures: Int, parties: Int) -> Int {
    let terms =
      (matching.usesWeights ? parameters : 0) + (matching.usesActivations ? signatures : 0)
    return 8 * terms * (matching == .joint ? 2 * parties + 1 : 1)
  }

  /// How many times a model is held after the average: the average itself, what the filter makes of
  /// it, and in its place what the adapter trains, its gradients and two moments.
  fileprivate var heldModels: Int {
    guard usesFilter else { return 1 }
    return adapter == nil ? 2 : 5
  }
}
