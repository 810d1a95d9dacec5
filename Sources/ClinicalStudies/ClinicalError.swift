/// What can be wrong with a table of clinical records. No case holds a value of a record.
public enum ClinicalError: Error, Equatable, CustomStringConvertible {
  /// The table can't be taken apart into rows and fields.
  case notATable
  /// The table lacks a column.
  case noColumn(String)
  /// A row has too many or too few fields; lines count from 1.
  case fieldCount(line: Int, found: Int, expected: Int)
  /// A field is not what its column holds.
  case field(column: String, line: Int, expected: String)
  /// Too few records for a probe, a test set and every party.
  case tooFewRecords(found: Int)

  public var description: String {
    switch self {
    case .notATable:
      "the text is not a table of separated values: a quote may be left open"
    case .noColumn(let name):
      "there is no column '\(name)': give the file as it is published, with its header"
    case .fieldCount(let line, let found, let expected):
      "line \(line) has \(found) fields where \(expected) are expected"
    case .field(let column, let line, let expected):
      "line \(line), column '\(column)': expected \(expected)"
    case .tooFewRecords(let found):
      """
      \(found) records are too few for a probe, a test set and parties that hold records: give the \
      whole file
      """
    }
  }
}
