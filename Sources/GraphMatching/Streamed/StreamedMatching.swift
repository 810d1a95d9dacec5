public import Symmetry
internal import Tensors

/// A matching of parties whose tensors are too large to hold, step by step, that can be put aside and
/// taken up again.
///
/// Party 0 stands as it came. Each next party is aligned to the sum of those before it, first with every
/// group placed by placed ones alone, and from where it stands if that is no better, as
/// ``universe(of:terms:maximumSweeps:)-([PartyTensors],_,_)`` begins. Deviation from that: nobody is
/// aligned a second time, and nothing is held: every tensor, and every sum, is made when it is looked at.
/// For two parties that sum is party 0 itself.
///
/// Nothing that depends on the way to a state is kept beside it, so that a matching that was taken up
/// again goes exactly the way it would have gone.
public struct StreamedMatching: Sendable {
  /// How far a matching has come; what a process that was ended goes on from.
  public struct State: Codable, Sendable, Equatable {
    /// By party, then group: position `i` of the common order is the party's `[i]`.
    var finished: [[Int: [Int]]]
    /// The party that is being aligned, if one is.
    var current: Search?

    struct Search: Codable, Sendable, Equatable {
      var permutations: [Int: [Int]]
      var pending: [Int]
      var unplaced: [Int]
      var sweeps: Int
      /// Whether it is the search from where the party stands, and what the other one found.
      var other: [Int: [Int]]?
    }
  }

  private let plan: MatchingPlan
  private let parties: [PartyTensors]
  private let maximumSweeps: Int
  /// How far it has come.
  public private(set) var state: State

  /// - Parameters:
  ///   - parties: For every party, one tensor a term, made when it is asked for.
  ///   - terms: What each tensor is.
  ///   - state: Where an earlier matching of the same parties stood; `nil` for the beginning.
  ///   - maximumSweeps: How often all groups of a party are visited at most, for each of the two searches.
  /// - Throws: ``MatchingError/noParties``, ``MatchingError/tensorCount(terms:found:)``,
  ///   ``MatchingError/permutationSize(_:expected:found:)`` for a state of other groups.
  public init(
    of parties: [PartyTensors], terms: [MatchingTerm], from state: State? = nil,
    maximumSweeps: Int = 8
  ) throws {
    guard !parties.isEmpty else { throw MatchingError.noParties }
    plan = try MatchingPlan(terms)
    for party in parties { try plan.checkCount(party) }
    self.parties = parties
    self.maximumSweeps = maximumSweeps
    let identity = try plan.completed([:])
    self.state = state ?? State(finished: [Self.stored(identity)], current: nil)
    let all =
      self.state.finished + [self.state.current?.permutations].compactMap(\.self)
      + [self.state.current?.other].compactMap(\.self)
    guard !self.state.finished.isEmpty, self.state.finished.count <= parties.count else {
      throw MatchingError.noParties
    }
    for one in all { _ = try plan.completed(Self.permutations(one, of: plan)) }
  }

  /// Whether every party is aligned.
  public var isFinished: Bool { state.finished.count == parties.count }

  /// The share of parties that are aligned.
  public var progress: Double {
    let within = state.current.map { Double($0.sweeps) / Double(2 * maximumSweeps) } ?? 0
    return (Double(state.finished.count) + within) / Double(parties.count)
  }

  /// For every aligned party and group: position `i` of the common order is the party's `indices[i]`.
  public var permutations: [[GroupID: Permutation]] {
    get throws { try state.finished.map { try Self.permutations($0, of: plan) } }
  }

  /// Visits every group of the party that is being aligned once.
  ///
  /// - Throws: As ``alignment(of:to:terms:start:maximumSweeps:)``.
  public mutating func step() throws {
    guard !isFinished else { return }
    let identity = try plan.completed([:])
    let isTied = plan.groups.contains { !plan.neighbours(of: $0).isEmpty }
    // Groups that share no term do not depend on each other's place: one search is enough.
    var record =
      state.current
      ?? State.Search(
        permutations: Self.stored(identity), pending: plan.groups.map(\.index),
        unplaced: isTied ? plan.groups.map(\.index) : [], sweeps: 0)
    var search = try self.search(record)
    _ = try search.sweep()
    record.permutations = Self.stored(search.permutations)
    record.pending = search.pending.map(\.index).sorted()
    record.unplaced = search.unplaced.map(\.index).sorted()
    record.sweeps += 1
    let isDone = search.pending.isEmpty || record.sweeps >= maximumSweeps
    guard isDone else {
      state.current = record
      return
    }
    if let other = record.other {
      let found = try self.search(record).objective
      record.permutations = other
      finish(try self.search(record).objective > found ? other : Self.stored(search.permutations))
    } else if isTied {
      let found = try self.search(record).objective
      var start = record
      start.permutations = Self.stored(identity)
      if try self.search(start).objective < found { return finish(record.permutations) }
      // Where the party stood was better: it is nearer to the others than descent from nowhere.
      state.current = State.Search(
        permutations: Self.stored(identity), pending: plan.groups.map(\.index), unplaced: [],
        sweeps: 0, other: record.permutations)
    } else {
      finish(record.permutations)
    }
  }

  private mutating func finish(_ permutations: [Int: [Int]]) {
    state.finished.append(permutations)
    state.current = nil
  }

  private func search(_ record: State.Search) throws -> AlignmentSearch {
    let done = try permutations
    let (plan, parties) = (plan, parties)
    let sum = PartyTensors(count: plan.terms.count) { term in
      var sum = try plan.tensor(term, of: parties[0], by: done[0])
      for (party, order) in zip(parties, done).dropFirst() {
        sum = try sum.adding(plan.tensor(term, of: party, by: order))
      }
      return sum
    }
    var search = AlignmentSearch(
      plan: plan, party: parties[done.count], universe: sum,
      start: try Self.permutations(record.permutations, of: plan))
    search.keepsParts = false
    search.pending = Set(record.pending.map { GroupID($0) })
    search.unplaced = Set(record.unplaced.map { GroupID($0) })
    return search
  }

  private static func stored(_ permutations: [GroupID: Permutation]) -> [Int: [Int]] {
    permutations.reduce(into: [:]) { $0[$1.key.index] = $1.value.indices }
  }

  private static func permutations(
    _ stored: [Int: [Int]], of plan: MatchingPlan
  ) throws -> [GroupID: Permutation] {
    try stored.reduce(into: [:]) { result, entry in
      guard let permutation = Permutation(entry.value) else {
        let id = GroupID(entry.key)
        throw MatchingError.permutationSize(
          id, expected: plan.sizes[id] ?? 0, found: entry.value.count)
      }
      result[GroupID(entry.key)] = permutation
    }
  }
}
