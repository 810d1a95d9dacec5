internal import Symmetry
public import Tensors

/// Which hidden units can be rescaled freely, and the rescaling to unit deviation.
///
/// A unit that feeds only a positively homogeneous activation (ReLU and kin) and then linear layers
/// can be multiplied by any s > 0 when its consumers' weights are divided by it. Scaling every such
/// unit's pre-activation to unit standard deviation on the probe makes networks comparable without
/// any party having to publish a scale.
public struct CanonicalScaling: Sendable {
  struct Consumer: Sendable {
    let weight: String
    let axis: Int
    /// For every position of the axis, the unit it belongs to.
    let units: [Int]
  }

  /// For every output of a layer that can be rescaled, its consumers.
  let consumers: [String: [Consumer]]

  /// The outputs of layers that are brought to unit deviation.
  public var scaledOutputs: Set<String> { Set(consumers.keys) }

  public init(_ graph: ModelGraph, layers: [LinearLayer], groups: PermutationGroups) {
    var result: [String: [Consumer]] = [:]
    for layer in layers {
      guard let structure = groups.structures[layer.weight]?[layer.outputAxis],
        case .group(let id, _) = structure,
        let consumers = Self.consumers(of: layer, group: id, graph, layers, groups)
      else { continue }
      result[layer.output] = consumers
    }
    consumers = result
  }

  /// Rescales a party's parameters.
  ///
  /// - Parameters:
  ///   - parameters: All parameters.
  ///   - layers: The layers to rescale; one that can't be, or has no deviation, stays as it is.
  ///   - deviations: The standard deviation of every unit, by layer output; shape `[units]`.
  /// - Returns: Parameters of the same function in which each scaled unit has unit deviation, but for
  ///   units below a tenth of their layer's median, which are scaled as if they were at that floor.
  public func canonical(
    _ parameters: [String: Tensor], layers: [LinearLayer], deviations: [String: Tensor]
  ) throws -> [String: Tensor] {
    let scaled = try CanonicalParameters(
      self, of: parameters, layers: layers, deviations: deviations)
    return try scaled.parameters(parameters.keys)
  }

  /// What each parameter is multiplied by, axis by axis.
  ///
  /// - Parameters: As of ``canonical(_:layers:deviations:)``.
  fileprivate func factors(
    _ layers: [LinearLayer], _ deviations: [String: Tensor]
  ) throws -> [String: [(factors: Tensor, axis: Int)]] {
    var result: [String: [(factors: Tensor, axis: Int)]] = [:]
    for layer in layers {
      guard let consumers = consumers[layer.output], let deviation = deviations[layer.output]
      else { continue }
      let scale = try Self.floored(deviation)
      let inverse = try scale.reciprocal()
      result[layer.weight, default: []].append((inverse, layer.outputAxis))
      if let bias = layer.bias { result[bias, default: []].append((inverse, 0)) }
      for consumer in consumers {
        result[consumer.weight, default: []]
          .append((try scale.selecting(consumer.units, axis: 0), consumer.axis))
      }
    }
    return result
  }

  /// A unit's scale: its deviation, but at least a tenth of the layer's median and above 0.
  public static func floored(_ deviation: Tensor) throws -> Tensor {
    let floor = try deviation.median(axis: 0).scalar() * 0.1
    return try deviation.clamped(atLeast: max(floor, 1e-12))
  }

  /// The consumers of a layer's units, or `nil` when something else than homogeneous activations and
  /// linear layers sees them.
  private static func consumers(
    of layer: LinearLayer, group: GroupID, _ graph: ModelGraph, _ layers: [LinearLayer],
    _ groups: PermutationGroups
  ) -> [Consumer]? {
    let byNode = Dictionary(uniqueKeysWithValues: layers.map { ($0.node, $0) })
    let outputs = Set(graph.outputs.map(\.name))
    var result: [Consumer] = []
    var pending = [layer.output]
    while let value = pending.popLast() {
      if outputs.contains(value) { return nil }
      for (index, node) in graph.nodes.enumerated() where node.inputs.contains(value) {
        if let consumer = byNode[index], consumer.input == value {
          guard let axis = groups.structures[consumer.weight]?[consumer.inputAxis],
            axis.occurrences(of: group).count == 1
          else { return nil }
          var units = Array(repeating: 0, count: axis.size)
          for (unit, positions) in axis.occurrences(of: group)[0].enumerated() {
            for position in positions { units[position] = unit }
          }
          result.append(
            Consumer(weight: consumer.weight, axis: consumer.inputAxis, units: units))
        } else if homogeneous.contains(node.operation), node.inputs[0] == value {
          pending.append(contentsOf: node.outputs.prefix(1))
        } else {
          return nil
        }
      }
    }
    let expected = Set(
      [ParameterAxis(parameter: layer.weight, axis: layer.outputAxis)]
        + (layer.bias.map { [ParameterAxis(parameter: $0, axis: 0)] } ?? [])
        + result.map { ParameterAxis(parameter: $0.weight, axis: $0.axis) })
    let tied = groups.groups.first { $0.id == group }.map { Set($0.axes) }
    return tied == expected && !result.isEmpty ? result : nil
  }

  /// Operators f with f(s x) = s f(x) for s > 0, unit by unit.
  private static let homogeneous: Set<String> = [
    "Relu", "LeakyRelu", "Identity", "Dropout", "MaxPool", "AveragePool", "GlobalAveragePool",
    "GlobalMaxPool", "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "ReduceMean",
    "ReduceSum", "ReduceMax",
  ]
}

/// A party's parameters in canonical form, each rescaled when it is asked for.
public struct CanonicalParameters: ParameterSource {
  private let base: any ParameterSource
  private let factors: [String: [(factors: Tensor, axis: Int)]]

  /// - Parameters:
  ///   - scaling: Which units can be rescaled.
  ///   - base: All parameters.
  ///   - layers: The layers to rescale; one that can't be, or has no deviation, stays as it is.
  ///   - deviations: The standard deviation of every unit, by layer output; shape `[units]`.
  public init(
    _ scaling: CanonicalScaling, of base: any ParameterSource, layers: [LinearLayer],
    deviations: [String: Tensor]
  ) throws {
    self.base = base
    factors = try scaling.factors(layers, deviations)
  }

  public func parameter(_ name: String) throws -> Tensor? {
    try base.parameter(name).map { tensor in
      try (factors[name] ?? []).reduce(tensor) { try $0.scaled(by: $1.factors, axis: $1.axis) }
    }
  }
}
