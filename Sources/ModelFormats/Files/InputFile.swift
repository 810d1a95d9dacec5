internal import Foundation

/// Opens a regular file for reading without copying it into memory.
enum InputFile {
  /// The bytes of the file at `path`, mapped.
  ///
  /// - Throws: As ``MappedFile/init(_:)``.
  static func map(_ path: String) throws -> Data { try MappedFile(path).data }
}
