internal import Foundation
internal import SwiftCSV

/// A comma-separated table whose fields are read strictly.
struct ClinicalTable {
  let header: [String]
  /// Fields without the spaces around them, as many in each row as the header has.
  let rows: [[String]]

  /// - Throws: ``ClinicalError/notATable``, ``ClinicalError/fieldCount(line:found:expected:)``.
  init(csv text: String) throws {
    var all: [[String]] = []
    do {
      // Row by row, because the parser's own view of the table fills short rows with gaps.
      try CSV<Enumerated>(string: text, delimiter: .comma, loadColumns: false, rowLimit: 1)
        .enumerateAsArray(startAt: 0, rowLimit: nil) { row in
          all.append(row.map { $0.trimmingCharacters(in: .whitespaces) })
        }
    } catch is CSVParseError {
      throw ClinicalError.notATable
    }
    // The end of the last line is not a row.
    if all.last == [""] { all.removeLast() }
    header = all.first ?? []
    rows = Array(all.dropFirst())
    for (index, row) in rows.enumerated() where row.count != header.count {
      throw ClinicalError.fieldCount(line: index + 2, found: row.count, expected: header.count)
    }
  }

  /// The place of a column.
  ///
  /// - Throws: ``ClinicalError/noColumn(_:)``.
  func index(_ column: String) throws -> Int {
    guard let index = header.firstIndex(of: column) else { throw ClinicalError.noColumn(column) }
    return index
  }

  /// A number, or `nil` for an empty field.
  ///
  /// - Throws: ``ClinicalError/field(column:line:expected:)``.
  func number(_ row: Int, _ column: Int) throws -> Double? {
    let field = rows[row][column]
    if field.isEmpty { return nil }
    guard let value = Double(field), value.isFinite else {
      throw ClinicalError.field(
        column: header[column], line: row + 2, expected: "a finite number or nothing")
    }
    return value
  }

  /// Which of `values` a field is; `nil` for one of `others`.
  ///
  /// - Throws: ``ClinicalError/field(column:line:expected:)`` when it is none of either.
  func choice(
    _ row: Int, _ column: Int, of values: [String], or others: [String] = []
  ) throws -> Int? {
    let field = rows[row][column]
    if let index = values.firstIndex(of: field) { return index }
    guard others.contains(field) else {
      let all = (values + others).map { $0.isEmpty ? "nothing" : "'\($0)'" }
      throw ClinicalError.field(
        column: header[column], line: row + 2, expected: all.joined(separator: ", "))
    }
    return nil
  }
}
