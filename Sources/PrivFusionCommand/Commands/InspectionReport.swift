internal import Foundation
internal import Models
internal import Symmetry
internal import Tensors

/// What `inspect` found out about a model.
struct InspectionReport: Encodable {
  struct Layer: Encodable {
    let name: String
    let operation: String
    let parameters: [String: [Int]]
  }

  struct Group: Encodable {
    let size: Int
    let axes: [String]
    let proved: Bool
  }

  struct FixedAxis: Encodable {
    let axis: String
    let reasons: [String]
  }

  struct SelfCheck: Encodable {
    let maxRelativeDifference: Double
    let tolerance: Double
    let idleAxes: [String]
  }

  let file: String
  let operatorSet: Int
  let parameters: Int
  let permutableParameters: Int
  let layers: [Layer]
  let groups: [Group]
  let fixedAxes: [FixedAxis]
  let selfCheck: SelfCheck

  init(_ graph: ModelGraph, file: String, sample: [String: Tensor], seed: UInt64) throws {
    let graph = try graph.takingBranches(of: sample)
    let pass = try ForwardPass(graph)
    let derived = try PermutationGroups(pass, inputs: sample)
    let check = try SymmetryCheck(derived, of: pass, inputs: sample, seed: seed)
    let kept = derived.filtered({ check.proved.contains($0) }, because: "is not proved")
    let names = Set(graph.parameterNames)
    self.file = file
    operatorSet = graph.operatorSet
    parameters = graph.parameterCount
    permutableParameters = kept.permutableCount(in: graph)
    layers = graph.nodes.compactMap { node in
      let own = node.inputs.filter { names.contains($0) }
      // A node that reads a parameter for its shape or type alone is no layer.
      guard !own.isEmpty, !["Shape", "Size", "CastLike"].contains(node.operation) else {
        return nil
      }
      return Layer(
        name: node.name, operation: node.operation,
        parameters: own.reduce(into: [:]) { $0[$1] = graph.initializers[$1]?.shape })
    }
    groups = derived.groups.map {
      Group(
        size: $0.size, axes: $0.axes.map(\.description), proved: check.proved.contains($0.id))
    }
    fixedAxes = kept.fixedAxes.map { FixedAxis(axis: $0.key.description, reasons: $0.value) }
      .sorted { $0.axis < $1.axis }
    selfCheck = SelfCheck(
      maxRelativeDifference: check.maximumRelativeDifference, tolerance: SymmetryCheck.tolerance,
      idleAxes: check.idleAxes.map(\.description))
  }

  var text: String {
    var lines = [
      "\(file): operator set \(operatorSet), \(parameters) parameters, "
        + "\(permutableParameters) of them in tensors that can be permuted", "", "Layers",
    ]
    for layer in layers {
      let shapes = layer.parameters.sorted { $0.key < $1.key }
        .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      lines.append("  \(layer.operation)  \(shapes)")
    }
    lines += ["", "Permutation groups"]
    for (index, group) in groups.enumerated() {
      let state = group.proved ? "proved" : "NOT PROVED, will not be permuted"
      lines.append("  \(index): \(group.size) units, \(state)")
      lines.append("     ties \(group.axes.joined(separator: " "))")
    }
    if groups.isEmpty { lines.append("  none") }
    lines += ["", "Axes that keep their place"]
    lines += fixedAxes.map { "  \($0.axis)  \($0.reasons.joined(separator: "; "))" }
    lines += [
      "",
      "Self-check: largest relative difference "
        + String(format: "%.1e", selfCheck.maxRelativeDifference)
        + String(format: " (at most %.0e passes); ", selfCheck.tolerance)
        + (selfCheck.idleAxes.isEmpty
          ? "leaving out any single axis breaks it"
          : "left out without effect: \(selfCheck.idleAxes.joined(separator: " "))"),
    ]
    return lines.joined(separator: "\n")
  }
}
