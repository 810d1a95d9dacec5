import Foundation
import LocalPrivacy
import Testing

@Suite struct ReleasedTests {
  @Test(arguments: NumericMechanism.Kind.allCases, [0.001, 1.0, 6.0, 20.0])
  func `packed outputs come back and take the least number of bits`(
    kind: NumericMechanism.Kind, epsilon: Double
  ) throws {
    var ledger = BudgetLedger(budget: nil)
    for count in [1, 7, 8, 1001] {
      let values = try Clipped((0..<count).map { Float($0 % 5) / 2 - 1 }, radius: 1)
      let released = try ledger.release(
        values, through: NumericMechanism(kind, epsilon: epsilon), as: "values \(count)")
      let bytes = released.packedBytes()
      #expect(bytes.count == released.byteCount)
      #expect(bytes.count == (count * released.encoding.bitsPerOutput + 7) / 8)
      #expect(try released.encoding.unpack(bytes, count: count) == released.outputs)
      if kind == .duchi { #expect(bytes.count == (count + 7) / 8) }
    }
  }

  @Test func `packed labels come back and take the least number of bits`() throws {
    var ledger = BudgetLedger(budget: nil)
    for (categories, bits) in [(2, 1), (3, 2), (4, 2), (5, 3), (10, 4), (16, 4), (17, 5)] {
      let response = try RandomizedResponse(categories: categories, epsilon: 1)
      let labels = (0..<333).map { $0 % categories }
      let released = try ledger.release(labels, through: response, as: "\(categories)")
      #expect(released.encoding.bitsPerOutput == bits)
      #expect(
        try released.encoding.unpack(released.packedBytes(), count: 333) == released.outputs)
    }
  }

  @Test func `malformed packed outputs are refused`() throws {
    let labels = ReleaseEncoding.labels(try RandomizedResponse(categories: 5, epsilon: 1))
    #expect(throws: PrivacyError.packedLength(expected: 2, found: 1)) {
      try labels.unpack([0], count: 3)
    }
    #expect(throws: PrivacyError.packedLength(expected: 2, found: 3)) {
      try labels.unpack([0, 0, 0], count: 3)
    }
    #expect(throws: PrivacyError.packedLength(expected: .max, found: 0)) {
      try labels.unpack([], count: .max)
    }
    // 7 is no category of 5; neither is 6.
    #expect(throws: PrivacyError.outputOutOfRange(position: 0)) {
      try labels.unpack([0b0000_0111], count: 1)
    }
    // A spare bit is set.
    #expect(throws: PrivacyError.outputOutOfRange(position: 1)) {
      try labels.unpack([0b0000_1100], count: 1)
    }
    let numbers = ReleaseEncoding.numbers(
      try NumericMechanism(.piecewise, epsilon: 1), radius: try ClippingRadius(1))
    #expect(throws: PrivacyError.outputOutOfRange(position: 0)) {
      try numbers.unpack([0xFF, 0xFF, 0x03], count: 1)
    }
    #expect(try labels.unpack([], count: 0).isEmpty)
  }

  @Test func `another module can't make a Released`() throws {
    // The control shows that the module is found and that the refusal is about the initialiser.
    let use = "import LocalPrivacy\nfunc f(_ r: Released) -> [Int32] { r.outputs }\n"
    let control = try Self.typecheck(use)
    #expect(control.succeeded, "\(control.messages)")
    for forgery in [
      "func g(_ r: Released) -> Released { Released(name: \"\", encoding: r.encoding, outputs: []) }",
      "func g(_ r: inout Released) { r.outputs = [] }",
      "func g(_ d: Decoder) throws -> Released { try Released(from: d) }",
      "extension Released { init(forged: ReleaseEncoding) { outputs = [] } }",
      "func g(_ c: Clipped) -> [Int32] { c.multiples }",
      "func g() -> NoiseStream { NoiseStream(reproducibleKey: []) }",
    ] {
      let attempt = try Self.typecheck(use + forgery + "\n")
      #expect(!attempt.succeeded, "it compiled: \(forgery)")
      #expect(attempt.messages.contains("error:"))
    }
  }

  /// Type-checks a source file against the module that this test was built with.
  static func typecheck(_ source: String) throws -> (succeeded: Bool, messages: String) {
    let file = FileManager.default.temporaryDirectory
      .appending(path: "forgery-\(UUID().uuidString).swift")
    try Data(source.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let compiler = Process()
    compiler.executableURL = URL(filePath: "/usr/bin/env")
    compiler.arguments = [
      "swiftc", "-typecheck", "-swift-version", "6", "-package-name", "another",
      "-I", try modules().path(), file.path(),
    ]
    let output = Pipe()
    compiler.standardOutput = output
    compiler.standardError = output
    try compiler.run()
    let messages = try output.fileHandleForReading.readToEnd() ?? Data()
    compiler.waitUntilExit()
    return (compiler.terminationStatus == 0, String(decoding: messages, as: UTF8.self))
  }

  /// The folder of built modules, which lies beside the running test program.
  static func modules() throws -> URL {
    var candidates = CommandLine.arguments.map { URL(filePath: $0) }
    candidates.append(URL(filePath: "/proc/self/exe").resolvingSymlinksInPath())
    for candidate in candidates {
      var folder = candidate
      for _ in 0..<5 {
        folder.deleteLastPathComponent()
        let modules = folder.appending(path: "Modules")
        let built = modules.appending(path: "LocalPrivacy.swiftmodule")
        if FileManager.default.fileExists(atPath: built.path()) { return modules }
      }
    }
    throw CocoaError(.fileNoSuchFile)
  }
}
