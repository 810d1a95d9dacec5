internal import Foundation

/// Numbers as people read them.
enum Text {
  static func decimal(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }

  /// With its sign, also above 0.
  static func signed(_ value: Double, _ digits: Int) -> String {
    String(format: "%+.\(digits)f", value)
  }

  /// A fraction as a percentage with one decimal.
  static func percent(_ fraction: Double) -> String { String(format: "%5.1f %%", 100 * fraction) }

  /// A count of bytes in binary units.
  static func bytes(_ count: Int) -> String {
    switch count {
    case ..<1024: "\(count) B"
    case ..<(1024 * 1024): String(format: "%.1f KiB", Double(count) / 1024)
    case ..<(1024 * 1024 * 1024): String(format: "%.1f MiB", Double(count) / 1_048_576)
    default: String(format: "%.2f GiB", Double(count) / 1_073_741_824)
    }
  }

  /// An epsilon, which may be very large.
  static func epsilon(_ value: Double) -> String {
    value < 10_000 ? String(format: "%.4g", value) : String(format: "%.3e", value)
  }

  /// A figure of an accountant, with the digits that another tool's can be compared by.
  static func figure(_ value: Double) -> String { String(format: "%.6g", value) }

  /// A table with aligned columns.
  static func table(_ rows: [[String]], indent: String = "  ") -> String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      indent
        + row.enumerated().map { column, cell in
          cell.padding(toLength: widths[column], withPad: " ", startingAt: 0)
        }.joined(separator: "  ").trimmingCharacters(in: .whitespaces.union(.newlines))
    }.joined(separator: "\n")
  }
}
