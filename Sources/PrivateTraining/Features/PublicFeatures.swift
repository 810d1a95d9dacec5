public import Models
public import Tensors

/// A feature map learnt from public inputs alone: the trunk that all parties' heads stand on.
///
/// No label and no private record enters it, so it costs no privacy, and as every party has the
/// same one, heads trained apart live in one space and can be averaged as they are.
public struct PublicFeatures: Sendable {
  /// What the inputs are.
  public enum Kind: String, Sendable, CaseIterable {
    /// Shape `[m, channels, height, width]`.
    case image
    /// Shape `[m, channels, length]`.
    case signal
    /// Shape `[m, columns]`.
    case table

    /// The kind that a shape speaks of; `nil` for shapes of no kind.
    public init?(rank: Int) {
      switch rank {
      case 4: self = .image
      case 3: self = .signal
      case 2: self = .table
      default: return nil
      }
    }
  }

  /// How many numbers describe an input, above 0; fewer where the probe spans fewer.
  public var dimension: Int
  /// How many typical probes the features are compared with in a second layer; `nil` for none.
  ///
  /// It smooths: worth it for many small parties, whose noise leaves little else.
  public var centres: Int?
  /// Decides which patches are looked at, where clusters start, and the waves of tables.
  public var seed: UInt64

  public init(dimension: Int = 400, centres: Int? = nil, seed: UInt64) {
    precondition(dimension > 0, "the dimension must be above 0, got \(dimension)")
    precondition((centres ?? 1) > 0, "there must be at least one centre")
    self.dimension = dimension
    self.centres = centres
    self.seed = seed
  }

  /// Learns the trunk.
  ///
  /// It runs on one thread, so that the same probe and seed give the same bytes on any number of
  /// cores.
  ///
  /// - Parameter probe: Public inputs, `float32`, of a shape that ``Kind`` lists.
  /// - Returns: A graph from the input `x` to `features`, of shape `[batch, dimension]`, rows of
  ///   length 1.
  /// - Throws: ``PrivateTrainingError`` when the probe has a shape of no kind, is too small, holds
  ///   numbers that are not finite, or has nothing to learn from.
  public func trunk(learntFrom probe: Tensor) throws -> ModelGraph {
    guard let kind = Kind(rank: probe.rank), probe.elementType == .float32,
      probe.shape.allSatisfy({ $0 > 0 })
    else { throw PrivateTrainingError.probeShape(found: probe.shape) }
    guard try probe.isFinite() else { throw PrivateTrainingError.probeNotFinite }
    guard probe.shape[0] >= 2 else { throw PrivateTrainingError.noVariation }
    return try TensorEngine.withThreads(1) {
      var trunk = TrunkGraph(sample: Array(probe.shape.dropFirst()))
      let map: String
      var evenness = FeatureScaling.evenness
      if kind == .table {
        map = try TableFeatures().append(for: probe, seed: seed, to: &trunk)
        evenness = TableFeatures.evenness
      } else {
        let least = probe.shape.dropFirst(2).min() ?? 0
        var features = kind == .signal ? PatchFeatures.forSignals(length: least) : PatchFeatures()
        features.patchWidth = min(features.patchWidth, least)
        let places = least - features.patchWidth + 1
        features.levels = features.levels.filter { $0 <= places }
        if features.levels.isEmpty { features.levels = [1] }
        let dictionary = try PatchDictionary(
          samples: probe, width: features.patchWidth, count: features.filterCount, seed: seed)
        map = try features.append(dictionary, for: probe, to: &trunk)
      }
      return try scaled(map, of: trunk, inputs: ["x": probe], evenness: evenness)
    }
  }

  /// Takes any public network's inner tensor as the feature map.
  ///
  /// - Parameters:
  ///   - backbone: A network whose weights owe nothing to private data.
  ///   - tensor: The name of a value in it, of shape `[batch, ...]`.
  ///   - inputs: Public inputs of the network, which set the scales.
  /// - Returns: The network up to there, flattened, scaled as ``trunk(learntFrom:)`` scales.
  /// - Throws: ``PrivateTrainingError/noSuchTensor(name:near:)``; `ModelError` when it can't be
  ///   evaluated on `inputs`.
  public func trunk(
    from backbone: ModelGraph, at tensor: String, inputs: [String: Tensor]
  ) throws -> ModelGraph {
    try TensorEngine.withThreads(1) {
      var trunk = TrunkGraph(continuing: try backbone.upTo(tensor))
      let flat = trunk.append("Flatten", "trunk.map", [tensor], ["axis": .int(1)])
      return try scaled(flat, of: trunk, inputs: inputs)
    }
  }

  private func scaled(
    _ map: String, of trunk: TrunkGraph, inputs: [String: Tensor],
    evenness: Double = FeatureScaling.evenness
  ) throws -> ModelGraph {
    var trunk = trunk
    var map = map
    var values = try FeatureMap(trunk.graph(map, width: nil)).features(inputs)
    if let centres {
      let kernel = KernelLayer(centres: centres)
      map = try kernel.append(map, values: &values, seed: seed, to: &trunk)
    }
    let scaling = try FeatureScaling(map: values, dimension: dimension, evenness: evenness)
    let output = try scaling.append(map, to: &trunk, as: TrunkGraph.outputName)
    return trunk.graph(output, width: scaling.dimension)
  }
}
