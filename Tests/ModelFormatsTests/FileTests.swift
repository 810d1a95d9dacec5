import Foundation
import ModelFormats
import Testing

@Suite struct FileTests {
  private struct Failure: Error {}

  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test func `a write that fails leaves what was there and nothing else`() throws {
    try withTemporaryFolder { folder in
      try AtomicFile.write([1, 2, 3], to: folder + "a")
      #expect(throws: Failure.self) {
        try AtomicFile.write(to: folder + "a") { sink in
          try sink.write([9])
          let during = try names(folder)
          #expect(during.count == 2)
          throw Failure()
        }
      }
      #expect(try names(folder) == ["a"])
      #expect(try Data(file: folder + "a") == Data([1, 2, 3]))
    }
  }

  @Test func `unfinished files can be removed`() throws {
    try withTemporaryFolder { folder in
      #expect(throws: ModelFormatError.self) {
        try AtomicFile.write(to: folder + "a") { _ in
          AtomicFile.removeUnfinished(in: folder)
          let left = try names(folder)
          #expect(left.isEmpty)
        }
      }
    }
  }

  @Test func `a link is followed and permissions are kept`() throws {
    try withTemporaryFolder { folder in
      let files = FileManager.default
      try AtomicFile.write([1], to: folder + "a")
      try files.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder + "a")
      try files.createSymbolicLink(atPath: folder + "b", withDestinationPath: folder + "a")
      try AtomicFile.write([2], to: folder + "b")
      #expect(try Data(file: folder + "a") == Data([2]))
      #expect(try files.destinationOfSymbolicLink(atPath: folder + "b") == folder + "a")
      let mode = try files.attributesOfItem(atPath: folder + "a")[.posixPermissions] as? Int
      #expect(mode == 0o600)
    }
  }

  @Test func `what can't be written is said with the file's name`() throws {
    try withTemporaryFolder { folder in
      for path in [folder, folder + "none/a", "/dev/null", "/proc/a"] {
        let error = #expect(throws: ModelFormatError.self) {
          try AtomicFile.write([1], to: path)
        }
        #expect("\(String(describing: error))".contains(path))
      }
      let left = try names(folder)
      #expect(left.isEmpty)
      #expect(FileManager.default.fileExists(atPath: "/dev/null"))
    }
  }

  @Test func `what can't be read is said with the file's name`() throws {
    try withTemporaryFolder { folder in
      try Data().write(file: folder + "empty")
      for path in [folder, folder + "none", "/dev/zero", folder + "empty"] {
        let readers: [(String) throws -> Void] = [
          { _ = try ONNXModel(contentsOf: $0) }, { _ = try ArrayArchive(contentsOf: $0) },
          { _ = try IDXFile(contentsOf: $0) },
        ]
        for read in readers {
          let error = #expect(throws: ModelFormatError.self) { try read(path) }
          #expect("\(String(describing: error))".contains(path))
        }
      }
    }
  }

  /// FIPS 180-4's examples of SHA-256, from NIST's "SHA256.pdf" and its test vectors.
  @Test func `digests are SHA-256's`() throws {
    try withTemporaryFolder { folder in
      try Data("abc".utf8).write(file: folder + "a")
      #expect(
        try FileDigest(contentsOf: folder + "a").hexadecimal
          == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
      try Data(repeating: UInt8(ascii: "a"), count: 1_000_000).write(file: folder + "a")
      #expect(
        try FileDigest(contentsOf: folder + "a").hexadecimal
          == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
      #expect(throws: ModelFormatError.self) { try FileDigest(contentsOf: folder + "none") }
    }
  }
}
