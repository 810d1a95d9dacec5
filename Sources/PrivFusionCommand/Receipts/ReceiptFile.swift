internal import Foundation
internal import LocalPrivacy
internal import LocalPrivacySQLite
internal import ModelFormats
internal import PrivFusion

/// A receipt as a file.
struct ReceiptFile {
  let path: String
  let receipt: PrivacyReceipt

  /// Reads a receipt and checks its signature and its losses.
  ///
  /// - Throws: ``Failure`` with exit code 66 when there is no such file, 65 when it is no receipt that
  ///   holds.
  init(_ path: String) throws {
    self.path = path
    let contents = try Self.contents(of: path)
    receipt = try Self.about(path) {
      let receipt = try PrivacyReceipt(contents: contents)
      try receipt.verify()
      return receipt
    }
  }

  /// Runs `body` and puts the receipt's name before what is wrong with it.
  static func about<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as PrivacyError {
      throw Failure("\(path): \(error)", .data)
    }
  }

  /// Writes the receipt of releases of an open ledger.
  static func write(
    _ subject: ReceiptSubject, of ledger: DurableLedger, to path: String
  ) throws {
    let receipt = try ledger.receipt(for: subject, delta: ledger.limits.receiptDelta)
    try AtomicFile.write(Array(receipt.text.utf8), to: path)
  }

  private static func contents(of path: String) throws -> [UInt8] {
    var status = stat()
    // Opening a pipe would wait for a writer that may never come.
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      let handle = FileHandle(forReadingAtPath: path)
    else { throw Failure("\(path): can't be read as a file", .noInput) }
    defer { try? handle.close() }
    do {
      // One byte more than a receipt has, and no more of what may be huge.
      return Array(try handle.read(upToCount: PrivacyReceipt.greatestLength + 1) ?? Data())
    } catch {
      throw Failure("\(path): can't be read as a file", .noInput)
    }
  }
}

extension LedgerLimits {
  /// The delta at which a receipt composes losses of values: that of the limit for the whole model
  /// where there is one, else the one that all commands state.
  var receiptDelta: Double {
    guard let values, values.unit == .model else { return FusionSession.delta }
    return values.delta
  }
}
