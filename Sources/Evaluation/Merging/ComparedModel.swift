/// What a model that is compared is.
public enum MergeRole: Sendable, Equatable {
  case fused
  /// The mean of weights: as they come where all models are in one hand, of the released and matched
  /// ones in a private run.
  case average
  /// Which of the models that went in, from 0.
  case parent(Int)
  /// The mean of all parents' probabilities.
  case ensemble
}

/// A row's identity in a comparison. Which type it is decides who may see the comparison.
public protocol ComparedModel: Sendable, Equatable {
  var role: MergeRole { get }
}

/// A model of a run in which nothing is private: anyone who sees the report has all models.
public struct OpenModel: ComparedModel, Encodable {
  public let role: MergeRole

  public init(_ role: MergeRole) { self.role = role }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(role.name)
  }
}

/// A model that was made of released messages alone, which everyone may see and have.
///
/// No value of this type is a parent or the parents' ensemble.
public enum ReleasedModel: ComparedModel, Encodable, CaseIterable {
  case fused
  case average

  public var role: MergeRole { self == .fused ? .fused : .average }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(role.name)
  }
}

/// A model of a private run that concerns clean parents: for who holds them alone.
///
/// It has no encoding, and so nothing that holds it can be written into a report.
public struct OwnersModel: ComparedModel {
  public let role: MergeRole

  public init(_ role: MergeRole) { self.role = role }
}

extension MergeRole {
  /// In a report: `fused`, `average`, `party 2` or `ensemble`.
  public var name: String {
    switch self {
    case .fused: "fused"
    case .average: "average"
    case .parent(let index): "party \(index + 1)"
    case .ensemble: "ensemble"
    }
  }
}
