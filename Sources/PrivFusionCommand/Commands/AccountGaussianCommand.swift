internal import ArgumentParser
internal import LocalPrivacy

struct AccountGaussianCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gaussian",
    abstract: "Sums over records with Gaussian noise, such as the steps of DP-SGD.",
    discussion: """
      The unit is a record, and neighbours are data sets in which one record is empty \
      (zero-out). Tools that add or remove one record give the same figures. What holds when a \
      record is replaced by any other is given besides.

      Give --noise-multiplier to learn the epsilon, or --epsilon to learn the least noise, \
      rounded up. Without --sampling-probability every record takes part in every step; with it \
      each takes part with that probability, independently in every step and in secret (Poisson \
      sampling). Shuffled batches are not that, and these figures do not hold for them.

        privfusion account gaussian --noise-multiplier 1 --steps 1000 \
      --sampling-probability 0.01 --delta 1e-5
        privfusion account gaussian --epsilon 1 --steps 80 --delta 1e-5 --json
      """)

  // Unconditional, so that a negative number is read and refused as what it is.
  @Option(
    parsing: .unconditional,
    help: "The noise's deviation over the norm that records are clipped to, from 0.01 to 1e9.")
  var noiseMultiplier: Double?

  @Option(parsing: .unconditional, help: "The loss to find the least noise for; above 0.")
  var epsilon: Double?

  @Option(
    parsing: .unconditional,
    help: "The probability with which the loss may be greater, from 1e-100 to 0.5.")
  var delta: Double

  @Option(parsing: .unconditional, help: "The number of releases, from 1 to 10,000,000.")
  var steps: Int

  @Option(
    parsing: .unconditional,
    help: "The probability with which a step takes a record, from 1e-9 to below 1.")
  var samplingProbability: Double?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard (noiseMultiplier == nil) != (epsilon == nil) else {
      throw ValidationError(
        "give --noise-multiplier to learn the epsilon, or --epsilon to learn the noise: one of "
          + "them")
    }
  }

  func run() throws {
    let sampling: GaussianProcedure.Sampling =
      samplingProbability.map { .poisson(probability: $0) } ?? .everyRecord
    let procedure: GaussianProcedure
    if let noiseMultiplier {
      procedure = try GaussianProcedure(
        sampling: sampling, steps: steps, noiseMultiplier: noiseMultiplier)
    } else if let epsilon {
      procedure = try .calibrated(
        epsilon: epsilon, delta: delta, steps: steps, sampling: sampling)
    } else {
      preconditionFailure("validate() lets one of the two through")
    }
    let figures = try GaussianFigures(of: procedure, delta: delta)
    try Terminal.show(
      GaussianAccountReport(figures, target: epsilon), asJSON: json)
  }
}
