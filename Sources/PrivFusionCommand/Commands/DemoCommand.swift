internal import ArgumentParser
internal import Evaluation
internal import LocalPrivacy
internal import ModelFormats
internal import Models
internal import PrivFusion

struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Runs both modes on Fashion-MNIST, in one process.",
    discussion: """
      First record-level privacy, the mode that one can sign for: every party trains a private \
      head on public features, and the heads are averaged. Then value-level privacy: every party \
      trains its own network without privacy, and what they send is randomised. Prints what that \
      gives beside what it costs; writes fused-record-level.onnx, fused.onnx and report.json.
      """)

  @Option(help: "Folder of the four Fashion-MNIST files.")
  var dataDirectory: String

  @Option(help: "Folder for fused.onnx and report.json.")
  var outputDirectory: String

  @Option(parsing: .unconditional, help: "Privacy loss of each released number taken alone.")
  var epsilon: Double

  @Option(
    parsing: .unconditional, help: "Privacy loss of each vote; that of other numbers when left out."
  )
  var voteEpsilon: Double?

  @Option(help: "Number of parties.")
  var parties = 5

  @Option(help: "How records are dealt to the parties: iid or dirichlet.")
  var split = SplitKind.dirichlet

  @Option(help: "Concentration of the Dirichlet split.")
  var concentration = 0.5

  @Option(help: "The parties' network: mlp, cnn, cnn-bn or resnet.")
  var network = StudyNetwork.mlp

  @Option(help: "For everything that is not privacy noise.")
  var seed: UInt64 = 0

  @Flag(help: "Print the report as JSON instead of a table.")
  var json = false

  func validate() throws {
    guard parties >= 1, parties <= 1000 else {
      throw ValidationError("--parties must be from 1 to 1000, got \(parties)")
    }
    guard concentration > 0, concentration.isFinite else {
      throw ValidationError("--concentration must be finite and above 0, got \(concentration)")
    }
  }

  func run() async throws {
    // Refuses a wrong epsilon before anything is computed.
    _ = try NumericMechanism(.duchi, epsilon: epsilon)
    if let voteEpsilon { _ = try RandomizedResponse(categories: 2, epsilon: voteEpsilon) }
    try OutputPlace.makeFolder(outputDirectory)
    let start = ContinuousClock.now
    let source = try FashionMNIST(directory: dataDirectory)
    let study = FusionStudy(
      architecture: network.architecture,
      split: split.split(parties: parties, concentration: concentration), parties: parties,
      epochs: network.epochs, seed: seed)
    let (records, features) = try await RecordDemo(study: study, source: source).run(
      writing: "\(outputDirectory)/fused-record-level.onnx")
    let recordSeconds = start.duration(to: .now).seconds
    let data = try source.data(for: study.architecture)
    let training = ProgressBar("train parties")
    let models = try await study.trainParties(data) { training.update($0) }
    training.finish()
    let trained = start.duration(to: .now).seconds - recordSeconds
    let fusing = ProgressBar("fuse")
    var settings = FusionSettings(
      disclosure: .randomized(epsilon: epsilon, voteEpsilon: voteEpsilon ?? epsilon),
      matching: .activations,
      adapter: network.adapter(hasCommonStart: false), seed: seed)
    settings.choosesPath = true
    let (report, fused) = try study.report(
      models, data, settings: settings, controls: true, features: features
    ) { fusing.update($1, $0) }
    fusing.finish()
    let timed = report.adding(
      recordLevel: records,
      seconds: [
        "record_level": recordSeconds, "train": trained, "total": start.duration(to: .now).seconds,
      ])
    let output = "\(outputDirectory)/fused.onnx"
    try ONNXModel(graph: fused, producer: "privfusion").write(to: output)
    let text = try Terminal.jsonText(timed)
    try AtomicFile.write((text + "\n").utf8, to: "\(outputDirectory)/report.json")
    Terminal.result(json ? text : ReportTable(timed).text)
    Terminal.note(
      "wrote fused-record-level.onnx, fused.onnx and report.json into \(outputDirectory)")
  }
}
