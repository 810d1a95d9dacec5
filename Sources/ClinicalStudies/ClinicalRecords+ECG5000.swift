internal import Tensors

extension ClinicalRecords {
  /// ECG5000: heartbeats of one patient with heart failure, each of 140 numbers, in five classes of
  /// which the first is normal and holds 58 in a hundred.
  ///
  /// From the BIDMC Congestive Heart Failure Database, record chf07 (Goldberger et al. 2000),
  /// prepared by Chen et al. 2015 and published in the UCR archive (Dau et al. 2018). Each beat is
  /// standardised by its own mean and deviation. A beat, not a patient, is the record that is
  /// protected here.
  ///
  /// A fifth of the beats is the probe, a fifth the test set, and five parties share the rest.
  ///
  /// - Parameter tables: The archive's training and test tables: a line a beat, its class from 1 to
  ///   5 and its numbers separated by tabs.
  /// - Throws: ``ClinicalError`` when a table is not of that form.
  public static func ecg5000(tables: [String]) throws -> ClinicalRecords {
    let length = 140
    var values: [Float] = []
    var labels: [Int] = []
    for table in tables {
      for (number, line) in table.split(whereSeparator: \.isNewline).enumerated() {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard fields.count == length + 1 else {
          throw ClinicalError.fieldCount(
            line: number + 1, found: fields.count, expected: length + 1)
        }
        guard let label = Int(fields[0]), (1...5).contains(label) else {
          throw ClinicalError.field(
            column: "class", line: number + 1, expected: "a whole number from 1 to 5")
        }
        labels.append(label - 1)
        for (place, field) in fields.dropFirst().enumerated() {
          guard let value = Float(field), value.isFinite else {
            throw ClinicalError.field(
              column: "\(place + 1)", line: number + 1, expected: "a finite number")
          }
          values.append(value)
        }
      }
    }
    return ClinicalRecords(
      name: "ECG5000", inputs: try Tensor(values, shape: [labels.count, 1, length]),
      labels: labels, classes: 5, probeShare: 0.2, testShare: 0.2, parties: .alike(5))
  }
}
