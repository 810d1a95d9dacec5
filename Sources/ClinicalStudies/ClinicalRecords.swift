internal import Models
public import Tensors

/// Labelled records of people, and how they are dealt to hospitals of an experiment.
public struct ClinicalRecords: Sendable {
  /// What the parties are.
  enum Parties: Sendable {
    /// One for each group of records, of these names.
    case groups([Int], names: [String])
    /// So many, alike but for chance.
    case alike(Int)
  }

  /// Who holds which records, by index; every record is in one place only.
  public struct Deal: Sendable, Equatable {
    /// Inputs that everyone may see; their labels are used by nobody.
    public let probe: [Int]
    public let test: [Int]
    public let parties: [[Int]]
    public let names: [String]
  }

  /// The data set's name.
  public let name: String
  /// Shape `[records, ...]`, `float32`; each record a function of its own row alone.
  public let inputs: Tensor
  /// The class of every record, 0 being the good one: survived, or normal.
  public let labels: [Int]
  public let classes: Int
  /// The shares of all records in the probe and in the test set.
  let probeShare: Double
  let testShare: Double
  let parties: Parties

  /// Deals the records at random: first the probe, then the test set, then the parties' records.
  ///
  /// - Parameter seed: Decides who gets what.
  /// - Throws: ``ClinicalError/tooFewRecords(found:)`` when someone gets nothing.
  public func deal(seed: UInt64) throws -> Deal {
    var generator = SeededGenerator(seed: seed)
    let order = labels.indices.shuffled(using: &generator)
    let probeEnd = Int(probeShare * Double(order.count))
    let testEnd = probeEnd + Int(testShare * Double(order.count))
    let rest = order[testEnd...]
    let shards: [[Int]]
    let names: [String]
    switch parties {
    case .groups(let groups, let groupNames):
      names = groupNames
      shards = names.indices.map { group in rest.filter { groups[$0] == group } }
    case .alike(let count):
      names = (1...count).map { "party \($0)" }
      shards = (0..<count).map { party in
        stride(from: testEnd + party, to: order.count, by: count).map { order[$0] }
      }
    }
    let deal = Deal(
      probe: Array(order[..<probeEnd]), test: Array(order[probeEnd..<testEnd]), parties: shards,
      names: names)
    guard probeEnd > 1, !deal.test.isEmpty, shards.allSatisfy({ !$0.isEmpty }) else {
      throw ClinicalError.tooFewRecords(found: labels.count)
    }
    return deal
  }

  /// The samples among `indices` that are of a party's own kind; `nil` where parties are alike.
  func ownKind(_ party: Int, among indices: [Int]) -> [Int]? {
    guard case .groups(let groups, _) = parties else { return nil }
    return indices.indices.filter { groups[indices[$0]] == party }
  }
}
