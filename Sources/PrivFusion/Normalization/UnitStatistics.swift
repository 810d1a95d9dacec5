internal import GraphMatching
internal import Models
internal import Symmetry
internal import Tensors

/// What the units of a layer do: their means and deviations, shape `[units]` each.
struct UnitStatistics {
  let mean: Tensor
  let deviation: Tensor

  /// The mean over parties of each.
  static func mean(_ parties: [UnitStatistics]) throws -> UnitStatistics {
    UnitStatistics(
      mean: try FusionSession.mean(of: parties.count) { parties[$0].mean },
      deviation: try FusionSession.mean(of: parties.count) { parties[$0].deviation })
  }
}

/// What a fused network's units should do, by hidden layer.
struct NormalizationTargets {
  /// The mean over the parties of what their units do on the probe, from the signatures sent.
  var measured: [Int: UnitStatistics] = [:]
  /// The same from the shift and scale of the parties' own batch normalisation; empty where anything
  /// is randomised, because shift and scale leave no party.
  var stored: [Int: UnitStatistics] = [:]
}

extension FusionSession {
  /// A party's units in the universe's order.
  ///
  /// - Parameters:
  ///   - values: Shape `[units]`, by the hidden layer's own order.
  ///   - layer: Which hidden layer.
  ///   - permutations: The party's; groups without one keep their order.
  func aligned(
    _ values: Tensor, layer: Int, by permutations: [GroupID: Permutation]
  ) throws -> Tensor {
    let units = architecture.units(of: architecture.hiddenLayers[layer])
    guard units.groups.contains(where: { permutations[$0]?.isIdentity == false }) else {
      return values
    }
    return try values.selecting(units.indices(permutations), axis: 0)
  }

  /// The mean over the parties of what their units do on the probe.
  ///
  ///     deviation = mean over p of std(S_p)                        nothing is randomised
  ///     deviation = sqrt(mean over p of var(S_p) - v)              v is the known noise
  ///
  /// The first is REPAIR's (Jordan et al., ICLR 2023, equation 3). Deviation: under noise a root of
  /// one party's noisy variance would be biased, so that the root is of the mean; it is drawn halfway
  /// to its layer's, as the filter's targets are.
  ///
  /// - Parameters:
  ///   - first: The signatures as they were sent.
  ///   - permutations: Of every party, as everyone knows them from what was sent.
  func measuredStatistics(
    _ first: FirstRound, by permutations: [[GroupID: Permutation]]
  ) throws -> [Int: UnitStatistics] {
    let isOpen = settings.disclosure == .open
    let constants = settings.filterConstants
    return try signatureLayers.reduce(into: [:]) { result, layer in
      let all = try first.signatures.indices.compactMap { party -> UnitStatistics? in
        guard let signature = first.signatures[party][layer] else { return nil }
        let variance = try signature.variance([1])
        return UnitStatistics(
          mean: try aligned(signature.mean([1]), layer: layer, by: permutations[party]),
          deviation: try aligned(
            isOpen ? variance.squareRoot() : variance, layer: layer, by: permutations[party]))
      }
      let mean = try UnitStatistics.mean(all)
      guard !isOpen else {
        result[layer] = mean
        return
      }
      let variance = try mean.deviation.adding(-(first.signatureVariances[layer] ?? 0))
      let level = max(try variance.mean().scalar(), 1e-3)
      result[layer] = UnitStatistics(
        mean: mean.mean,
        deviation: try variance.clamped(atLeast: constants.leastUnitVariance * level)
          .multiplied(by: 1 - constants.levelShare).adding(constants.levelShare * level)
          .squareRoot())
    }
  }

  /// The mean over the parties of the shift and the size of the scale of their batch normalisation,
  /// in canonical form; for layers that normalisation was folded into.
  ///
  /// A unit after normalisation has the mean shift and the deviation |scale| on what the party
  /// trained on, so that averaging shifts and scales and re-estimating the rest is what setting them
  /// as targets does.
  ///
  /// - Parameters:
  ///   - parties: All, where nothing is private.
  ///   - permutations: In the same order.
  func storedStatistics(
    _ parties: [PreparedParty], by permutations: [[GroupID: Permutation]]
  ) throws -> [Int: UnitStatistics] {
    precondition(settings.disclosure == .open, "shift and scale leave no party")
    let architecture = architecture
    return try architecture.hiddenLayers.indices.reduce(into: [:]) { result, index in
      let layer = architecture.hiddenLayers[index]
      guard let names = architecture.folding.normalization(of: layer.output) else { return }
      let all = try parties.enumerated().compactMap { place, party -> UnitStatistics? in
        guard let shift = party.original[names.shift], let scale = party.original[names.scale]
        else { return nil }
        let unit = party.scales[layer.output]
        func canonical(_ values: Tensor) throws -> Tensor {
          try aligned(
            unit.map { try values.divided(by: $0) } ?? values, layer: index,
            by: permutations[place])
        }
        return UnitStatistics(
          mean: try canonical(shift), deviation: try canonical(scale.absolute()))
      }
      if all.count == parties.count, !all.isEmpty { result[index] = try .mean(all) }
    }
  }
}
