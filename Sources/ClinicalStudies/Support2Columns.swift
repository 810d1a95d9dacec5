internal import Foundation

/// What SUPPORT2's columns become: all constants are public knowledge, none is computed from the
/// data.
///
/// Left out, because a prediction on day 3 of the study could not know them, or because they are
/// estimates that depend on other patients' records:
///
/// - `death`, `d.time`, `slos`, `sfdm2`: what became of the patient;
/// - `charges`, `totcst`, `totmcst`: what the whole stay cost;
/// - `avtisst`: the intensity of care over days 3 to 25;
/// - `dnr`, `dnrday`: orders not to resuscitate, most of them given later in the stay;
/// - `surv2m`, `surv6m`, `sps`: estimates of models fitted to patients of this study;
/// - `prg2m`, `prg6m`: a physician's own estimate of survival;
/// - `adlsc`: imputed from other patients;
/// - `edu`, `income`, `adlp`, `adls`: from interviews during the stay, which the sickest patients
///   could not give, so that a gap tells of the outcome;
/// - `race`: no measure of health, and a forecast for a patient should not rest on it;
/// - `sno`: a number; `dzclass`: follows from `dzgroup`.
enum Support2Columns {
  /// A measured number.
  struct Measurement {
    let column: String
    /// Where adults' values plausibly lie; others count as the nearer end.
    let range: ClosedRange<Double>
    /// What stands in for a missing value.
    let normal: Double
    /// Whether ratios matter, not differences.
    var isLogarithmic = false
    /// Whether a missing value is told from a normal one.
    var marksMissing = false

    /// From -1 to 1 over the range; that of the normal value for `nil`.
    func standardized(_ value: Double?) -> Float {
      let clamped = min(max(value ?? normal, range.lowerBound), range.upperBound)
      let (low, high) = (range.lowerBound, range.upperBound)
      let share =
        isLogarithmic ? log(clamped / low) / log(high / low) : (clamped - low) / (high - low)
      return Float(2 * share - 1)
    }
  }

  /// A column of words; each listed value becomes a column of zeros and ones.
  struct Category {
    let column: String
    let values: [String]
    /// What is neither listed nor wrong; all columns are then zero.
    var others: [String] = []
  }

  /// The normal values of albumin, PaO2/FiO2, bilirubin, creatinine, urea nitrogen, white cells and
  /// urine are those that the study's own page recommends (https://hbiostat.org/data/repo/supportdesc);
  /// the others are textbook values of healthy adults.
  static let measurements: [Measurement] = [
    .init(column: "age", range: 18...100, normal: 65),
    .init(column: "num.co", range: 0...6, normal: 0),
    .init(column: "scoma", range: 0...100, normal: 0),
    .init(column: "aps", range: 0...120, normal: 0),
    .init(column: "hday", range: 1...50, normal: 1, isLogarithmic: true),
    .init(column: "meanbp", range: 30...150, normal: 90),
    .init(column: "hrt", range: 20...180, normal: 75),
    .init(column: "resp", range: 4...50, normal: 16),
    .init(column: "temp", range: 34...41, normal: 37),
    .init(column: "sod", range: 120...155, normal: 140),
    .init(column: "wblc", range: 0.1...50, normal: 9, isLogarithmic: true, marksMissing: true),
    .init(column: "pafi", range: 50...550, normal: 333.3, marksMissing: true),
    .init(column: "alb", range: 1...5.5, normal: 3.5, marksMissing: true),
    .init(column: "bili", range: 0.1...30, normal: 1.01, isLogarithmic: true, marksMissing: true),
    .init(column: "crea", range: 0.2...10, normal: 1.01, isLogarithmic: true, marksMissing: true),
    .init(column: "ph", range: 7.1...7.6, normal: 7.4, marksMissing: true),
    .init(column: "glucose", range: 40...500, normal: 100, isLogarithmic: true, marksMissing: true),
    .init(column: "bun", range: 3...130, normal: 6.51, isLogarithmic: true, marksMissing: true),
    .init(column: "urine", range: 0...7000, normal: 2502, marksMissing: true),
  ]

  static let categories: [Category] = [
    .init(column: "sex", values: ["male"], others: ["female"]),
    .init(column: "diabetes", values: ["1"], others: ["0"]),
    .init(column: "dementia", values: ["1"], others: ["0"]),
    .init(column: "ca", values: ["yes", "metastatic"], others: ["no"]),
    .init(
      column: "dzgroup",
      values: [
        "ARF/MOSF w/Sepsis", "MOSF w/Malig", "CHF", "COPD", "Cirrhosis", "Colon Cancer",
        "Lung Cancer", "Coma",
      ]),
  ]

  /// The disease classes: every one is a party.
  static let classes = Category(
    column: "dzclass", values: ["ARF/MOSF", "COPD/CHF/Cirrhosis", "Cancer", "Coma"])
  static let outcome = "hospdead"
}
