import ClinicalStudies
import Tensors
import Testing

@Suite struct Support2Tests {
  func records(_ patients: [[String: String]]) throws -> ClinicalRecords {
    try .support2(csv: MadeUpPatients(patients).csv())
  }

  func thousandths(_ values: ArraySlice<Float>) -> [Float] {
    values.map { ($0 * 1000).rounded() }
  }

  /// By hand, from the ranges in `Support2Columns`.
  @Test func `measurements are standardised, clamped, filled and marked`() throws {
    let inputs: [Float] = try records([MadeUpPatients.one]).inputs.elements()
    // age 59 in 18...100; no comorbidities, no coma, aps 30 in 0...120, hospital day 1.
    let first: [Float] = [0, -1000, -1000, -500, -1000]
    #expect(thousandths(inputs[..<5]) == first)
    // blood pressure 90 in 30...150, heart rate 100 in 20...180, 27 in 4...50 breaths, 37.5 degrees
    // in 34...41, sodium at its upper end.
    let next: [Float] = [0, 0, 0, 0, 1000]
    #expect(thousandths(inputs[5..<10]) == next)
    // White cells are missing: log(9 / 0.1) / log(500) = 0.72407, and marked.
    #expect(abs(inputs[10] - 0.44813) < 1e-4)
    #expect(inputs[11] == 1)
    // Albumin lies beyond its range and is not missing.
    #expect(inputs[14] == 1 && inputs[15] == 0)
  }

  @Test func `words become columns of zeros and ones`() throws {
    let inputs: [Float] = try records([MadeUpPatients.one]).inputs.elements()
    // male; not diabetic; demented; cancer: metastatic; the seventh of eight disease groups.
    let expected: [Float] = [1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    #expect(Array(inputs.suffix(13)) == expected)
  }

  @Test func `what tells of the outcome is not among the inputs`() throws {
    var later = MadeUpPatients.one
    for column in [
      "sno", "death", "slos", "d.time", "edu", "income", "charges", "totcst", "totmcst", "avtisst",
      "race", "sps", "surv2m", "surv6m", "prg2m", "prg6m", "dnr", "dnrday", "adlp", "adls", "sfdm2",
      "adlsc",
    ] { later[column] = "7" }
    later["hospdead"] = "1"
    let both = try records([MadeUpPatients.one, later])
    #expect(both.labels == [0, 1])
    let (one, other) = (try both.inputs.slice(0..<1), try both.inputs.slice(1..<2))
    #expect(try one.isIdentical(to: other))
  }

  @Test func `tables that are not SUPPORT2 are refused with the place and no value`() throws {
    func changed(_ column: String, _ value: String) -> [[String: String]] {
      var patient = MadeUpPatients.one
      patient[column] = value
      return [MadeUpPatients.one, patient]
    }
    let header = MadeUpPatients.header.filter { $0 != "ph" }
    #expect(throws: ClinicalError.noColumn("ph")) {
      try ClinicalRecords.support2(csv: MadeUpPatients([MadeUpPatients.one]).csv(header: header))
    }
    let number = "a finite number or nothing"
    for wrong in ["high", "nan", "inf", "1e999"] {
      #expect(throws: ClinicalError.field(column: "ph", line: 3, expected: number)) {
        try records(changed("ph", wrong))
      }
    }
    #expect(throws: ClinicalError.field(column: "sex", line: 3, expected: "'male', 'female'")) {
      try records(changed("sex", "m"))
    }
    #expect(throws: ClinicalError.field(column: "hospdead", line: 3, expected: "'0', '1'")) {
      try records(changed("hospdead", ""))
    }
    #expect(throws: ClinicalError.fieldCount(line: 3, found: 49, expected: 48)) {
      try records(changed("ph", "7,4"))
    }
    let whole = MadeUpPatients([MadeUpPatients.one]).csv()
    #expect(throws: ClinicalError.fieldCount(line: 3, found: 2, expected: 48)) {
      try ClinicalRecords.support2(csv: whole + "2,60")
    }
    #expect(throws: ClinicalError.self) { try ClinicalRecords.support2(csv: whole + "\"2,60\n") }
    #expect(throws: ClinicalError.tooFewRecords(found: 0)) { try records([]) }
    #expect(throws: ClinicalError.noColumn("age")) { try ClinicalRecords.support2(csv: "") }
  }
}
