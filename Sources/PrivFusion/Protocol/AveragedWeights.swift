internal import Models
internal import Symmetry
internal import Tensors

/// The third round: every party's weights in the universe's order, averaged with equal weights.
struct AveragedWeights {
  /// Parameters of the folded graph.
  var parameters: [String: Tensor]
  /// The known variance of the noise in one entry of each.
  var noiseVariances: [String: Double]
  /// For every hidden layer's weight, the mean over the parties of each unit's sum of squares, shape
  /// `[units]`; empty where no weights are sent.
  var rowSquares: [String: Tensor] = [:]

  /// - Parameters:
  ///   - scales: As agreed in the first round.
  ///   - ports: One of every party, at least one.
  ///   - values: What a party, by index, sends of a parameter, in the universe's order; not asked
  ///     for where messages are read.
  init<Port: MessagePort>(
    _ session: FusionSession, scales: [String: Double], through ports: inout [Port],
    progress: FusionProgress, values: (Int, String) throws -> Tensor
  ) throws {
    let names = session.architecture.pass.graph.parameterNames
    let runningVariances = Set(
      session.architecture.pass.graph.nodes.filter { $0.operation == "BatchNormalization" }
        .compactMap { $0.inputs.count > 4 ? $0.inputs[4] : nil })
    var parameters: [String: Tensor] = [:]
    var variances: [String: Double] = [:]
    for (position, name) in names.enumerated() {
      try progress(.releaseWeights, Double(position) / Double(names.count))
      let item = try session.weightItem(name, scales: scales)
      var noise = 0.0
      // The rows of slots in which a party has no unit would count as rows of zeros.
      var squares =
        session.settings.presence == nil
        ? session.architecture.hiddenLayers.first { $0.weight == name }.map { RowSquares($0) } : nil
      let common = session.commonInitialization[name]
      var mean = try FusionSession.mean(of: ports.count) { index in
        let message = try ports[index].numbers(item) { try values(index, name) }
        noise += message.noiseVariance
        try squares?.add(common.map { try message.estimate.adding($0) } ?? message.estimate)
        return message.estimate
      }
      if let factors = try session.settings.presence?.factors(of: name, in: session.architecture) {
        mean = try mean.multiplied(by: factors)
      }
      if let common { mean = try mean.adding(common) }
      rowSquares[name] = try squares?.mean(
        count: ports.count, noiseVariance: noise / Double(ports.count), entries: mean.count)
      // A variance that noise made negative would be no variance.
      if runningVariances.contains(name) { mean = try mean.clamped(atLeast: 1e-3) }
      parameters[name] = mean
      variances[name] = noise / Double(ports.count * ports.count)
    }
    self.parameters = parameters
    noiseVariances = variances
  }

  /// Where no weights are sent: random ones, known to be nothing but noise.
  ///
  /// - Throws: ``FusionError/unlearntParameter(_:)`` for a parameter that is no layer's: nothing that
  ///   is sent would say what it should be.
  init(randomFor session: FusionSession) throws {
    let architecture = session.architecture
    let layers =
      architecture.hiddenLayers + (architecture.outputLayer.map { [$0] } ?? [])
    let own = Set(layers.flatMap { [$0.weight, $0.bias].compactMap(\.self) })
    let graph = architecture.pass.graph
    parameters = try graph.parameterNames.reduce(into: [:]) { parameters, name in
      guard own.contains(name), let shape = graph.initializers[name]?.shape else {
        throw FusionError.unlearntParameter(name)
      }
      parameters[name] = try .zeros(shape)
    }
    noiseVariances = [:]
    self = try randomized(session)
  }

  /// The first control: layers' weights are random, and known to be nothing but noise.
  func randomized(_ session: FusionSession) throws -> AveragedWeights {
    var copy = self
    copy.rowSquares = [:]
    var generator = SeededGenerator(seed: session.settings.seed &+ 0xC0)
    let layers =
      session.architecture.hiddenLayers + (session.architecture.outputLayer.map { [$0] } ?? [])
    for layer in layers {
      guard let weight = parameters[layer.weight] else { continue }
      let fanIn = Double(weight.count / max(weight.shape[layer.outputAxis], 1))
      copy.parameters[layer.weight] = try Tensor.normal(weight.shape, seed: generator.next())
        .multiplied(by: (2 / fanIn).squareRoot())
      copy.noiseVariances[layer.weight] = 2 / fanIn
      if let bias = layer.bias, let shape = parameters[bias]?.shape {
        copy.parameters[bias] = try Tensor.zeros(shape)
      }
    }
    return copy
  }
}

extension FusionSession {
  /// What a party sends of a parameter: the parameter, or its difference to the common start.
  ///
  /// - Throws: ``FusionError/missingParameter(_:)``.
  func sent(_ name: String, of party: PreparedParty) throws -> Tensor {
    guard let own = try party.parameters.parameter(name) else {
      throw FusionError.missingParameter(name)
    }
    guard let common = commonInitialization[name] else { return own }
    return try own.subtracting(common)
  }

  /// Whether a layer's units have unit deviation on the probe.
  func isCanonical(_ layer: LinearLayer) -> Bool {
    settings.commonInitialization == nil && settings.usesCanonicalForm
      && architecture.scaling.scaledOutputs.contains(layer.output)
  }

  /// What is publicly expected of a parameter's scale; `nil` where its radius is fixed.
  func expectedScale(of name: String) -> PublicScale? {
    let graph = architecture.pass.graph
    let layers = architecture.hiddenLayers + (architecture.outputLayer.map { [$0] } ?? [])
    if settings.commonInitialization == nil,
      layers.contains(where: {
        $0.bias == name && (isCanonical($0) || $0 == architecture.outputLayer)
      })
    {
      return nil
    }
    guard let layer = layers.first(where: { $0.weight == name }),
      let shape = graph.initializers[name]?.shape
    else { return .other }
    let fanIn = shape.reduce(1, *) / max(shape[layer.outputAxis], 1)
    return .weight(fanIn: fanIn, isCanonical: isCanonical(layer))
  }

  /// What everyone knows of a parameter before it is sent.
  func weightItem(_ name: String, scales: [String: Double]) throws -> MessageItem {
    guard let shape = architecture.pass.graph.initializers[name]?.shape else {
      throw FusionError.missingParameter(name)
    }
    let (radius, deviations) = radius(of: name, scales: scales)
    return MessageItem(name: name, shape: shape, radius: radius, deviations: deviations)
  }

  /// The clipping radius of a parameter, also in expected deviations.
  private func radius(of name: String, scales: [String: Double]) -> (
    radius: Double, deviations: Double
  ) {
    guard case .randomized(let epsilon, _) = settings.disclosure else { return (1, 1) }
    let deviations =
      settings.commonInitialization == nil
      ? ClippingTable.weights(epsilon: epsilon) : ClippingTable.differences(epsilon: epsilon)
    guard let scale = scales[name] else { return (1, 2) }
    return (deviations * scale, deviations)
  }
}
