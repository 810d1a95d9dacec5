internal import ArgumentParser
internal import LocalPrivacy
internal import LocalPrivacySQLite

struct LedgerCreateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Makes a ledger with its limits and a new signing key.",
    discussion: """
      Limits are for good; none has a default. A person's loss at several parties adds up.

      --purpose limits one kind of release within the limit of its unit: signature and weights are \
      the two messages of `release`, head and network what `train` makes.
      """)

  @Argument(help: "The file to make, with mode 0600.")
  var path: String

  // Unconditional, so that a negative number is read and refused as what it is.
  @Option(
    parsing: .unconditional,
    help: "The greatest epsilon of all record-level releases together; with --record-delta.")
  var recordEpsilon: Double?

  @Option(
    parsing: .unconditional,
    help: "The delta at which it holds, well below one over the number of records.")
  var recordDelta: Double?

  @Option(
    parsing: .unconditional, help: "The greatest epsilon of each released number, taken alone.")
  var valueEpsilon: Double?

  @Option(
    parsing: .unconditional,
    help: "The greatest epsilon of all released numbers together; with --model-delta.")
  var modelEpsilon: Double?

  @Option(parsing: .unconditional, help: "The delta at which it holds; 0 for a pure loss.")
  var modelDelta: Double?

  @Option(
    help: ArgumentHelp(
      "The greatest epsilon of all releases for one purpose; may be repeated.",
      valueName: "name=epsilon"))
  var purpose: [String] = []

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard (recordEpsilon == nil) == (recordDelta == nil) else {
      throw ValidationError("--record-epsilon and --record-delta go together")
    }
    guard (modelEpsilon == nil) == (modelDelta == nil) else {
      throw ValidationError("--model-epsilon and --model-delta go together")
    }
    guard valueEpsilon == nil || modelEpsilon == nil else {
      throw ValidationError(
        "--value-epsilon and --model-epsilon exclude each other: a ledger counts released numbers "
          + "one way")
    }
    guard recordEpsilon != nil || valueEpsilon != nil || modelEpsilon != nil else {
      throw ValidationError(
        "say what may be spent, with --record-epsilon and --record-delta, --value-epsilon, or "
          + "--model-epsilon and --model-delta")
    }
  }

  /// - Throws: A `ValidationError` for what is not `name=epsilon`, and for a purpose given twice.
  private func purposes() throws -> [LedgerPurpose: Double] {
    try purpose.reduce(into: [:]) { purposes, text in
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let epsilon = Double(parts[1]) else {
        throw ValidationError("--purpose is a name and an epsilon, name=epsilon, got \(text)")
      }
      let name = try LedgerPurpose(String(parts[0]))
      guard purposes.updateValue(epsilon, forKey: name) == nil else {
        throw ValidationError("--purpose names \(name) twice")
      }
    }
  }

  func run() throws {
    try OutputPlace.checkFile(path)
    let ledger = try DurableLedger.create(at: path, limits: limits())
    let statement = try ledger.statement()
    try ledger.close()
    let report = try LedgerReport(statement, file: path)
    if json {
      try Terminal.json(report)
    } else {
      Terminal.result(
        """
        wrote \(path)
        key \(report.keyFingerprint)
        head \(report.head)
        """)
    }
  }

  private func limits() throws -> LedgerLimits {
    var records: RecordBudget?
    if let recordEpsilon, let recordDelta {
      records = try RecordBudget(epsilon: recordEpsilon, delta: recordDelta)
    }
    var values: PrivacyBudget?
    if let valueEpsilon { values = try .value(epsilon: valueEpsilon) }
    if let modelEpsilon, let modelDelta {
      values = try .model(epsilon: modelEpsilon, delta: modelDelta)
    }
    return try LedgerLimits(records: records, values: values, purposes: purposes())
  }
}
