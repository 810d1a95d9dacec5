import Models
import Tensors
import Testing

/// Wrong data and models for the other commands.
@Suite struct BadDataTests {
  private func expectRefusal(
    _ bench: Workbench, _ arguments: [String], code: Int32, words: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = try bench.names()
    let run = try bench.run(arguments)
    #expect(run.code == code, "\(run.words)", sourceLocation: sourceLocation)
    for word in words {
      #expect(run.words.contains(word), "\(run.words)", sourceLocation: sourceLocation)
    }
    #expect(run.output.isEmpty, sourceLocation: sourceLocation)
    #expect(try bench.names() == before, sourceLocation: sourceLocation)
  }

  private static let train = [
    "train", "a.onnx", "--output", "c.onnx", "--epochs", "1", "--seed", "0", "--data",
  ]
  private static let evaluate = ["evaluate", "a.onnx", "--data"]

  @Test(arguments: [train, evaluate])
  func `data that do not fit the model are refused by name`(command: [String]) throws {
    try Workbench.with { bench in
      func labels(_ label: Int64) throws -> Tensor {
        try Tensor([Int64](repeating: label, count: 5), shape: [5])
      }
      let y = try labels(1)
      func refuse(_ arrays: [String: Tensor], _ words: [String]) throws {
        try bench.write(arrays, to: "bad.npz")
        try expectRefusal(bench, command + ["bad.npz"], code: 65, words: ["bad.npz"] + words)
      }
      let x = try Tensor.zeros([5, 6])
      try refuse(["x": x], ["'y'"])
      try refuse(["y": y], ["'x'"])
      try refuse(["x": .zeros([5, 7]), "y": y], ["[any, 6]", "[5, 7]"])
      try refuse(["x": .zeros([5, 6], type: .float64), "y": y], ["float32", "float64"])
      try refuse(["x": .zeros([4, 6]), "y": y], ["4", "5"])
      try refuse(["x": x, "y": .zeros([5])], ["integers"])
      try refuse(["x": x, "y": labels(3)], ["labels must be from 0 to 2"])
      try refuse(["x": x, "y": labels(-1)], ["labels must be from 0 to 2"])
      try refuse(["x": .zeros([0, 6]), "y": .zeros([0], type: .int64)], ["give at least one"])
      try expectRefusal(bench, command + ["none.npz"], code: 66, words: ["none.npz"])
    }
  }

  @Test func `an unknown operator is refused with the model's name`() throws {
    try Workbench.with { bench in
      var graph = try bench.model("a.onnx")
      graph.nodes[1].operation = "Frobnicate"
      try bench.write(graph, to: "bad.onnx")
      let train = ["train", "bad.onnx"] + Self.train.dropFirst(2) + ["data.npz"]
      for arguments in [
        ["inspect", "bad.onnx"], ["evaluate", "bad.onnx", "--data", "data.npz"], train,
      ] {
        try expectRefusal(
          bench, arguments, code: 65,
          words: ["bad.onnx", "Frobnicate", "export the model without it"])
      }
    }
  }

  @Test func `models of different classes make no ensemble`() throws {
    try Workbench.with { bench in
      try bench.write(
        Architecture.mlp(inputs: 6, hidden: [], classes: 5).untrained(seed: 0), to: "five.onnx")
      try expectRefusal(
        bench, ["evaluate", "a.onnx", "five.onnx", "--data", "data.npz"], code: 65,
        words: ["five.onnx", "5 classes", "3"])
    }
  }

  @Test(arguments: [
    [
      "train", "a.onnx", "--data", "data.npz", "--output", "c.onnx", "--epochs", "0", "--seed", "0",
    ],
    [
      "train", "a.onnx", "--data", "data.npz", "--output", "c.onnx", "--epochs", "1", "--seed",
      "0", "--learning-rate", "nan",
    ],
    ["architecture", "mlp", "--classes", "0", "--output", "c.onnx"],
    ["architecture", "perceptron", "--output", "c.onnx"], ["fuze"],
    ["demo", "--data-directory", ".", "--output-directory", "out", "--epsilon", "0"],
    [
      "demo", "--data-directory", ".", "--output-directory", "out", "--epsilon", "1", "--parties",
      "0",
    ],
  ])
  func `a wrong call is refused`(arguments: [String]) throws {
    try Workbench.with { try expectRefusal($0, arguments, code: 64, words: []) }
  }

  @Test func `a demo without data says where they come from`() throws {
    try Workbench.with { bench in
      let run = try bench.run([
        "demo", "--data-directory", "nowhere", "--output-directory", "out", "--epsilon", "1",
      ])
      #expect(run.code == 66)
      #expect(run.words.contains("nowhere/") && run.words.contains("make demo"))
    }
  }
}
