import Foundation
import Testing

/// `ledger export`: its chain is computed again by another program, from the documented rule alone.
@Suite struct LedgerExportTests {
  /// The rule of the documentation, in another language.
  private static let check = """
    import hashlib, json, sys

    ledger = json.load(open(sys.argv[1]))

    def digest(*fields):
        total = b""
        for field in fields:
            if isinstance(field, int):
                field = field.to_bytes(8, "big", signed=True)
            if isinstance(field, str):
                field = field.encode()
            total += len(field).to_bytes(8, "big") + field
        return hashlib.sha256(total).digest()

    key = bytes.fromhex
    last = digest("PrivFusion ledger", ledger["version"], ledger["created"], ledger["limits"],
                  key(ledger["signing_key_sha256"]), key(ledger["fingerprint_key_sha256"]))
    assert last.hex() == ledger["genesis"], "genesis"
    for entry in ledger["entries"]:
        fields = [last, entry["sequence"], entry["time"], key(entry["nonce"]), entry["event"]]
        if entry["event"] == "reserved":
            fields += [entry["unit"], entry["name"], entry["loss"], key(entry["fingerprint"])]
            fields += [entry["purpose"]] if "purpose" in entry else []
        else:
            fields += [entry["reservation"], key(entry["digest"])]
        last = digest("PrivFusion ledger entry", *fields)
        assert last.hex() == entry["hash"], entry["sequence"]
    assert last.hex() == ledger["head"] and len(ledger["entries"]) == ledger["chain_length"]
    print(len(ledger["entries"]), sorted({e.get("purpose", "") for e in ledger["entries"]}))
    """

  @Test func `the chain can be computed again from an export, which holds no secret`() throws {
    try Workbench.with { bench in
      try bench.succeed([
        "ledger", "create", "a.ledger", "--value-epsilon", "20", "--purpose", "signature=20",
      ])
      try bench.signature("a")
      try bench.succeed(["ledger", "export", "a.ledger", "-o", "a.json"])
      try Self.check.write(
        toFile: bench.folder + "check.py", atomically: true, encoding: .utf8)
      let python = { (file: String) in
        try Tool.run(
          program: "/usr/bin/env", ["python3", "check.py", file], in: bench.folder)
      }
      let checked = try python("a.json")
      #expect(checked.code == 0, "\(checked.words)")
      #expect(checked.output.hasSuffix("['', 'signature']\n") && !checked.output.hasPrefix("0 "))

      let text = try #require(String(data: bench.bytes("a.json"), encoding: .utf8))
      let changed = text.replacingOccurrences(of: "\"duchi\\\"", with: "\"other\\\"")
        .replacingOccurrences(of: "\"signature\"", with: "\"weights\"")
      #expect(changed != text)
      try changed.write(toFile: bench.folder + "b.json", atomically: true, encoding: .utf8)
      #expect(try python("b.json").code == 1)

      // The two secret keys are the only 32-byte columns beside hashes; none of their halves shows.
      let ledger = try bench.bytes("a.ledger")
      let secrets = try Self.secrets(in: bench)
      for secret in secrets {
        let bytes = stride(from: 0, to: 64, by: 2).compactMap {
          UInt8(secret.dropFirst($0).prefix(2), radix: 16)
        }
        #expect(bytes.count == 32 && ledger.range(of: Data(bytes)) != nil)
        #expect(!text.contains(secret.prefix(16).lowercased()))
      }
      #expect(secrets.count == 2)
    }
  }

  private static func secrets(in bench: Workbench) throws -> [String] {
    let query = """
      import sqlite3
      for row in sqlite3.connect("a.ledger").execute("SELECT hex(signing_key), hex(fingerprint_key) FROM header"):
          print("\\n".join(row))
      """
    let run = try Tool.run(program: "/usr/bin/env", ["python3", "-c", query], in: bench.folder)
    return run.output.split(separator: "\n").map(String.init)
  }

  @Test func `a purpose is limited from the command line`() throws {
    try Workbench.with { bench in
      for (purpose, code) in [
        ("signature", 64), ("signature=x", 64), ("signature=0", 64), ("Sig=1", 64), ("=1", 64),
      ] {
        let run = try bench.run([
          "ledger", "create", "a.ledger", "--value-epsilon", "20", "--purpose", purpose,
        ])
        #expect(run.code == code, "\(purpose): \(run.words)")
      }
      try bench.succeed([
        "ledger", "create", "a.ledger", "--value-epsilon", "20", "--purpose", "signature=4",
        "--purpose", "weights=20",
      ])
      let before = try bench.contents()
      let run = try bench.run(bench.signatureArguments("a", ledger: "a.ledger"))
      #expect(run.code == 64 && run.words.contains("for signature"), "\(run.words)")
      #expect(try bench.contents() == before)
      let shown = try bench.run(["ledger", "show", "a.ledger"])
      #expect(shown.output.contains("signature") && shown.output.contains("weights"))
    }
  }
}
