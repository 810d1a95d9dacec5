internal import ModelFormats
internal import Models
internal import PrivFusion

/// `fuse` for networks of different widths, or of different classes.
struct UnlikeFusion {
  private let options: FuseOptions
  private let files: [ModelFile]
  private let names: [ClassNames]

  /// - Returns: `nil` when nothing of this is asked for and the models are of one architecture.
  /// - Throws: ``Failure`` when the models differ in more than widths, or flags do not go together.
  init?(_ options: FuseOptions, _ files: [ModelFile]) throws {
    let first = files[0]
    let odd = files.dropFirst().first { (try? ArchitectureMatch(first.graph, $0.graph)) == nil }
    guard options.widths.isAsked || odd != nil else { return nil }
    names = try options.widths.namesFiles.map { try ClassNames($0) }
    guard names.isEmpty || names.count == files.count else {
      throw Failure(
        "--names gives \(names.count) files for \(files.count) models: give one a model, in order",
        .usage)
    }
    for (file, names) in zip(files, names) {
      let outputs = file.graph.outputs.first?.shape.last.flatMap(\.self)
      if let outputs, outputs != names.names.count {
        throw Failure(
          """
          \(names.path): names \(names.names.count) classes, and \(file.path) has \(outputs) \
          outputs; give a name an output
          """, .data)
      }
    }
    for file in files.dropFirst() {
      try Self.about(file, first) { try ArchitectureMatch.checkWiring(first.graph, file.graph) }
    }
    if names.isEmpty, let odd {
      // Without names the outputs must be the same.
      for (a, b) in zip(first.graph.outputs, odd.graph.outputs) where a.shape != b.shape {
        throw Failure(
          """
          \(odd.path): the models do not share one architecture: output '\(b.name)' has another shape \
          than in \(first.path). Fuse models of one architecture, or say with --names which classes \
          each knows
          """, .data)
      }
    }
    guard options.budget == nil, !options.certificates.requireRecordPrivacy else {
      throw Failure(
        """
        \((odd ?? first).path): models of different widths or classes, --width, --join-above and \
        --names need --no-privacy: the protocol has no messages for them
        """, .usage)
    }
    guard options.commonInit == nil, !options.plan else {
      throw Failure(
        "--common-init and --plan are for models of one architecture and the same classes", .usage)
    }
    self.options = options
    self.files = files
  }

  func run() throws {
    let namesPath = names.isEmpty ? nil : ClassNames.path(beside: options.output)
    let probePath = try options.requiredProbe()
    let inputs = options.models + [probePath] + names.map(\.path)
    try OutputPlace.checkFile(options.output)
    try namesPath.map { try OutputPlace.checkFile($0, besides: inputs) }
    let first = files[0]
    let probe = try DataFile(probePath, for: first.graph)
    let bar = ProgressBar("fuse")
    bar.update(0, "prove permutation groups")
    let classes = try names.isEmpty ? nil : ClassUnion(names.map(\.names))
    let result = try Failure.about(data: probePath, for: first.path) {
      try WidthFusion(
        files.map(\.graph), probe: probe.inputs,
        options: options.widths.options(classes: classes), seed: options.seed
      ).run(settings: { try options.settings($0) }) { phase, fraction in
        bar.update(fraction, phase.rawValue)
      }
    }
    bar.finish()
    try ONNXModel(graph: result.graph, producer: "privfusion").write(
      to: options.output,
      metadata: FuseMetadata.metadata(result.outcome, files.count, []))
    if let classes, let namesPath { try ClassNames.write(classes.names, to: namesPath) }
    let digest = try FileDigest(contentsOf: options.output).hexadecimal
    try Terminal.show(
      UnlikeFusionResult(
        FuseResult(
          result.outcome, output: options.output, digest: digest, models: options.models,
          groups: result.groupCount, certified: [],
          matching: options.matching.flatMap { .init(rawValue: $0.rawValue) } ?? .both),
        widths: result.widths, classes: classes?.names, names: namesPath,
        outputScale: result.outputScale),
      asJSON: options.json)
  }

  private static func about(
    _ other: ModelFile, _ first: ModelFile, _ body: () throws -> Void
  ) throws {
    do {
      try body()
    } catch let error as ModelError {
      throw Failure(
        """
        \(other.path): \(error); the first model is \(first.path). Fuse models of one architecture; \
        only widths may differ
        """, .data)
    }
  }
}
