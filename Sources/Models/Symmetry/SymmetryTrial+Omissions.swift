internal import Symmetry
internal import Tensors

extension SymmetryTrial {
  /// An axis that is left out of a group.
  struct Omission: Hashable {
    let group: GroupID
    let axis: ParameterAxis
  }

  /// Axes that can be left out of their group without effect.
  ///
  /// Leaving an axis out of a group's permutation P is applying P, and then its inverse to that axis
  /// alone, A. The two commute, and P leaves the outputs of all parameters as they are, those that A
  /// made included: `f(P A θ) = f(A θ)`. So A alone is tried, and one run with nothing changed serves
  /// all groups.
  ///
  /// - Parameter groups: Groups whose permutations leave the outputs as they are.
  func idleAxes(of groups: [PermutationGroups.Group]) throws -> [Omission] {
    let omissions = groups.flatMap { group in
      group.axes.map { Omission(group: group.id, axis: $0) }
    }
    let idle = try idleAxes(among: omissions)
    return omissions.filter(idle.contains)
  }

  /// The same among some axes of such groups.
  func idleAxes(among omissions: [Omission]) throws -> Set<Omission> {
    var idle: Set<Omission> = []
    try forEachOutputs(of: inOrderOfReading(omissions)) { omission, outputs in
      if try difference(outputs) <= SymmetryCheck.changeThreshold { idle.insert(omission) }
    }
    return idle
  }

  /// A batch starts where the first of its parameters is read, so neighbours belong together.
  private func inOrderOfReading(_ omissions: [Omission]) -> [Omission] {
    var places: [String: Int] = [:]
    for (index, node) in pass.graph.nodes.enumerated() {
      for name in node.inputs where places[name] == nil { places[name] = index }
    }
    let keyed = omissions.map { (place: places[$0.axis.parameter, default: 0], omission: $0) }
    return keyed.sorted { $0.place < $1.place }.map(\.omission)
  }

  /// The outputs with each axis left out in turn; many at a time where the network can.
  private func forEachOutputs(
    of omissions: [Omission], _ body: (Omission, [Tensor]) throws -> Void
  ) throws {
    let batches = try VariantReplay(pass, inputs: inputs, parameters: parameters, seed: seed)
    var replay: Replay?
    let step = batches?.capacity ?? 1
    for start in stride(from: 0, to: omissions.count, by: step) {
      let part = omissions[start..<min(start + step, omissions.count)]
      let variants = try part.map { ($0.axis.parameter, try changed($0)) }
      if let outputs = try batches?.outputs(of: variants) {
        for (omission, outputs) in zip(part, outputs) { try body(omission, outputs) }
        continue
      }
      let single = try replay ?? Replay(pass, inputs: inputs, parameters: parameters)
      replay = single
      for (omission, (name, tensor)) in zip(part, variants) {
        try body(omission, single.outputs(replacing: name, with: tensor))
      }
    }
  }

  /// A parameter with one axis permuted, by the inverse of its group's permutation.
  private func changed(_ omission: Omission) throws -> Tensor {
    let (name, axis) = (omission.axis.parameter, omission.axis.axis)
    guard let original = parameters[name], let structure = groups.structures[name]?[axis],
      let permutation = permutations[omission.group]
    else { preconditionFailure("a group's axis belongs to no parameter") }
    return try original.selecting(
      structure.indices([omission.group: permutation.inverse]), axis: axis)
  }
}
