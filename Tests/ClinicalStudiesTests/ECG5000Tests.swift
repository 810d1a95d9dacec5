import ClinicalStudies
import Tensors
import Testing

@Suite struct ECG5000Tests {
  func line(_ label: String, _ values: [String]) -> String {
    ([label] + values).joined(separator: "\t")
  }

  let values = (0..<140).map { "\(Float($0) / 64 - 1)" }

  @Test func `beats of both tables are read in order`() throws {
    let (one, other) = (line("1", values), line("5", values.reversed()))
    let records = try ClinicalRecords.ecg5000(tables: [one + "\r\n" + other + "\n", one])
    #expect(records.labels == [0, 4, 0])
    #expect(records.classes == 5)
    #expect(records.inputs.shape == [3, 1, 140])
    let elements: [Float] = try records.inputs.elements()
    #expect(elements[139] == 139.0 / 64 - 1 && elements[140] == elements[139])
  }

  @Test func `tables that are not ECG5000 are refused with the place and no value`() {
    func refusal(_ lines: String...) -> ClinicalError? {
      #expect(throws: ClinicalError.self) {
        try ClinicalRecords.ecg5000(tables: [lines.joined(separator: "\n")])
      }
    }
    let good = line("1", values)
    #expect(
      refusal(good, line("1", values.dropLast()))
        == .fieldCount(line: 2, found: 140, expected: 141))
    for label in ["0", "6", "1.5", ""] {
      #expect(
        refusal(line(label, values))
          == .field(column: "class", line: 1, expected: "a whole number from 1 to 5"))
    }
    for wrong in ["", "x", "nan", "inf"] {
      var some = values
      some[1] = wrong
      #expect(
        refusal(good, good, line("2", some))
          == .field(column: "2", line: 3, expected: "a finite number"))
    }
  }
}
