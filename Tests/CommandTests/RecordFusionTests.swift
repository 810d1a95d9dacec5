import Foundation
import ModelFormats
import Models
import Tensors
import Testing

/// What `fuse --require-record-privacy` must not accept.
@Suite struct RecordFusionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var code: Int32 = 65
    /// What the message must hold.
    let words: [String]
    /// Makes `bad.onnx`, or a list of signers.
    var prepare: @Sendable (RecordWorkbench) throws -> Void = { _ in }
    var models = ["p1.onnx", "bad.onnx", "p3.onnx"]
    var options: [String] = []
  }

  static let certificateKey = "privfusion.record_certificate"

  static func edited(
    _ parties: RecordWorkbench, replacing weights: [String: Tensor] = [:],
    metadata: [String: String] = [:]
  ) throws {
    try ONNXModel(contentsOf: parties.bench.folder + "p2.onnx").write(
      to: parties.bench.folder + "bad.onnx", replacing: weights, metadata: metadata)
  }

  /// The certificate of `p2.onnx` with one text in place of another.
  static func recertified(
    _ parties: RecordWorkbench, _ pattern: Regex<Substring>, _ text: String
  ) throws {
    let model = try ONNXModel(contentsOf: parties.bench.folder + "p2.onnx")
    let certificate = try #require(model.metadata[certificateKey])
    let altered = certificate.replacing(pattern, with: text)
    #expect(altered != certificate)
    try edited(parties, metadata: [certificateKey: altered])
  }

  static let cases: [Case] =
    [
      Case(
        testDescription: "a weight was changed",
        words: ["bad.onnx", "about other parameters", "do not rely on it"],
        prepare: { parties in
          let bias = try #require(
            parties.bench.model("p2.onnx").initializers["privfusion.head.bias"])
          try edited(parties, replacing: ["privfusion.head.bias": bias.multiplied(by: 1.0001)])
        }),
      Case(
        testDescription: "one bit of the file's weights was flipped",
        words: ["bad.onnx", "about other parameters"],
        prepare: { parties in
          var bytes = try parties.bench.bytes("p2.onnx")
          let weight = try #require(
            parties.bench.model("p2.onnx").initializers["privfusion.head.weight"])
          let elements: [Float] = try weight.elements()
          let content = elements.withUnsafeBytes { Data($0) }
          let place = try #require(bytes.range(of: content))
          bytes[place.lowerBound] ^= 1
          try bytes.write(to: parties.bench.url("bad.onnx"))
        }),
      Case(
        testDescription: "the trunk below the head was changed",
        words: ["bad.onnx", "about other parameters"],
        prepare: { parties in
          let name = "features.shift"
          let shift = try #require(parties.bench.model("p2.onnx").initializers[name])
          try edited(parties, replacing: [name: shift.adding(0.01)])
        }),
      Case(
        testDescription: "an operator of the trunk was changed",
        words: ["bad.onnx", "about other parameters"],
        prepare: { parties in
          let model = try ONNXModel(contentsOf: parties.bench.folder + "p2.onnx")
          var graph = model.graph
          let wave = try #require(graph.nodes.firstIndex { $0.operation == "Cos" })
          graph.nodes[wave].operation = "Sin"
          try ONNXModel(graph: graph, producer: "privfusion").write(
            to: parties.bench.folder + "bad.onnx", metadata: model.metadata)
        }),
      Case(
        testDescription: "a greater loss than is accepted",
        words: ["p1.onnx", "--max-epsilon is 0.5"], models: ["p1.onnx", "p2.onnx"],
        options: ["--max-epsilon", "0.5"]),
      Case(
        testDescription: "a greater delta than is accepted",
        words: ["p1.onnx", "--max-delta is 1e-06"], models: ["p1.onnx", "p2.onnx"],
        options: ["--max-delta", "1e-6"]),
      Case(
        testDescription: "no certificate", words: ["bad.onnx", "carries no certificate"],
        prepare: { try edited($0, metadata: [certificateKey: ""]) }),
      Case(
        testDescription: "a network trained without privacy",
        words: ["bad.onnx", "carries no certificate"],
        prepare: { try $0.bench.write(hidden: [8], seed: 1, to: "bad.onnx") }),
      Case(
        testDescription: "another party's certificate",
        words: ["bad.onnx", "about other parameters"],
        prepare: { parties in
          let other = try ONNXModel(contentsOf: parties.bench.folder + "p1.onnx")
          try edited(
            parties, metadata: [certificateKey: #require(other.metadata[certificateKey])])
        }),
      Case(
        testDescription: "a smaller claim", words: ["bad.onnx", "signature does not fit"],
        prepare: { try recertified($0, #/"clip":0.35/#, #""clip":0.25"#) }),
      Case(
        testDescription: "a certificate of another form", words: ["bad.onnx", "certificate"],
        prepare: { try recertified($0, #/"unit":"record"/#, #""unit":"value""#) }),
      Case(
        testDescription: "not a certificate", words: ["bad.onnx", "not of the form"],
        prepare: { try edited($0, metadata: [certificateKey: "trust me"]) }),
      Case(
        testDescription: "a signer who is not listed",
        words: ["p3.onnx", "list of signers does not hold"],
        prepare: { parties in
          let signers = try ["p1", "p2"].map { try parties.ledger($0 + ".ledger").keyFingerprint }
          try Data(signers.joined(separator: "\n").utf8)
            .write(to: parties.bench.url("signers.txt"))
        }, models: ["p1.onnx", "p2.onnx", "p3.onnx"], options: ["--signers", "signers.txt"]),
      Case(
        testDescription: "an empty list of signers",
        words: ["signers.txt", "lists no fingerprint"],
        prepare: { try Data("# nobody\n".utf8).write(to: $0.bench.url("signers.txt")) },
        models: ["p1.onnx", "p2.onnx"], options: ["--signers", "signers.txt"]),
      Case(
        testDescription: "no such list of signers", code: 66, words: ["signers.txt"],
        models: ["p1.onnx", "p2.onnx"], options: ["--signers", "signers.txt"]),
      Case(
        testDescription: "a trunk of another seed",
        words: ["bad.onnx", "stands on another trunk than p1.onnx"],
        prepare: { parties in
          for arguments in [
            [
              "features", "--probe", "probe.npz", "--output", "bad-trunk.onnx", "--dimension", "24",
              "--seed", "1",
            ],
            parties.training(
              "p2",
              replacing: [
                "--trunk": "bad-trunk.onnx", "--output": "bad.onnx", "--ledger": "bad.ledger",
              ]),
          ] {
            let run = try parties.bench.run(arguments)
            #expect(run.code == 0, "\(run.words)")
          }
        }),
      Case(
        testDescription: "a trunk of another probe",
        words: ["bad.onnx", "stands on another trunk than p1.onnx", "learnt from the same probe"],
        prepare: { parties in
          try parties.bench.write(["x": parties.inputs(200, seed: 99).x], to: "bad.npz")
          for arguments in [
            [
              "features", "--probe", "bad.npz", "--output", "bad-trunk.onnx", "--dimension", "24",
            ],
            parties.training(
              "p2",
              replacing: [
                "--trunk": "bad-trunk.onnx", "--output": "bad.onnx", "--ledger": "bad.ledger",
              ]),
          ] {
            let run = try parties.bench.run(arguments)
            #expect(run.code == 0, "\(run.words)")
          }
        }),
      Case(
        testDescription: "other classes", words: ["bad.onnx", "tells 4 classes apart"],
        prepare: { parties in
          let run = try parties.bench.run(
            parties.training(
              "p2",
              replacing: ["--classes": "4", "--output": "bad.onnx", "--ledger": "bad.ledger"]))
          #expect(run.code == 0, "\(run.words)")
        }),
      Case(
        testDescription: "another probe than the trunk's",
        words: ["probe.npz", "is not the probe that the trunk was learnt from", "--no-filter"],
        prepare: { parties in
          try parties.bench.write(["x": parties.inputs(200, seed: 99).x], to: "probe.npz")
        }, models: ["p1.onnx", "p2.onnx"]),
      Case(
        testDescription: "two ways to be private", code: 64, words: ["exclude each other"],
        models: ["p1.onnx", "p2.onnx"], options: ["--epsilon", "1"]),
      Case(
        testDescription: "a way to match what is not matched", code: 64,
        words: ["p1.onnx", "nothing is matched", "leave out --matching"],
        models: ["p1.onnx", "p2.onnx"], options: ["--matching", "weights"]),
      Case(
        testDescription: "a common initialisation, which heads do not have", code: 64,
        words: ["p1.onnx", "nothing is matched", "leave out --common-init"],
        models: ["p1.onnx", "p2.onnx"], options: ["--common-init", "none.onnx"]),
    ]
    + ["nan", "inf", "-1"].map { limit($0, of: "--max-epsilon") }
    + ["nan", "inf", "-1e-5"].map { limit($0, of: "--max-delta") }

  private static func limit(_ value: String, of option: String) -> Case {
    Case(
      testDescription: "\(option) \(value)", code: 64,
      words: ["\(option) must be finite and at least 0, got", "leave it out"],
      models: ["p1.onnx", "p2.onnx"], options: [option, value])
  }

  @Test(arguments: cases)
  func `what is not certified as it stands is refused`(bad: Case) throws {
    try RecordWorkbench.with { parties in
      try bad.prepare(parties)
      let before = try parties.bench.names()
      let run = try parties.bench.run(parties.fusing(bad.models, bad.options))
      #expect(run.code == bad.code, "\(run.words)")
      for word in bad.words { #expect(run.words.contains(word), "\(run.words)") }
      #expect(run.output.isEmpty)
      #expect(try parties.bench.names() == before)
    }
  }

  @Test func `a plan for heads is there for machines too, and writes nothing`() throws {
    struct Plan: Decodable {
      let parties: Int
      let classes: Int
      let features: Int
      let trunk: String
      let filtered: Bool
    }
    try RecordWorkbench.with { parties in
      let before = try parties.bench.names()
      let run = try parties.bench.run(parties.fusing() + ["--plan", "--json"])
      #expect(run.code == 0, "\(run.words)")
      let plan = try run.decoded(Plan.self)
      #expect(plan.parties == 3 && plan.classes == 3 && plan.filtered)
      let weight = try #require(
        parties.bench.model("p1.onnx").initializers["privfusion.head.weight"])
      #expect(plan.features == weight.shape[1])
      #expect(
        try plan.trunk
          == ParameterDigest(of: parties.bench.model("trunk.onnx")).description)
      let words = try parties.bench.run(parties.fusing() + ["--plan", "--no-filter"])
      #expect(words.output.hasPrefix("Nothing has been done. The plan:"))
      #expect(try parties.bench.names() == before)
    }
  }

  @Test(arguments: [[], ["--no-filter"]])
  func `the order of the files does not matter`(options: [String]) throws {
    try RecordWorkbench.with { parties in
      let bench = parties.bench
      var results: Set<Data> = []
      for models in [["1", "2", "3"], ["3", "1", "2"], ["2", "1", "3"], ["3", "2", "1"]] {
        let run = try bench.run(parties.fusing(models.map { "p\($0).onnx" }, options))
        #expect(run.code == 0, "\(run.words)")
        results.insert(try bench.bytes("fused.onnx"))
      }
      #expect(results.count == 1)
    }
  }

  @Test func `combine fuses certified models to the bytes that fuse makes, and no others`() throws {
    try RecordWorkbench.with { parties in
      let bench = parties.bench
      #expect(try bench.run(parties.fusing()).code == 0)
      let models = ["p3.onnx", "p2.onnx", "p1.onnx"]
      let demands = ["--require-record-privacy", "--probe", "probe.npz", "--output"]
      for order in [["p1.onnx", "p2.onnx", "p3.onnx"], ["p3.onnx", "p1.onnx", "p2.onnx"]] {
        let run = try bench.run(["combine"] + order + demands + ["c.onnx"])
        #expect(run.code == 0, "\(run.words)")
        #expect(try bench.bytes("c.onnx") == bench.bytes("fused.onnx"))
      }
      try Self.edited(parties, metadata: [Self.certificateKey: ""])
      let refused = try bench.run(["combine", "bad.onnx"] + models + demands + ["no.onnx"])
      #expect(refused.code == 65)
      #expect(refused.words.contains("bad.onnx"))
      let undemanded = try bench.run(["combine"] + models + ["--output", "no.onnx"])
      #expect(undemanded.code == 65)
      #expect(undemanded.words.contains("--require-record-privacy"))
      #expect(!(try bench.names().contains("no.onnx")))
    }
  }

  @Test func `without the filter any probe will do`() throws {
    try RecordWorkbench.with { parties in
      try parties.bench.write(["x": parties.inputs(200, seed: 99).x], to: "probe.npz")
      let run = try parties.bench.run(parties.fusing() + ["--no-filter"])
      #expect(run.code == 0, "\(run.words)")
    }
  }
}
