internal import ArgumentParser
internal import ModelFormats
internal import Models
internal import PrivateTraining
internal import Tensors

struct FeaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "Learns public features: the trunk that all parties' private heads stand on.",
    discussion: """
      From public inputs alone, without labels: patches for images [m, channels, height, width] \
      and signals [m, channels, length], quantiles and random waves for tables [m, columns]. Or, \
      with --backbone, from an inner tensor of any public network.

      All parties must use the same trunk: the same probe, dimension and seed give the same bytes. \
      The probe must be public; nothing protects it. It is not standardised for you: divide pixels \
      in 0...255 by 255 first, here and in the private data alike.
      """)

  @Option(help: "Public inputs x, as .npz; or an idx file of images.")
  var probe: String

  @Option(help: "The trunk to write.")
  var output: String

  @Option(help: "A public network to take features from.")
  var backbone: String?

  @Option(help: "The tensor of the backbone that is taken, [batch, ...].")
  var at: String?

  @Option(help: "Numbers that describe an input; fewer where the probe spans fewer.")
  var dimension = 400

  @Option(
    help: """
      Compare inputs with so many typical probes in a second layer; 500 with --dimension 200 serves \
      many small parties best (default: no second layer).
      """)
  var centres: Int?

  @Option(help: "For which patches are looked at, where clusters start, and waves.")
  var seed: UInt64 = 0

  @Flag(help: "Print JSON.")
  var json = false

  private struct Result: Encodable, CustomStringConvertible {
    let output: String
    let sha256: String
    let kind: String
    let probes: Int
    let dimension: Int

    var description: String {
      """
      wrote \(output)
      SHA-256 \(sha256)
      \(dimension) features of \(kind), learnt from \(probes) public inputs without labels
      """
    }
  }

  func validate() throws {
    guard dimension > 0 else {
      throw ValidationError("--dimension must be above 0, got \(dimension)")
    }
    if let centres, centres < 1 {
      throw ValidationError("--centres must be above 0, got \(centres)")
    }
    guard (backbone == nil) == (at == nil) else {
      throw ValidationError("--backbone and --at go together: a network, and a tensor in it")
    }
  }

  func run() throws {
    try OutputPlace.checkFile(output)
    let learner = PublicFeatures(dimension: dimension, centres: centres, seed: seed)
    let bar = ProgressBar("features")
    let trunk: ModelGraph
    let kind: String
    let count: Int
    if let backbone, let at {
      let file = try ModelFile(backbone)
      try PrivacyNotes.requirePublic(file, as: "a backbone")
      let data = try DataFile(probe, for: file.graph)
      count = data.inputs.values.first?.shape.first ?? 0
      bar.update(0, "scale")
      trunk = try Failure.about(data: probe, for: backbone) {
        try learner.trunk(from: file.graph, at: at, inputs: data.inputs)
      }
      kind = "'\(at)' in \(backbone)"
    } else {
      let inputs = try PublicInputs(probe).inputs
      count = inputs.shape[0]
      bar.update(0, "learn")
      trunk = try Failure.about(probe) { try learner.trunk(learntFrom: inputs) }
      kind = (PublicFeatures.Kind(rank: inputs.rank)?.rawValue ?? "input") + "s"
    }
    try Failure.about(backbone ?? probe) { try FeatureMap(trunk).checkInputsApart() }
    bar.finish()
    try ONNXModel(graph: trunk, producer: "privfusion").write(
      to: output,
      metadata: [RecordRelease.probeKey: try FileDigest(contentsOf: probe).hexadecimal])
    let result = Result(
      output: output, sha256: try FileDigest(contentsOf: output).hexadecimal, kind: kind,
      probes: count, dimension: trunk.outputs.first?.shape.last.flatMap { $0 } ?? 0)
    if json { try Terminal.json(result) } else { Terminal.result(result.description) }
  }
}
