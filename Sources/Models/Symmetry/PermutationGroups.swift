public import Symmetry
public import Tensors

/// One axis of one parameter.
public struct ParameterAxis: Hashable, Sendable, CustomStringConvertible {
  public let parameter: String
  public let axis: Int

  public init(parameter: String, axis: Int) {
    self.parameter = parameter
    self.axis = axis
  }

  public var description: String { "\(parameter)[\(axis)]" }
}

/// The permutation groups of a network: which parameter axes must be permuted together for its
/// function to stay the same.
///
/// Derived from the graph by one rule an operator (Ainsworth et al., ICLR 2023, section 3 describe
/// the symmetry; specifications by hand are avoided because they are where errors creep in), then
/// proved by ``SymmetryCheck``.
public struct PermutationGroups: Sendable {
  /// A group and the axes that it ties.
  public struct Group: Sendable {
    public let id: GroupID
    /// The number of units that it permutes.
    public let size: Int
    public let axes: [ParameterAxis]
  }

  public let groups: [Group]
  /// For every parameter, how each of its axes is made of groups.
  public let structures: [String: [AxisStructure]]
  /// The same for every value in between, inputs and outputs included.
  public let valueStructures: [String: [AxisStructure]]
  /// Parameter axes of which some positions keep their place, with the reasons.
  public let fixedAxes: [ParameterAxis: [String]]

  /// Derives the groups of `pass.graph`.
  ///
  /// - Parameters:
  ///   - pass: The network; its parameters' values do not matter.
  ///   - inputs: A small batch for every graph input: the shapes in between are read off a run with
  ///     it. Its numbers do not matter.
  /// - Throws: ``ModelError/unknownOperator(operation:node:)`` for an operator without a rule.
  public init(_ pass: ForwardPass, inputs: [String: Tensor]) throws {
    let graph = pass.graph
    let names = graph.parameterNames
    let trace = try Trace(pass, inputs: inputs, parameters: Set(names))
    var context = SymmetryContext(graph: graph, trace: trace)
    try SymmetryRules.apply(to: &context)

    var ids: [AxisPartition.Axis: GroupID] = [:]
    var tied: [[ParameterAxis]] = []
    var sizes: [Int] = []
    var fixed: [ParameterAxis: [String]] = [:]
    for name in names {
      for (index, axis) in context.axes(of: name).enumerated() {
        let place = ParameterAxis(parameter: name, axis: index)
        for leaf in context.partition.leaves(of: axis) where context.partition.size(leaf) > 1 {
          if let reason = context.partition.reason(of: leaf) {
            if fixed[place]?.contains(reason) != true { fixed[place, default: []].append(reason) }
          } else if let id = ids[leaf] {
            if tied[id.index].last != place { tied[id.index].append(place) }
          } else {
            ids[leaf] = GroupID(tied.count)
            tied.append([place])
            sizes.append(context.partition.size(leaf))
          }
        }
      }
    }
    let partition = context.partition
    func structures(_ axes: [AxisPartition.Axis]) -> [AxisStructure] {
      axes.map { partition.structure(of: $0) { ids[$0] } }
    }
    groups = tied.indices.map { Group(id: GroupID($0), size: sizes[$0], axes: tied[$0]) }
    self.structures = Dictionary(
      uniqueKeysWithValues: names.map { ($0, structures(context.axes(of: $0))) })
    valueStructures = context.axes.mapValues(structures)
    fixedAxes = fixed
  }

  private init(
    groups: [Group], structures: [String: [AxisStructure]],
    valueStructures: [String: [AxisStructure]], fixedAxes: [ParameterAxis: [String]]
  ) {
    self.groups = groups
    self.structures = structures
    self.valueStructures = valueStructures
    self.fixedAxes = fixedAxes
  }

  /// The same without the groups that `isKept` refuses; their axes keep their place.
  public func filtered(_ isKept: (GroupID) -> Bool, because reason: String) -> PermutationGroups {
    let dropped = groups.filter { !isKept($0.id) }
    guard !dropped.isEmpty else { return self }
    let ids = Set(dropped.map(\.id))
    let fixed = dropped.flatMap(\.axes).reduce(into: fixedAxes) {
      $0[$1, default: []].append(reason)
    }
    return PermutationGroups(
      groups: groups.filter { !ids.contains($0.id) },
      structures: structures.mapValues { $0.map { $0.fixing(ids) } },
      valueStructures: valueStructures.mapValues { $0.map { $0.fixing(ids) } },
      fixedAxes: fixed)
  }

  /// The same with one axis wrongly left out of a group; for trying ``SymmetryCheck``.
  package func removing(_ axis: ParameterAxis, from id: GroupID) -> PermutationGroups {
    var structures = structures
    if let structure = structures[axis.parameter]?[axis.axis] {
      structures[axis.parameter]?[axis.axis] = structure.fixing([id])
    }
    return PermutationGroups(
      groups: groups.map { group in
        guard group.id == id else { return group }
        return Group(id: id, size: group.size, axes: group.axes.filter { $0 != axis })
      },
      structures: structures, valueStructures: valueStructures, fixedAxes: fixedAxes)
  }

  /// The number of parameters with an axis that a group permutes.
  public func permutableCount(in graph: ModelGraph) -> Int {
    structures.reduce(0) { total, entry in
      let isPermuted = entry.value.contains { !$0.groups.isEmpty }
      return total + (isPermuted ? graph.initializers[entry.key]?.count ?? 0 : 0)
    }
  }

  /// A parameter with its axes permuted.
  ///
  /// - Parameters:
  ///   - tensor: The parameter's value.
  ///   - name: Its name.
  ///   - permutations: One a group; groups without one keep their order.
  ///   - skipping: An axis to leave as it is; for the self-check.
  public func permuted(
    _ tensor: Tensor, named name: String, by permutations: [GroupID: Permutation],
    skipping: ParameterAxis? = nil
  ) throws -> Tensor {
    var result = tensor
    for (axis, structure) in (structures[name] ?? []).enumerated() {
      if skipping == ParameterAxis(parameter: name, axis: axis) { continue }
      guard structure.groups.contains(where: { permutations[$0]?.isIdentity == false }) else {
        continue
      }
      result = try result.selecting(structure.indices(permutations), axis: axis)
    }
    return result
  }
}
