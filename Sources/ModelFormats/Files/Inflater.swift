internal import CZlib
internal import Foundation

/// Decompresses a deflate stream into memory that the caller has bounded.
struct Inflater: ~Copyable {
  /// How the stream is wrapped.
  enum Wrapping {
    /// Bare, as inside a zip archive.
    case none
    case gzip
  }

  /// Deflate never expands by more than this (zlib's technical details: 1032 to 1), so a larger
  /// claim is a lie and no memory is taken for it.
  static let largestRatio = 1032

  /// On the heap because zlib's state points back to it.
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: Data
  private let path: String
  private var consumed = 0
  /// Whether the end of the stream was reached and its checksum, if it has one, was right.
  private(set) var isFinished = false

  /// - Parameter path: The file, for messages.
  init(_ input: Data, wrapping: Wrapping, path: String) throws {
    self.input = input
    self.path = path
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // zlib.h, inflateInit2: -15 is a bare stream; 16 more than 15 is a gzip one.
    let bits: Int32 = wrapping == .gzip ? 31 : -15
    let status = inflateInit2_(
      stream, bits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      throw ModelFormatError.unreadable(path: path, reason: "zlib can't start (\(status))")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deinitialize(count: 1)
    stream.deallocate()
  }

  /// Bytes of input that were not needed.
  var unusedByteCount: Int { input.count - consumed }

  /// Fills `output` as far as the stream goes.
  ///
  /// - Returns: The number of bytes written; fewer than asked for only at the stream's end.
  /// - Throws: ``ModelFormatError/malformed(path:problem:)`` when the stream is damaged or ends
  ///   early.
  mutating func read(into output: UnsafeMutableRawBufferPointer) throws -> Int {
    var written = 0
    while !isFinished {
      let room = min(output.count - written, 1 << 30)
      let available = min(input.count - consumed, 1 << 30)
      let (status, used, made) = input.withUnsafeBytes { bytes in
        step(bytes, available: available, output: output, at: written, room: room)
      }
      consumed += used
      written += made
      if status == Z_STREAM_END {
        isFinished = true
      } else if status == Z_OK || (status == Z_BUF_ERROR && used + made > 0) {
        if written == output.count && used == 0 { break }
      } else if status == Z_BUF_ERROR {
        if written == output.count { break }
        throw ModelFormatError.malformed(path: path, problem: "its compressed data is cut short")
      } else {
        throw ModelFormatError.malformed(
          path: path, problem: "its compressed data is damaged (zlib \(status))")
      }
    }
    return written
  }

  /// Fills `output` and nothing more.
  ///
  /// - Throws: ``ModelFormatError/malformed(path:problem:)`` when the stream ends before.
  mutating func fill(_ output: UnsafeMutableRawBufferPointer) throws {
    guard try read(into: output) == output.count else {
      throw ModelFormatError.malformed(
        path: path, problem: "its compressed data holds less than it declares")
    }
  }

  /// Requires the stream to end here, with the right checksum.
  mutating func finish() throws {
    var extra: UInt8 = 0
    let count = try withUnsafeMutableBytes(of: &extra) { try read(into: $0) }
    guard count == 0, isFinished else {
      throw ModelFormatError.malformed(
        path: path, problem: "its compressed data holds more than it declares")
    }
  }

  private func step(
    _ bytes: UnsafeRawBufferPointer, available: Int, output: UnsafeMutableRawBufferPointer,
    at written: Int, room: Int
  ) -> (status: Int32, used: Int, made: Int) {
    // zlib only reads through next_in.
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: bytes.baseAddress?.advanced(by: consumed).assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(available)
    var spare: UInt8 = 0
    let status = withUnsafeMutablePointer(to: &spare) { spare in
      stream.pointee.next_out =
        room > 0
        ? output.baseAddress?.advanced(by: written).assumingMemoryBound(to: UInt8.self) : spare
      stream.pointee.avail_out = UInt32(room)
      return inflate(stream, Z_NO_FLUSH)
    }
    return (
      status, available - Int(stream.pointee.avail_in), room - Int(stream.pointee.avail_out)
    )
  }
}
