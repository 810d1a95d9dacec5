internal import GraphMatching
public import Models
internal import Symmetry
public import Tensors

/// Fuses networks that are alike but for the widths of their layers and the classes that they tell
/// apart.
///
/// Every network is widened to a common one with slots that it has no unit in (`GraphWidening`), all
/// are matched there, and the units of each are placed anew: this is the assignment of rectangular
/// affinities, since an empty slot is as good as any other. What follows is a fusion like any other in
/// which averages count those that are there. Nothing is randomised.
public struct WidthFusion {
  /// What is asked for.
  public struct Options: Sendable {
    public var width: WidthChoice = .widest
    /// Units stay together from this correlation on the probe on, in -1 to 1; `nil` joins whatever
    /// the assignment joins.
    public var joinsAbove: Double?
    /// The parties' classes, where they differ.
    public var classes: ClassUnion?
    public var outputScale: OutputScale = .auto
    /// What a weight between two units is divided by.
    package var divisor: SlotPresence.Divisor = .target

    public init() {}
  }

  /// One layer of the fused network.
  public struct LayerWidth: Sendable {
    /// A parameter that the units make, as the first party calls it.
    public let parameter: String
    /// Every party's number of units.
    public let parties: [Int]
    public let fused: Int
    /// The number of slots by how many parties have a unit there: `[k - 1]` for k parties.
    public let shares: [Int]
  }

  /// What came out.
  public struct Result: Sendable {
    /// The fused network.
    public let graph: ModelGraph
    public let outcome: FusionOutcome
    /// By layer whose width can change, in the graph's order.
    public let widths: [LayerWidth]
    /// The number of proved groups of the fused network.
    public let groupCount: Int
    /// How outputs were brought to one scale; `nil` where all parties know the same classes.
    public let outputScale: OutputScale?
  }

  private let probe: [String: Tensor]
  private let options: Options
  private let seed: UInt64
  private let outputScale: OutputScale?
  private let networks: [GraphWidening]
  private let plan: WidthPlan
  private let sample: [String: Tensor]

  /// - Parameters:
  ///   - graphs: The parties' networks, at least one; parameters may bear other names.
  ///   - probe: At least two public inputs, a tensor for every input of the first network.
  ///   - options: What is asked for.
  ///   - seed: Public; for checks by trial.
  /// - Throws: ``FusionError/noParties``, ``FusionError/width(reason:)``, what is wrong with the
  ///   classes; `ModelError/differentArchitecture(reason:)` where the networks differ in more.
  public init(
    _ graphs: [ModelGraph], probe: [String: Tensor], options: Options, seed: UInt64
  ) throws {
    guard let first = graphs.first else { throw FusionError.noParties }
    self.probe = probe
    self.options = options
    self.seed = seed
    let classes = options.classes
    precondition(classes?.places.count ?? graphs.count == graphs.count, "a list of names a party")
    let scale = classes.map { classes in
      options.outputScale != .auto
        ? options.outputScale : classes.shared.count < 2 ? .standardized : .anchored
    }
    if scale == .anchored, classes?.shared.isEmpty == true { throw FusionError.noSharedClass }
    outputScale = scale
    let batches = try InputBatches(probe, for: first)
    sample = try SharedArchitecture.sample(of: batches, for: first)
    for other in graphs.dropFirst() { try ArchitectureMatch.checkWiring(first, other) }
    networks = try graphs.enumerated().map { [sample] party, graph in
      guard let classes, let scale else { return try GraphWidening(graph, inputs: sample) }
      let own = try OutputUnion(graph, party: party, count: classes.places[party].count)
      return try GraphWidening(
        own.graph(
          for: classes, party: party, scale: scale,
          probe: InputBatches(Self.renamed(probe, from: first, to: graph), for: graph)),
        inputs: Self.renamed(sample, from: first, to: graph))
    }
    plan = try WidthPlan(networks, choice: options.width)
  }

