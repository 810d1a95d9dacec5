internal import Crypto
internal import Foundation
public import Models
internal import Tensors

/// The SHA-256 of everything that a network's initializers hold, whatever file they lie in.
///
///     for each initializer by name: name, 0, element type, rank, sizes, elements
///
/// Numbers are little-endian, of 64 bits. Operators are not part of it: they are public.
public struct ParameterDigest: Sendable, Hashable, CustomStringConvertible {
  /// 32 bytes.
  public let bytes: [UInt8]

  /// - Complexity: Reads every element once.
  public init(of graph: ModelGraph) throws {
    var hash = SHA256()
    func add(_ number: Int) {
      withUnsafeBytes(of: Int64(number).littleEndian) { hash.update(bufferPointer: $0) }
    }
    for (name, tensor) in graph.initializers.sorted(by: { $0.key < $1.key }) {
      hash.update(data: Array(name.utf8) + [0])
      add(tensor.elementType.rawValue)
      add(tensor.rank)
      tensor.shape.forEach(add)
      hash.update(data: try tensor.storedBytes())
    }
    bytes = Array(hash.finalize())
  }

  /// 64 lower-case hexadecimal digits.
  public var description: String {
    bytes.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
