import Foundation
import GRDB
import LocalPrivacy
import LocalPrivacySQLite
import Testing

/// A folder for one ledger.
struct LedgerBench {
  let folder: String
  var path: String { folder + "/party.ledger" }

  init() throws {
    folder = Self.temporary + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  /// A folder that a child of this process finds by its parent's number.
  init(sharedAs name: String) throws {
    folder = Self.temporary + "\(getpid())-\(name)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
  }

  /// In a child: the ledger in the folder that the parent shares.
  static func parentsPath(_ name: String) -> String {
    temporary + "\(getppid())-\(name)/party.ledger"
  }

  private static var temporary: String {
    FileManager.default.temporaryDirectory.path + "/privfusion-ledger-"
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  /// Room for two of ``procedure`` and not for three; values up to epsilon 1 each.
  static func limits() throws -> LedgerLimits {
    try LedgerLimits(
      records: RecordBudget(epsilon: 2.2, delta: 1e-5), values: .value(epsilon: 1))
  }

  /// About epsilon 1.3 at delta 5e-6; two of them lose about 2.0 at 1e-5, three 2.5.
  static func procedure() throws -> GaussianProcedure {
    try GaussianProcedure(sampling: .everyRecord, steps: 1, noiseMultiplier: 3)
  }

  static let delta = 5e-6

  func create() throws -> DurableLedger {
    try DurableLedger.create(at: path, limits: Self.limits())
  }

  func open() throws -> DurableLedger { try DurableLedger.open(at: path) }

  func statement() throws -> LedgerStatement { try LedgerStatement(ofLedgerAt: path) }

  func bytes() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

  func write(_ bytes: Data) throws { try bytes.write(to: URL(fileURLWithPath: path)) }

  func setMode(_ mode: Int) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  var names: Set<String> {
    get throws { Set(try FileManager.default.contentsOfDirectory(atPath: folder)) }
  }

  /// Edits the closed file as anyone with SQLite can.
  func edit(_ sql: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
    try queue.close()
  }
}

/// What a request was answered with, without the noise itself.
enum Answer: Equatable {
  case fresh(EntryID)
  case repeated([UInt8])
}

extension DurableLedger {
  /// Asks for a procedure, the bench's unless another is given.
  func answer(
    _ name: String, procedure: GaussianProcedure? = nil, delta: Double = LedgerBench.delta,
    fingerprint: [UInt8] = [1, 2, 3], payingAgain: Bool = false
  ) throws -> Answer {
    let procedure = try procedure ?? LedgerBench.procedure()
    let outcome = try grant(
      procedure, delta: delta, as: name, fingerprint: fingerprint, payingAgain: payingAgain)
    switch consume outcome {
    case .fresh(let grant, let entry):
      #expect(grant.remainingSteps == procedure.steps)
      return .fresh(entry)
    case .repeated(let bytes): return .repeated(bytes)
    }
  }

  /// Asks for it as a new request.
  @discardableResult
  func debit(_ name: String, payingAgain: Bool = false) throws -> EntryID {
    guard case .fresh(let entry) = try answer(name, payingAgain: payingAgain) else {
      throw CocoaError(.featureUnsupported)
    }
    return entry
  }
}
