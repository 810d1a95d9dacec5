internal import ArgumentParser
internal import LocalPrivacy
internal import LocalPrivacySQLite

struct ReceiptVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Verifies a receipt offline, without the ledger, the data or the model.",
    discussion: """
      Checks the form to the byte, the signature, that every loss follows from its mechanism's \
      integers, and that what is composed is not below what the releases compose to alone.

      Without --key, --ledger or --certificate any signer is accepted: compare the fingerprint that \
      is printed with the party. A receipt that is forged, implausible or of another form ends with \
      exit code 65.
      """)

  @Argument(help: ArgumentHelp("The receipt.", valueName: "FILE"))
  var path: String

  @Option(help: "Who must have signed: the public key, 64 hexadecimal digits.")
  var key: String?

  @Option(help: "The party's ledger: its key, and that it goes on from the receipt's head.")
  var ledger: String?

  @Option(
    help: ArgumentHelp(
      "A certified model: its signer, and the loss that its certificate states.",
      valueName: "model.onnx"))
  var certificate: String?

  @Option(help: "What the receipt is about: a message, or the model as it was released.")
  var released: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws { _ = try expectedKey() }

  func run() throws {
    let file = try ReceiptFile(path)
    let comparison = ReceiptComparison(file: file)
    var compared: [String] = []
    if let key = try expectedKey() {
      try comparison.key(key)
      compared.append("the given key")
    }
    if let ledger {
      try DurableLedger.check(file.receipt, withLedgerAt: ledger)
      compared.append(ledger)
    }
    if let certificate {
      try comparison.certificate(of: certificate)
      compared.append(certificate)
    }
    if let released {
      try comparison.released(released)
      compared.append(released)
    }
    try Terminal.show(ReceiptReport(file, compared: compared), asJSON: json)
    if key == nil && ledger == nil && certificate == nil {
      Terminal.note(
        "any signer is accepted: compare the fingerprint with the party, and give its key by --key")
    }
  }

  private func expectedKey() throws -> VerificationKey? {
    guard let key else { return nil }
    let digits = key.lowercased().compactMap(\.hexDigitValue)
    guard digits.count == 64, key.utf8.count == 64,
      let expected = try? VerificationKey(
        rawRepresentation: stride(from: 0, to: 64, by: 2).map {
          UInt8(digits[$0] << 4 | digits[$0 + 1])
        })
    else {
      throw ValidationError(
        "a key has 64 hexadecimal digits, as `ledger show --json` prints it, got \(key)")
    }
    return expected
  }
}
