internal import Foundation
internal import ModelFormats
internal import Models
internal import PrivFusion
internal import Tensors

/// `fuse --data-free`: matches and averages weights a layer at a time, and can be taken up again.
struct DataFreeFusion {
  let options: FuseOptions

  func run() throws {
    let outside = options.outside
    let files = try outside.files(options.models, asStored: true)
    try FuseCommand.noteRepeats(files)
    let first = files[0]
    let parties = try files.map { file in
      try first.match(file).renamed(file.graph.initializers)
    }
    for path in [options.output, outside.outputWeights].compactMap(\.self) {
      try OutputPlace.checkFile(path)
    }
    let store = try FusionStateFile(
      beside: options.output,
      digest: Self.digest(of: files, parties: parties, seed: options.seed))
    let state = outside.resume ? try store.read() : nil
    if outside.resume { try store.removeUnfinished() }
    let start = ContinuousClock.now
    let bar = ProgressBar("fuse")
    bar.update(0, "prove permutation groups")
    var fusion = try Failure.about(first.path) {
      try WeightFusion(first.model.graph, parties: parties, seed: options.seed, from: state)
    }
    if fusion.symmetry.groups.groups.isEmpty {
      Terminal.note("no permutation group was proved: weights are averaged as they are")
    }
    while !fusion.isMatched {
      bar.update(fusion.progress, "match")
      try fusion.matchFurther()
      try store.write(fusion.state)
    }
    bar.update(1, "average")
    try first.model.write(
      to: options.output, metadata: FuseMetadata.metadata(nil, files.count, [])
    ) { name, _ in try fusion.fused(name) }
    if let path = outside.outputWeights { try Self.write(fusion, of: first.model.graph, to: path) }
    try store.remove()
    bar.finish()
    try Terminal.show(
      Result(
        output: options.output,
        sha256: FileDigest(contentsOf: options.output).hexadecimal,
        outputWeights: outside.outputWeights, models: files.map(\.label),
        parameters: first.model.graph.parameterCount,
        permutationGroups: fusion.symmetry.groups.groups.count,
        symmetryCheckIsWhole: fusion.symmetry.isWhole, resumed: state != nil,
        seconds: start.duration(to: .now).seconds), asJSON: options.json)
  }

  private static func write(_ fusion: WeightFusion, of graph: ModelGraph, to path: String) throws {
    let outlines = graph.initializers.map { name, tensor in
      SafetensorsFile.Outline(name: name, type: tensor.elementType, shape: tensor.shape)
    }
    try SafetensorsFile.write(to: path, outlines) { name in
      guard let type = graph.initializers[name]?.elementType else {
        throw FusionError.missingParameter(name)
      }
      return try fusion.fused(name).cast(to: type)
    }
  }

  /// Of everything that the result depends on: files, weights wherever they lie, and the seed.
  private static func digest(
    of files: [ModelFile], parties: [[String: Tensor]], seed: UInt64
  ) throws -> String {
    var parts = [Array("privfusion data-free 1".utf8), Array("\(seed)".utf8)]
    for (file, party) in zip(files, parties) {
      parts += try file.digests.map { Array($0.utf8) }
      parts.append(try ParameterDigest(of: party).bytes)
    }
    return ContentDigest(of: parts).bytes.map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  private struct Result: Encodable, CustomStringConvertible {
    let output: String
    let sha256: String
    let outputWeights: String?
    let models: [String]
    let parameters: Int
    let permutationGroups: Int
    let symmetryCheckIsWhole: Bool
    let resumed: Bool
    let seconds: Double

    var description: String {
      var lines = [
        "wrote \(output) from \(models.count) models of \(parameters) parameters, matched by weights in "
          + "\(permutationGroups) groups\(resumed ? ", taken up where it was ended" : "")",
        "sha256: \(sha256)",
      ]
      if let outputWeights { lines.append("wrote \(outputWeights)") }
      if !symmetryCheckIsWhole {
        lines.append(
          "the groups were checked by permuting all at once; axes without effect were not looked for"
        )
      }
      return
        (lines + [
          "nothing was filtered: with public inputs, --probe gives better models",
          "time: \(Text.decimal(seconds, 1)) s",
        ]).joined(separator: "\n")
    }
  }
}
