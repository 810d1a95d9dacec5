internal import ArgumentParser
internal import LocalPrivacy

struct AccountPureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pure",
    abstract: "Releases with a pure epsilon each, such as randomised values or labels.",
    discussion: """
      The unit of each loss is a value, and of all together the model: whatever two models a \
      party may have. Several kinds of releases are as many pairs of --epsilon and --count, in \
      order. With --total-epsilon in place of --epsilon, the answer is what each of so many equal \
      releases may lose.

        privfusion account pure --epsilon 0.1 --count 100 --delta 1e-6
        privfusion account pure --epsilon 0.1 --count 100 --epsilon 2 --count 1 --delta 1e-6
        privfusion account pure --total-epsilon 8 --count 100 --delta 1e-6

      The bounds by the loss distribution suppose that the losses are fixed beforehand. Where they \
      are chosen on the way, the sum holds, and zCDP and Rényi divergences under a limit that was \
      set first.
      """)

  // Unconditional, so that a negative number is read and refused as what it is.
  @Option(
    name: .customLong("epsilon"), parsing: .unconditionalSingleValue,
    help: "The loss of one release, above 0; repeat it with a --count for each kind.")
  var epsilons: [Double] = []

  @Option(
    name: .customLong("count"), parsing: .unconditionalSingleValue,
    help: "The number of releases at that epsilon, from 1 to 1,000,000,000.")
  var counts: [Int] = []

  @Option(
    parsing: .unconditional, help: "The loss of all releases together, to find that of each.")
  var totalEpsilon: Double?

  @Option(
    parsing: .unconditional,
    help: "The probability with which the loss may be greater, from 0 to below 1.")
  var delta: Double

  @Flag(help: "Print JSON.")
  var json = false

  private static let greatestCount = 1_000_000_000
  private static let greatestKinds = 32
  /// Every figure is exact far above any loss that means something; sums stay finite below this.
  private static let greatestEpsilon = 1e6

  func validate() throws {
    guard epsilons.isEmpty != (totalEpsilon == nil) else {
      throw ValidationError(
        "give --epsilon to learn the loss of all, or --total-epsilon to learn the loss of each: "
          + "one of them")
    }
    let kinds = max(1, epsilons.count)
    guard counts.count == kinds else {
      throw ValidationError(
        "every --epsilon has a --count, and --total-epsilon one: got \(counts.count) for \(kinds)")
    }
    guard kinds <= Self.greatestKinds else {
      throw ValidationError(
        "at most \(Self.greatestKinds) kinds of releases, got \(kinds): put equal ones together")
    }
    for count in counts where count < 1 || count > Self.greatestCount {
      throw ValidationError("--count must be from 1 to 1,000,000,000, got \(count)")
    }
    for epsilon in epsilons + [totalEpsilon].compactMap(\.self)
    where !(epsilon > 0 && epsilon <= Self.greatestEpsilon) {
      throw ValidationError("an epsilon must be above 0 and at most 1,000,000, got \(epsilon)")
    }
  }

  func run() throws {
    var losses = epsilons
    if let totalEpsilon {
      losses = [
        try Composition.lossEach(total: totalEpsilon, count: counts[0], delta: delta)
      ]
    }
    let expenditures = try zip(losses, counts).map { epsilon, count in
      try Expenditure(
        name: "release", count: count, epsilon: epsilon, unit: .value,
        mechanismName: "any with a pure loss")
    }
    try Terminal.show(
      PureAccountReport(expenditures, delta: delta, target: totalEpsilon), asJSON: json)
  }
}
