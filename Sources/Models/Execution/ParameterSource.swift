public import Tensors

/// Parameters of a network by name, which may be made when they are asked for.
///
/// A network that is larger than what one wants to hold is used through one: each parameter is there
/// while it is worked with.
public protocol ParameterSource: Sendable {
  /// - Returns: `nil` where there is no parameter of that name.
  func parameter(_ name: String) throws -> Tensor?
}

extension Dictionary: ParameterSource where Key == String, Value == Tensor {
  public func parameter(_ name: String) -> Tensor? { self[name] }
}

extension ParameterSource {
  /// The named parameters that there are, all at once.
  public func parameters(_ names: some Sequence<String>) throws -> [String: Tensor] {
    try names.reduce(into: [:]) { $0[$1] = try parameter($1) }
  }
}
