internal import ArgumentParser

/// The flags of `fuse` that ask whether fusing was worth it.
struct ComparisonOptions: ParsableArguments {
  @Option(
    help: """
      Held-out inputs, with labels 'y' if there are any, to compare the fused model with the others on; \
      .npz, or an idx file of images. By default probes that were left out of the fit in turn, with the \
      probe's own 'y' if it has one. Public, in a private run.
      """)
  var compareOn: String?

  @Option(help: "Labels, as an idx file, for an idx file of --compare-on.")
  var labels: String?

  @Flag(help: "Leave out the comparison of the fused model with the others.")
  var noComparison = false

  @Flag(
    help: """
      Write the recommended model instead of the fused one: a parent, the average, or the ensemble as \
      one graph. In a private run only models made of released messages can be chosen.
      """)
  var select = false

  @Flag(
    help: """
      In a private run: also compare with the clean parents, on standard error, for their owners alone. \
      Never part of the report.
      """)
  var showParents = false

  func validateTogether() throws {
    guard !noComparison || (!select && compareOn == nil && !showParents) else {
      throw ValidationError(
        "--select, --compare-on and --show-parents need the comparison that --no-comparison leaves out"
      )
    }
    guard labels == nil || compareOn != nil else {
      throw ValidationError("--labels goes with an idx file of --compare-on")
    }
  }

  /// Those that were given, by name.
  var given: [String] {
    [
      compareOn.map { _ in "--compare-on" }, select ? "--select" : nil,
      showParents ? "--show-parents" : nil,
    ].compactMap(\.self)
  }
}
