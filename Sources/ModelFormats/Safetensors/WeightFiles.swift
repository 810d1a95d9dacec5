internal import Foundation
public import Tensors

/// The weights of one model that lie apart from its graph: a safetensors file, or the index of a set of
/// them.
///
/// An index is what Hugging Face's writers call `model.safetensors.index.json`: its `weight_map` names
/// for every tensor the file, beside the index, that holds it.
public struct WeightFiles: Sendable {
  /// The file that was named: the index, or the only one.
  public let path: String
  /// The names of all tensors, in order.
  public let names: [String]
  /// All files: an index, then the files of tensors in the order of their names.
  public let paths: [String]
  private let files: [SafetensorsFile]
  /// For every tensor the place of its file.
  private let places: [String: Int]

  /// Opens the files; no tensor is read.
  ///
  /// - Parameter path: A safetensors file, or an index, whose name ends in `.json`.
  /// - Throws: ``ModelFormatError`` naming a file: as ``SafetensorsFile/init(contentsOf:)``; malformed,
  ///   when the index is no index, names a file outside its folder, or a tensor that the file lacks.
  public init(contentsOf path: String) throws {
    self.path = path
    guard path.hasSuffix(".json") else {
      let file = try SafetensorsFile(contentsOf: path)
      files = [file]
      names = file.names.sorted()
      paths = [path]
      places = Dictionary(file.names.map { ($0, 0) }, uniquingKeysWith: { first, _ in first })
      return
    }
    let map = try Self.index(path)
    let shards = Set(map.values).sorted()
    let found = try shards.map { try InputFile.beside(path, named: $0, what: "a file of tensors") }
    let files = try found.map { try SafetensorsFile(contentsOf: $0) }
    let places = Dictionary(
      zip(shards, files.indices).map { ($0, $1) }, uniquingKeysWith: { first, _ in first })
    for (name, shard) in map.sorted(by: { $0.key < $1.key }) {
      guard let place = places[shard], files[place].shape(of: name) != nil else {
        throw ModelFormatError.malformed(
          path: path, problem: "it says that '\(name)' is in '\(shard)', which does not hold it")
      }
    }
    self.files = files
    self.places = map.compactMapValues { places[$0] }
    names = map.keys.sorted()
    paths = [path] + found
  }

  /// The sizes of the axes of the tensor called `name`, if there is one.
  public func shape(of name: String) -> [Int]? {
    places[name].flatMap { files[$0].shape(of: name) }
  }

  /// The element type of the tensor called `name`; `nil` where there is none, or the engine lacks it.
  public func type(of name: String) -> ElementType? {
    places[name].flatMap { files[$0].type(of: name) }
  }

  /// The tensor called `name`, if there is one; its bytes stay in their file.
  ///
  /// - Throws: As ``SafetensorsFile/tensor(_:)``.
  public func tensor(_ name: String) throws -> Tensor? {
    try places[name].flatMap { try files[$0].tensor(name) }
  }

  /// The file of every tensor, as an index says.
  private static func index(_ path: String) throws -> [String: String] {
    let file = try MappedFile(path)
    guard file.bytes.count <= SafetensorsHeader.limit else {
      throw ModelFormatError.tooLarge(
        path: path, what: "the index", limit: SafetensorsHeader.limit)
    }
    do {
      return try JSONDecoder().decode(Index.self, from: file.data).weight_map
    } catch {
      throw ModelFormatError.malformed(
        path: path,
        problem: "it is no index of safetensors files (\(SafetensorsHeader.words(error)))")
    }
  }

  /// The part of an index that matters; the name is the format's.
  private struct Index: Decodable {
    // swift-format-ignore: AlwaysUseLowerCamelCase
    let weight_map: [String: String]
  }
}
