internal import ArgumentParser
internal import Foundation
internal import LocalPrivacy
internal import LocalPrivacySQLite
internal import ModelFormats

/// The flag of every command that spends from a ledger.
struct AnchorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A note of where the ledger stood, kept elsewhere: an anchor or a receipt. A ledger that does \
      not continue from it is refused; an anchor is brought up to date before anything is handed out.
      """, valueName: "file"))
  var anchor: String?
}

/// A file that was kept elsewhere and says where a ledger stood.
struct AnchorFile {
  let path: String
  let anchor: LedgerAnchor

  /// - Throws: ``Failure`` with exit code 66 for a file that can't be read, 73 for an anchor that
  ///   can't be brought up to date, and 65 for what is no anchor.
  init(_ path: String) throws {
    self.path = path
    anchor = try Self.read(path)
    if case .anchor = anchor.source { try OutputPlace.checkFile(path) }
  }

  /// - Throws: As ``init(_:)``, but for the place.
  static func read(_ path: String) throws -> LedgerAnchor {
    let url = URL(fileURLWithPath: path)
    let values = try? url.resourceValues(forKeys: [.fileSizeKey, .isRegularFileKey])
    guard values?.isRegularFile == true, let size = values?.fileSize,
      size <= LedgerAnchor.greatestByteCount, let contents = try? Data(contentsOf: url)
    else {
      throw Failure(
        "\(path): can't be read as an anchor; make one with `privfusion ledger anchor`", .noInput)
    }
    return try Failure.about(anchor: path) { try LedgerAnchor(document: Array(contents)) }
  }

  /// Opens a ledger that continues from the anchor; any ledger without one.
  static func open(_ ledger: String, anchor: AnchorFile?) throws -> DurableLedger {
    guard let anchor else { return try DurableLedger.open(at: ledger) }
    return try DurableLedger.open(at: ledger, continuingFrom: anchor.anchor)
  }

  /// Notes where the ledger stands now. A receipt is left as it is.
  func update(from ledger: DurableLedger) throws {
    guard case .anchor = anchor.source else { return }
    try Self.write(ledger.anchor(), to: path)
  }

  static func write(_ anchor: LedgerAnchor, to path: String) throws {
    guard let document = try anchor.document() else { return }
    try AtomicFile.write(document, to: path)
  }
}

extension AnchorFile? {
  /// Runs what spends from a ledger, and notes where the ledger stands after it, also when it fails
  /// halfway.
  func following<Result>(_ ledger: DurableLedger, _ spend: () throws -> Result) throws -> Result {
    let result: Result
    do {
      result = try spend()
    } catch {
      try? self?.update(from: ledger)
      throw error
    }
    try self?.update(from: ledger)
    return result
  }
}

extension Failure {
  /// Puts the file's name before what is wrong with an anchor.
  fileprivate static func about<Result>(anchor path: String, _ body: () throws -> Result) throws
    -> Result
  {
    do {
      return try body()
    } catch let error as LedgerError {
      throw Failure("\(path): \(error)", .data)
    } catch let error as PrivacyError {
      // A receipt that does not verify.
      throw Failure("\(path): \(error)", .data)
    }
  }
}
