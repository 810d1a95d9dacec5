internal import ArgumentParser
internal import LocalPrivacy
internal import ModelFormats
internal import Models
internal import PrivFusion
internal import PrivateTraining
internal import Tensors

struct FuseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuse",
    abstract: "Fuses models into one; all models are in one hand.",
    discussion: """
      Neurons are matched as graphs, weights are averaged in a common order, and the perturbation \
      filter removes what matching and noise leave behind. With --epsilon every number that a \
      party would send is randomised by itself first, and the composed loss is printed.

      With --model-epsilon no weights are sent: each party answers a few public questions about the \
      probe, all its answers together lose epsilon between any two models, and the output is the \
      votes' student, a head on --trunk. It takes hundreds of parties; --plan predicts the accuracy. \
      The models need not be of one architecture.

      Models that differ in nothing but the widths of their layers fuse into the widest, or wider with \
      --width; models that know different classes into one that knows all, with --names. Both need \
      --no-privacy (exit code 64 otherwise).

      Before anything is randomised the result of a classifier is predicted, as `plan` does; one that \
      would be noise is refused (exit code 65), and nothing is spent.

      Should one fuse at all? The fused model is compared with every parent, their ensemble and the \
      plain average on probes that were left out of the fit, or on --compare-on; with labels by \
      accuracy, without by agreement with the ensemble. The loss barrier between the parents, the \
      distance of their weights and the matching's cycle error are printed, and what to do is \
      recommended; --select does it. In a private run only models made of released messages are \
      compared, written or recommended; --show-parents shows the rest to the parents' owners.

      Without a probe, or with --data-free, neurons are matched by weights alone and weights are averaged, \
      a layer at a time, so that models of any size fit; nothing is filtered. --weights gives graphs \
      their weights from safetensors files.

      The probe is an .npz with an array for every input, named as the model names it, or x where \
      there is one. It must be public: its inputs are known to everyone and are not protected.
      """)

  @OptionGroup var options: FuseOptions
  @OptionGroup var device: DeviceOptions

  func run() throws {
    try options.checkEpsilons()
    try device.use()
    if options.outside.dataFree { return try DataFreeFusion(options: options).run() }
    let files = try options.outside.files(options.models)
    try Self.noteRepeats(files)
    if let epsilon = options.modelEpsilon, let trunk = options.trunk, options.sendsVotesAlone {
      return try ModelVoteFusion(options: options, epsilon: epsilon, trunk: trunk).run(files)
    }
    let certified = try options.certificates.parties(files)
    // Anyone fuses certified models to the same bytes, however the files are listed.
    let order = try certified.isEmpty ? Array(files.indices) : ModelFile.orderByContent(files)
    if options.budget == nil, let heads = try HeadFusion(files) {
      try options.refuseFlags(of: .networks, for: files[0].path)
      return try fuse(heads, in: order, certified)
    }
    try options.refuseFlags(of: .heads, for: files[0].path)
    if let unlike = try UnlikeFusion(options, files) { return try unlike.run() }
    if WeightOptions.isDataFree(options) { return try DataFreeFusion(options: options).run() }
    // In the order given, so that the file that is refused is the one that differs from the first.
    for file in files.dropFirst() { _ = try files[0].match(file) }
    let first = files[order[0]]
    let parties = try order.map { files[$0] }.enumerated().map { index, file in
      let match = try first.match(file)
      return PartyModel(
        name: "party \(index + 1)", parameters: match.renamed(file.graph.initializers))
    }
    let probe =
      try options.probe.map { try DataFile($0, for: first.graph) }
      ?? DataFile(madeUpFor: first.graph, seed: options.seed)
    let common = try options.commonInit.map { path in
      let file = try ModelFile(path)
      return try first.match(file).renamed(file.graph.initializers)
    }
    if !options.plan {
      try OutputPlace.checkFile(options.output)
      try options.student.map { try OutputPlace.checkFile($0) }
    }
    let bar = ProgressBar("fuse")
    bar.update(0, "prove permutation groups")
    let shared = try Failure.about(data: probe.path, for: first.path) {
      try SharedArchitecture(first.graph, probe: probe.inputs, seed: options.seed)
    }
    let planned = try PlannedMessages(options, shared, parties: parties.count)
    if let planned, planned.disclosure == nil, let epsilon = options.modelEpsilon,
      let trunk = options.trunk
    {
      bar.finish()
      return try ModelVoteFusion(options: options, epsilon: epsilon, trunk: trunk).run(files)
    }
    if planned != nil || options.plan {
      let plan = try FusionPlan(
        shared, settings: options.settings(shared, planned: planned, commonInitialization: common),
        parties: parties.count)
      try options.requireWithinBudget(plan)
      if options.plan {
        bar.finish()
        return try show(FuseResult.Plan(plan, parties: parties.count))
      }
    }
    let features = try options.trunk.map { try ProbeFeatures($0, of: probe) }
    var settings = try options.settings(
      shared, planned: planned, commonInitialization: common, publicFeatures: features?.values)
    let isVotesAlone = planned?.selection == .votes
    if isVotesAlone { (settings.usesFilter, settings.adapter) = (false, nil) }
    if options.searchesMatching {
      bar.update(0, "choose what to match by")
      settings.matching = try MatchingSearch(shared, settings: settings).choice(for: parties)
        .matching
    }
    let outcome = try FusionSession(shared, settings: settings).run(parties) { phase, fraction in
      bar.update(fraction, phase.rawValue)
    }
    let comparison =
      isVotesAlone
      ? nil
      : try FuseComparison(
        options.comparison, isPrivate: options.budget != nil, graph: first.graph, shared: shared,
        settings: settings, parties: parties, probe: probe, outcome: outcome
      ) { bar.update($0, "compare") }
    bar.finish()
    if options.comparison.select, comparison?.report == nil {
      Terminal.note("nothing was held out to select a model by; the fused model is written")
    }
    var selected: String?
    let certifiedInOrder = certified.isEmpty ? [] : order.map { certified[$0] }
    if isVotesAlone, let features, let votes = outcome.votes {
      try ONNXModel(graph: features.student(votes: votes), producer: "privfusion").write(
        to: options.output, metadata: FuseMetadata.metadata(outcome, files.count, []))
    } else {
      selected = try write(
        options.comparison.select ? comparison?.report : nil, first: first, parties: parties,
        outcome, metadata: FuseMetadata.metadata(outcome, files.count, certifiedInOrder))
    }
    if let path = options.student, let features, let votes = outcome.votes {
      try ONNXModel(graph: features.student(votes: votes), producer: "privfusion").write(
        to: path, metadata: FuseMetadata.metadata(outcome, files.count, []))
      Terminal.note("wrote the votes' student to \(path)")
    }
    let digest = try FileDigest(contentsOf: options.output).hexadecimal
    var result = FuseResult(
      outcome, output: options.output, digest: digest, models: options.models,
      groups: shared.groups.groups.count, certified: certified,
      matching: common == nil && !isVotesAlone
        ? settings.matching : FusionSettings.Matching.none,
      planned: planned)
    (result.comparison, result.selected) = (comparison?.report, selected)
    try show(result)
    if let owners = comparison?.owners { Terminal.note(owners) }
  }

  static func noteRepeats(_ files: [ModelFile]) throws {
    if files.count == 1 {
      Terminal.note("only one model is given: there is nothing to fuse it with")
    }
    var seen: [String: String] = [:]
    for file in files {
      let digest = try file.digests.joined()
      if let other = seen[digest] {
        Terminal.note("\(file.label) and \(other) are the same model; it counts twice")
      }
      seen[digest] = file.label
    }
  }

  /// Heads on one trunk are averaged as they are.
  ///
  /// - Parameters:
  ///   - heads: In the order of the command's files.
  ///   - order: Their places in the order in which they are fused.
  ///   - certified: What their certificates say, in the order of the command's files; or empty.
  private func fuse(
    _ heads: HeadFusion, in order: [Int], _ certified: [CertifiedParty]
  ) throws {
    if options.plan { return try show(heads.plan(usesFilter: !options.noFilter)) }
    try OutputPlace.checkFile(options.output)
    let start = ContinuousClock.now
    let weights = try options.certificates.weightBySize ? heads.publicSizes() : nil
    let ordered = heads.inOrder(order)
    let graph = try ordered.fused(
      probe: options.requiredProbe(), weights: weights.map { all in order.map { all[$0] } },
      usesFilter: !options.noFilter)
    let certifiedInOrder = certified.isEmpty ? [] : order.map { certified[$0] }
    try ordered.files[0].model.write(
      to: options.output, replacing: graph.initializers,
      metadata: FuseMetadata.metadata(nil, heads.heads.count, certifiedInOrder))
    try show(
      FuseResult(
        headsIn: options.output, digest: FileDigest(contentsOf: options.output).hexadecimal,
        models: options.models, certified: certified,
        seconds: start.duration(to: .now).seconds))
  }

  private func show(_ result: some Encodable & CustomStringConvertible) throws {
    try Terminal.show(result, asJSON: options.json)
  }
}
