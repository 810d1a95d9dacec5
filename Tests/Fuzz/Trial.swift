internal import Foundation
internal import ModelFormats
internal import Models
internal import Tensors

/// What is done with one file: read, look for permutation groups, one forward pass.
struct Trial {
  /// The kinds of files, and of what they are made.
  enum Kind: String, CaseIterable {
    case onnx, npz, safetensors, index, idx

    /// The file's name in the folder of a trial.
    var fileName: String { self == .index ? "f.index.json" : "f.\(rawValue)" }
  }

  /// How it ended: what was read as it is, or the kind of the refusal.
  static func outcome(of path: String, kind: Kind) -> String {
    do {
      switch kind {
      case .onnx: try runModel(path)
      case .npz:
        let archive = try ArrayArchive(contentsOf: path)
        for name in archive.names { _ = try archive[name]?.isFinite() }
      case .safetensors, .index:
        let files = try WeightFiles(contentsOf: path)
        for name in files.names { _ = try files.tensor(name)?.isFinite() }
      case .idx: _ = try IDXFile(contentsOf: path)
      }
      return "accepted"
    } catch let error as ModelFormatError {
      return "refused: \(word(error))"
    } catch let error as ModelError {
      return "refused: model \(word(error))"
    } catch let error as TensorError {
      return "refused: engine \(word(error))"
    } catch {
      return "refused: \(type(of: error))"
    }
  }

  private static func runModel(_ path: String) throws {
    let model = try ONNXModel(contentsOf: path)
    try model.validateFinite()
    let graph = try model.graph.inSinglePrecision()
    let pass = try ForwardPass(graph)
    let inputs = try graph.sampleInputs(seed: 1)
    _ = try PermutationGroups(pass, inputs: inputs)
    _ = try withoutGradients { try pass.values(inputs) }
  }

  /// The case of an error, without what it tells.
  private static func word(_ error: some Error) -> String {
    let text = Mirror(reflecting: error).children.first?.label ?? "\(error)"
    return String(text.prefix(40))
  }
}
