internal import Foundation
internal import Tensors

/// The tables of rotary embeddings (Su et al. 2021, RoFormer, section 3.2.2), which follow from their
/// shape and one of a few published bases.
///
///     frequency[i] = base^(-i / pairs)       cosine[p, i] = cos(p · frequency[i])
///
/// A pair of features turns by one angle; a table has a column a pair, or two, which are neighbours or
/// half the features apart. Positions count from 0.
enum RotaryTable {
  /// RoFormer and Llama 2 use 10,000, Llama 3 500,000, Code Llama and Qwen 2 1,000,000.
  private static let bases: [Double] = [10_000, 500_000, 1_000_000]

  /// The pair that a column turns, by what columns are to each other.
  private static func pairings(_ columns: Int) -> [(pairs: Int, pair: (Int) -> Int)] {
    let single = [(pairs: columns, pair: { (column: Int) in column })]
    guard columns.isMultiple(of: 2) else { return single }
    let half = columns / 2
    return single + [(half, { $0 % half }), (half, { $0 / 2 })]
  }

  /// Whether these are the frequencies of a base.
  static func frequencies(_ tensor: Tensor) throws -> Bool {
    guard tensor.shape.filter({ $0 > 1 }).count == 1 else { return false }
    let found: [Double] = try tensor.cast(to: .float64).elements()
    let tolerance = rounding(tensor.elementType)
    return isAny(columns: found.count) { column, frequency in
      abs(found[column] - frequency) <= tolerance * frequency
    }
  }

  /// Whether these are the cosines, or the sines, of the frequencies of a base.
  static func turns(_ tensor: Tensor) throws -> Bool {
    let shape = tensor.shape.filter { $0 > 1 }
    guard shape.count == 2 else { return false }
    let (positions, columns) = (shape[0], shape[1])
    let found: [Double] = try tensor.cast(to: .float64).elements()
    let tolerance = rounding(tensor.elementType)
    return [cos, sin].contains { (function: (Double) -> Double) in
      isAny(columns: columns) { column, frequency in
        (0..<positions).allSatisfy { position in
          let angle = Double(position) * frequency
          // The angle was rounded before the function, which is no steeper than 1.
          return abs(found[position * columns + column] - function(angle))
            <= tolerance * max(angle, 1)
        }
      }
    }
  }

  /// Whether some base and pairing have, in each column, a frequency that fits.
  private static func isAny(columns: Int, _ fits: (Int, Double) -> Bool) -> Bool {
    bases.contains { base in
      pairings(columns).contains { pairs, pair in
        (0..<columns).allSatisfy { fits($0, pow(base, -Double(pair($0)) / Double(pairs))) }
      }
    }
  }

  /// Four times the unit roundoff: of the frequency, the angle, the function and the table.
  private static func rounding(_ type: ElementType) -> Double {
    switch type {
    case .float16: 4 * 0x1p-11
    case .bfloat16: 4 * 0x1p-8
    default: 4 * 0x1p-24
    }
  }
}
