internal import Tensors

extension ClinicalRecords {
  /// SUPPORT2: 9,105 seriously ill adults in five American hospitals, of whom 26 in a hundred died
  /// there.
  ///
  /// Knaus et al. 1995, "The SUPPORT prognostic model"; the table is Vanderbilt University's
  /// (https://hbiostat.org/data/repo/supportdesc). The class is death in hospital, told from what
  /// was known on the study's third day (`Support2Columns`). Measurements are standardised by public
  /// ranges, gaps filled by public normal values and marked.
  ///
  /// A quarter of the patients is the probe, a fifth the test set; the others are dealt to four
  /// parties by the class of their disease, as to specialised hospitals.
  ///
  /// - Parameter text: The comma-separated table with its header.
  /// - Throws: ``ClinicalError`` when a column is missing or a field is not what it should be.
  public static func support2(csv text: String) throws -> ClinicalRecords {
    let table = try ClinicalTable(csv: text)
    let measurements = try Support2Columns.measurements.map { ($0, try table.index($0.column)) }
    let categories = try Support2Columns.categories.map { ($0, try table.index($0.column)) }
    let diseases = Support2Columns.classes
    let (disease, outcome) = (
      try table.index(diseases.column), try table.index(Support2Columns.outcome)
    )
    var values: [Float] = []
    var labels: [Int] = []
    var groups: [Int] = []
    for row in table.rows.indices {
      for (measurement, column) in measurements {
        let value = try table.number(row, column)
        values.append(measurement.standardized(value))
        if measurement.marksMissing { values.append(value == nil ? 1 : 0) }
      }
      for (category, column) in categories {
        let found = try table.choice(row, column, of: category.values, or: category.others)
        values += category.values.indices.map { $0 == found ? 1 : 0 }
      }
      labels.append(try table.choice(row, outcome, of: ["0", "1"]) ?? 0)
      groups.append(try table.choice(row, disease, of: diseases.values) ?? 0)
    }
    guard !labels.isEmpty else { throw ClinicalError.tooFewRecords(found: 0) }
    return ClinicalRecords(
      name: "SUPPORT2",
      inputs: try Tensor(values, shape: [labels.count, values.count / labels.count]),
      labels: labels, classes: 2, probeShare: 0.25, testShare: 0.2,
      parties: .groups(groups, names: diseases.values))
  }
}