  /// Fuses the networks.
  ///
  /// - Parameters:
  ///   - settings: Makes the settings for an architecture; they must randomise nothing.
  ///   - progress: Hears of every phase and of how far it is, in [0, 1]; cancels by throwing.
  /// - Throws: ``FusionError/privateWidths``, ``FusionError/unprovedWidth(parameter:)``,
  ///   `ModelError/fixedWidth(reason:)`, and as ``FusionSession/run(_:ignoringWeights:progress:)``.
  public func run(
    settings: (SharedArchitecture) throws -> FusionSettings,
    progress: FusionProgress = { _, _ in }
  ) throws -> Result {
    let front = networks.map { UnitPlacement(of: $0.groups, in: plan.widest) }
    for (network, placement) in zip(networks, front) {
      try network.checkFunction(
        under: placement,
        inputs: Self.renamed(sample, from: networks[0].graph, to: network.graph), seed: seed)
    }
    let wide = try parties(front)
    let shared = try SharedArchitecture(wide.graph, probe: probe, seed: seed)
    try checkProved(shared)
    var matching = try settings(shared)
    guard matching.disclosure == .open, matching.commonInitialization == nil else {
      throw FusionError.privateWidths
    }
    matching.presence = presence(front)
    let (orders, signatures) = try FusionSession(shared, settings: matching)
      .orders(of: wide.parties)
    var joining = UnitJoining(orders, plan)
    // A correlation is at most 1: below 2, every pair may be parted while there is room.
    if let least = options.joinsAbove ?? (plan.isChosen ? 2 : nil) {
      try joining.separate(below: least, limits: plan.limits) { party, group in
        try shared.signature(
          of: group, signatures[party], units: plan.parties[group]?[party] ?? 0)
      }
    }
    let placements = joining.slots.map { UnitPlacement(sizes: joining.sizes, slots: $0) }
    let placed = try parties(placements)
    let common = try SharedArchitecture(placed.graph, probe: probe, seed: seed)
    var final = try settings(common)
    // Every unit stands in its slot.
    final.matching = .none
    final.presence = presence(placements)
    let outcome = try FusionSession(common, settings: final).run(
      placed.parties, progress: progress)
    return Result(
      graph: placed.graph.replacing(outcome.fused), outcome: outcome,
      widths: plan.parties.keys.sorted().map { group in
        LayerWidth(
          parameter: plan.names[group] ?? "", parties: plan.parties[group] ?? [],
          fused: joining.sizes[group] ?? 0, shares: joining.shares(of: group))
      }, groupCount: common.groups.groups.count, outputScale: outputScale)
  }

  private func presence(_ placements: [UnitPlacement]) -> SlotPresence {
    SlotPresence(
      units: placements.map(\.taken), outputs: options.classes?.isKnown, divisor: options.divisor)
  }

  /// All networks at common sizes, under the first one's names.
  private func parties(
    _ placements: [UnitPlacement]
  ) throws -> (graph: ModelGraph, parties: [PartyModel]) {
    let first = try networks[0].widened(to: placements[0])
    let parties = try networks.indices.map { index in
      let graph = index == 0 ? first : try networks[index].widened(to: placements[index])
      return PartyModel(
        name: "party \(index + 1)",
        parameters: try ArchitectureMatch(first, graph).renamed(graph.initializers))
    }
    return (first, parties)
  }

  /// Widths may differ only where the groups of the common network are proved.
  private func checkProved(_ shared: SharedArchitecture) throws {
    let changed = plan.widest.filter { group, size in
      plan.parties[group]?.contains { $0 != size } ?? false
    }
    for (name, axes) in networks[0].groups.structures {
      guard let proved = shared.groups.structures[name],
        axes.contains(where: { $0.groups.contains { changed[$0] != nil } })
      else { continue }
      guard proved == axes.map({ $0.resized(plan.widest) }) else {
        throw FusionError.unprovedWidth(parameter: name)
      }
    }
  }

  private static func renamed(
    _ inputs: [String: Tensor], from first: ModelGraph, to other: ModelGraph
  ) -> [String: Tensor] {
    zip(first.inputs, other.inputs).reduce(into: [:]) { $0[$1.1.name] = inputs[$1.0.name] }
  }
}
