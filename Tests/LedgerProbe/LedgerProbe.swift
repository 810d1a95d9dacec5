internal import Foundation
internal import LocalPrivacy
internal import LocalPrivacySQLite

/// Makes a ledger or releases through one, for tests that kill it from outside.
///
///     LedgerProbe create  LEDGER
///     LedgerProbe release LEDGER NAME...     numbers, through a mechanism
///     LedgerProbe grant   LEDGER NAME...     a procedure about records
///     LedgerProbe parts   LEDGER NAME...     numbers, in two parts
///     LedgerProbe stream  LEDGER COUNT...    so many numbers, in parts; the line has the greatest
///                                            anonymous memory of the process, in KiB
///
/// It hands out as a command does: a line of the name and the bytes in hexadecimal digits, in one
/// write to standard output, once the ledger has given them. What is refused goes to standard error.
@main struct LedgerProbe {
  static func main() {
    do {
      try run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      put("\(error)\n", to: STDERR_FILENO)
      exit(1)
    }
  }

  private static func run(_ arguments: [String]) throws {
    guard arguments.count >= 2 else { throw CocoaError(.featureUnsupported) }
    let (verb, path, names) = (arguments[0], arguments[1], arguments.dropFirst(2))
    if verb == "create" {
      return try DurableLedger.create(
        at: path,
        limits: LedgerLimits(
          records: RecordBudget(epsilon: 100, delta: 1e-5), values: .value(epsilon: 1))
      ).close()
    }
    let ledger = try DurableLedger.open(at: path)
    if verb == "stream" {
      for count in names { put("\(count) \(try stream(count, from: ledger))\n", to: STDOUT_FILENO) }
      return try ledger.close()
    }
    for name in names {
      let bytes =
        switch verb {
        case "grant": try grant(name, from: ledger)
        case "parts": try parts(name, from: ledger)
        default: try release(name, from: ledger)
        }
      put("\(name) \(bytes.map { String(format: "%02x", $0) }.joined())\n", to: STDOUT_FILENO)
    }
    try ledger.close()
  }

  private static func release(_ name: String, from ledger: DurableLedger) throws -> [UInt8] {
    let values = try Clipped((0..<64).map { Float($0) }, radius: 100)
    return try ledger.release(values, through: NumericMechanism(.duchi, epsilon: 1), as: name)
      .packedBytes()
  }

  private static func parts(_ name: String, from ledger: DurableLedger) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try ledger.release(
      count: 70_000, radius: ClippingRadius(100), through: NumericMechanism(.duchi, epsilon: 1),
      as: name, from: { $0.map { Float($0 % 100) } }, to: { bytes += $0 })
    return bytes
  }

  private static func grant(_ name: String, from ledger: DurableLedger) throws -> [UInt8] {
    let procedure = try GaussianProcedure(sampling: .everyRecord, steps: 1, noiseMultiplier: 10)
    switch try ledger.grant(procedure, delta: 1e-6, as: name, fingerprint: [1]) {
    case .repeated(let bytes): return bytes
    case .fresh(_, let entry):
      let bytes = (0..<8).map { _ in UInt8.random(in: 0 ... .max) }
      try ledger.complete(entry, with: bytes)
      return bytes
    }
  }

  private static func stream(_ count: String, from ledger: DurableLedger) throws -> Int {
    var greatest = 0
    var bytes = 0
    let statement = try ledger.release(
      count: Int(count) ?? 0, radius: ClippingRadius(100),
      through: NumericMechanism(.piecewise, epsilon: 1), as: "stream of \(count)",
      from: { range in
        greatest = max(greatest, try anonymousMemory())
        return range.map { Float($0 % 199) - 99 }
      },
      to: { part in
        greatest = max(greatest, try anonymousMemory())
        bytes += part.count
      })
    guard bytes == statement.byteCount else { throw CocoaError(.fileReadCorruptFile) }
    return greatest
  }

  private static func anonymousMemory() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
    return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
  }

  private static func put(_ text: String, to descriptor: Int32) {
    let bytes = Array(text.utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count else { exit(2) }
  }
}
