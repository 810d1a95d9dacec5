public import Tensors

/// Shows that two models have the same architecture, and which names correspond.
///
/// Names do not matter: exporters number values as they please. Operators, attributes, wiring, shapes
/// and constants do.
public struct ArchitectureMatch: Sendable {
  /// For every initializer of the other model, the name of the first's that stands in its place.
  private let firstNames: [String: String]

  /// - Throws: ``ModelError/differentArchitecture(reason:)`` naming the first difference.
  public init(_ first: ModelGraph, _ other: ModelGraph) throws {
    func differ(_ reason: String) -> ModelError { .differentArchitecture(reason: reason) }
    guard first.nodes.count == other.nodes.count else {
      throw differ("\(first.nodes.count) operators in the first, \(other.nodes.count) here")
    }
    guard first.inputs.count == other.inputs.count, first.outputs.count == other.outputs.count
    else { throw differ("the numbers of inputs or outputs differ") }
    let parameters = Set(first.parameterNames)
    var names: [String: String] = [:]
    var taken: Set<String> = []
    for (a, b) in zip(first.inputs, other.inputs) {
      guard a.type == b.type, a.shape == b.shape else {
        throw differ("input '\(a.name)' has shape \(Self.words(a)), '\(b.name)' \(Self.words(b))")
      }
      names[b.name] = a.name
    }
    for (a, b) in zip(first.nodes, other.nodes) {
      guard a.operation == b.operation else {
        throw differ("operator \(a.label) is \(a.operation) in the first, \(b.operation) here")
      }
      guard a.inputs.count == b.inputs.count, a.outputs.count == b.outputs.count,
        try Self.equal(a.attributes, b.attributes)
      else { throw differ("operator \(a.label) (\(a.operation)) has other attributes here") }
      guard
        !["Softmax", "LogSoftmax"].contains(a.operation)
          || (first.operatorSet < 13) == (other.operatorSet < 13)
      else {
        throw differ("operator \(a.label) (\(a.operation)) changed its meaning in operator set 13")
      }
      for (x, y) in zip(a.inputs, b.inputs) {
        if let known = names[y] {
          guard known == x else { throw differ("operator \(a.label) reads another value here") }
          continue
        }
        guard x.isEmpty == y.isEmpty else {
          throw differ("operator \(a.label) has an optional input in only one model")
        }
        if x.isEmpty { continue }
        // A weight that is read twice is not two weights.
        guard let left = first.initializers[x], let right = other.initializers[y],
          !parameters.contains(x) || taken.insert(x).inserted
        else { throw differ("operator \(a.label) reads another value here") }
        guard left.shape == right.shape, left.elementType == right.elementType else {
          throw differ(
            """
            '\(x)' has shape \(left.shape) and type \(left.elementType) in the first, \
            \(right.shape) and \(right.elementType) here
            """)
        }
        if !parameters.contains(x), try !left.isIdentical(to: right) {
          throw differ("the constant '\(x)' differs")
        }
        names[y] = x
      }
      for (x, y) in zip(a.outputs, b.outputs) { names[y] = x }
    }
    for (a, b) in zip(first.outputs, other.outputs) where names[b.name] != a.name {
      throw differ("output '\(a.name)' is made by another operator")
    }
    firstNames = names.filter { other.initializers[$0.key] != nil }
  }

  /// Checks that two graphs have the same operators and inputs, whatever the sizes of their layers.
  ///
  /// - Throws: ``ModelError/differentArchitecture(reason:)`` naming the first difference.
  public static func checkWiring(_ first: ModelGraph, _ other: ModelGraph) throws {
    func differ(_ reason: String) -> ModelError { .differentArchitecture(reason: reason) }
    guard first.nodes.count == other.nodes.count else {
      throw differ("\(first.nodes.count) operators in the first, \(other.nodes.count) here")
    }
    guard first.inputs.count == other.inputs.count else {
      throw differ("the numbers of inputs differ")
    }
    for (a, b) in zip(first.nodes, other.nodes) where a.operation != b.operation {
      throw differ("operator \(a.label) is \(a.operation) in the first, \(b.operation) here")
    }
    for (a, b) in zip(first.inputs, other.inputs) where a.type != b.type || a.shape != b.shape {
      throw differ("input '\(a.name)' has shape \(words(a)), '\(b.name)' \(words(b))")
    }
  }

  /// The other model's initializers under the first's names.
  public func renamed(_ initializers: [String: Tensor]) -> [String: Tensor] {
    initializers.reduce(into: [:]) { result, entry in
      if let name = firstNames[entry.key] { result[name] = entry.value }
    }
  }

  private static func words(_ port: ModelGraph.Port) -> String {
    "[" + port.shape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ") + "]"
  }

  private static func equal(
    _ a: [String: ModelGraph.Attribute], _ b: [String: ModelGraph.Attribute]
  ) throws -> Bool {
    guard a.count == b.count else { return false }
    return try a.allSatisfy { name, value in
      guard let other = b[name] else { return false }
      return switch (value, other) {
      case (.int(let x), .int(let y)): x == y
      case (.float(let x), .float(let y)): x == y
      case (.string(let x), .string(let y)): x == y
      case (.ints(let x), .ints(let y)): x == y
      case (.floats(let x), .floats(let y)): x == y
      case (.strings(let x), .strings(let y)): x == y
      case (.tensor(let x), .tensor(let y)): try x.isIdentical(to: y)
      default: false
      }
    }
  }
}
