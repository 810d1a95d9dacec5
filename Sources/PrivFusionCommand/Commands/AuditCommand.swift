internal import ArgumentParser
internal import LocalPrivacy
internal import PrivacyAudit

struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract:
      "Attacks this program's own releases, and compares what they give away with the claims.",
    discussion: """
      Every attack sees outputs only. It prints the greatest epsilon that it refutes beside the \
      claimed one. All inputs are made up, except with --model; no file is left, and no ledger of \
      yours is touched.

      Of every mechanism two inputs are told apart, by an event that half of the trials choose and the \
      other half count. With --delta, noisy sums over records are attacked too, and a private head is \
      trained on canaries of which half are guessed from the head. Weights that look Gaussian are \
      released and reconstructed; with --model, those of a model, through the protocol's own messages.

      A lower bound below the claim proves nothing: a better attack may show more. Ends with 2 when a \
      claim is refuted. Honest mechanisms are refuted by bad luck with a chance of 1 - confidence each.
      """)

  // Unconditional, so that a negative number is read and refused as what it is.
  @Option(
    parsing: .unconditional, help: "The privacy loss that every mechanism claims, from 0.001 to 20."
  )
  var epsilon: Double

  @Option(
    parsing: .unconditional,
    help: "The delta of losses about records; without it they are left out.")
  var delta: Double?

  @Option(
    parsing: .unconditional,
    help:
      "Trials of each input: the more, the nearer to the truth, and the larger the claims in reach."
  )
  var trials = 1_000_000

  @Option(
    parsing: .unconditional,
    help: "How sure each lower bound is; that of a single run over records at most 0.95.")
  var confidence = 0.999999

  @Option(help: "A model whose released weights are reconstructed; with --probe.")
  var model: String?

  @Option(help: "Public inputs for --model, .npz.")
  var probe: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard (model == nil) == (probe == nil) else {
      throw ValidationError("--model and --probe go together")
    }
  }

  func run() throws {
    // Refuses wrong numbers before anything is computed.
    let attack = try DistinguishingAudit(trials: trials, confidence: confidence)
    var releases = try AuditedRelease.shipped(epsilon: epsilon)
    let records = try delta.map {
      try RecordAudits(epsilon: epsilon, delta: $0, confidence: min(confidence, 0.95))
    }
    let weights = try model.flatMap { model in
      try probe.map { try WeightsAudit(model: model, probe: $0, epsilon: epsilon) }
    }
    let bar = ProgressBar("audit")
    defer { TemporaryFolder.removeAll() }
    releases += try DurableAudits().releases(epsilon: epsilon)
    releases += records?.releases ?? []
    let total = Double(releases.count + 4)
    var findings = try releases.enumerated().map { index, release in
      bar.update(Double(index) / total, release.name)
      return try attack.finding(on: release)
    }
    bar.update(Double(releases.count) / total, "one run")
    findings += try records?.findings() ?? []
    bar.update(Double(releases.count + 2) / total, "reconstruction")
    let reconstruction = try ReconstructionAudit(confidence: confidence)
    var reconstructions = [
      try reconstruction.gaussianFinding(values: 100_000, epsilon: epsilon)
    ]
    let released = try weights?.findings(by: reconstruction)
    reconstructions += released?.findings ?? []
    bar.finish()
    let report = AuditReport(
      epsilon: epsilon, delta: delta, trials: trials, confidence: confidence, findings: findings,
      reconstructions: reconstructions, leftOut: released?.leftOut ?? [])
    try Terminal.show(report, asJSON: json)
    if delta == nil { Terminal.note("losses about records are left out: give their --delta") }
    guard report.refuted.isEmpty else {
      throw Failure(
        "refuted: \(report.refuted.joined(separator: ", ")). Release nothing with this program "
          + "until it is known why", .claimViolated)
    }
  }
}
