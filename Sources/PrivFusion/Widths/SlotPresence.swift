internal import Models
internal import Symmetry
internal import Tensors

/// Which slots of the common architecture each party has a unit in, and which outputs each knows.
///
/// A slot's value in the fused network is to be the mean of the values that its parties have there:
///
///     z[s] = mean over p in P(s) of z_p[s],    z_p[s] = sum over t in p of W_p[s, t] h_p[t]
///     W[s, t] = sum over p in P(s) of W_p[s, t] / |P(s)|,    0 where p has no unit t
///
/// so a weight is divided by the number of parties that have the unit it leads **to**, whether or not
/// they have the one that it comes from. Outputs are in every party (or in those that know the
/// class), and a unit that k of n parties have reaches them with k/n of its weight: where units are
/// matched, the fused function is the mean of the parties' functions. Dividing by the parties that
/// have both units instead makes what leaves a rare unit n/k times too loud.
package struct SlotPresence: Sendable {
  /// What a weight between two units is divided by.
  package enum Divisor: String, Sendable, CaseIterable {
    /// The parties that have the unit it leads to.
    case target
    /// The parties that have both units.
    case both
    /// All parties.
    case all
  }

  /// For every party, by group, whether it has a unit in each slot.
  let units: [[GroupID: [Bool]]]
  /// For every party whether it knows each output; `nil` where all know all.
  let outputs: [[Bool]]?
  let divisor: Divisor

  /// What the mean of a parameter over all parties is multiplied by; `nil` where that is 1.
  ///
  /// - Returns: A shape that broadcasts to the parameter's.
  func factors(of name: String, in architecture: SharedArchitecture) throws -> Tensor? {
    guard divisor != .all || outputs != nil else { return nil }
    let axes = architecture.groups.structures[name] ?? []
    let summed = architecture.pass.graph.summedAxis(of: name)
    let outputAxis = architecture.outputAxis(of: name)
    var counts: Tensor?
    for party in units.indices {
      var present = Tensor(Float(1))
      for (axis, structure) in axes.enumerated() {
        var flags: [Bool]?
        if axis == outputAxis, let outputs {
          flags = outputs[party]
        } else if divisor == .both || (divisor == .target && axis != summed) {
          flags = structure.isPresent(units[party])
        }
        guard let flags, flags.contains(false) else { continue }
        var shape = Array(repeating: 1, count: axes.count)
        shape[axis] = flags.count
        present = try present.multiplied(
          by: Tensor(flags.map { $0 ? Float(1) : 0 }, shape: shape))
      }
      counts = try counts?.adding(present) ?? present
    }
    return try counts.map(inverse)
  }

  /// The same for the signature of a hidden layer, shape `[units, 1]`.
  func factors(of layer: LinearLayer, in architecture: SharedArchitecture) throws -> Tensor? {
    let structure = architecture.units(of: layer)
    guard units.contains(where: { structure.isPresent($0).contains(false) }) else { return nil }
    let counts = units.reduce(into: Array(repeating: Float(0), count: structure.size)) {
      for (unit, isPresent) in structure.isPresent($1).enumerated() where isPresent {
        $0[unit] += 1
      }
    }
    return try inverse(Tensor(counts, shape: [structure.size, 1]))
  }

  /// The same for the outputs, shape `[outputs]`; `nil` where all parties know all.
  func outputFactors() throws -> Tensor? {
    try outputs.map { outputs in
      let counts = outputs.reduce(into: Array(repeating: Float(0), count: outputs[0].count)) {
        for (output, isKnown) in $1.enumerated() where isKnown { $0[output] += 1 }
      }
      return try inverse(Tensor(counts, shape: [counts.count]))
    }
  }

  private func inverse(_ counts: Tensor) throws -> Tensor {
    try counts.clamped(atLeast: 1).reciprocal().multiplied(by: Double(units.count))
  }

  /// The deviations of a party's units where those that it has not are given the median of those that
  /// it has: nothing is divided by the 0 of an empty slot, nor does it count among the others.
  ///
  /// - Parameter deviations: Shape `[units]`.
  func filled(
    _ deviations: Tensor, party: Int, layer: LinearLayer, in architecture: SharedArchitecture
  ) throws -> Tensor {
    let present = architecture.units(of: layer).isPresent(units[party])
    let held = present.indices.filter { present[$0] }
    guard held.count < present.count, !held.isEmpty else { return deviations }
    let median = try deviations.selecting(held, axis: 0).median(axis: 0).scalar()
    let empty = try Tensor(present.map { $0 ? Float(0) : Float(median) }, shape: [present.count])
    return try deviations.adding(empty)
  }
}

extension SharedArchitecture {
  /// The axis of a parameter that holds the network's outputs, where it is the output layer's.
  fileprivate func outputAxis(of name: String) -> Int? {
    guard let outputLayer else { return nil }
    if name == outputLayer.weight { return outputLayer.outputAxis }
    return name == outputLayer.bias ? 0 : nil
  }
}

extension ModelGraph {
  /// The axis of a weight that a product or convolution sums over; `nil` where none is.
  fileprivate func summedAxis(of parameter: String) -> Int? {
    let readers = nodes.filter { $0.inputs.contains(parameter) }
    let axes = readers.map { node -> Int? in
      let place = node.inputs.firstIndex(of: parameter) ?? 0
      let rank = initializers[parameter]?.rank ?? 0
      switch (node.operation, place) {
      case ("Gemm", 1):
        if case .int(1)? = node.attributes["transB"] { return 1 }
        return 0
      case ("Conv", 1): return 1
      case ("MatMul", 1): return max(rank - 2, 0)
      case ("MatMul", 0): return rank - 1
      default: return nil
      }
    }
    // Read in two ways, it is neither's.
    return Set(axes).count == 1 ? axes[0] : nil
  }
}
