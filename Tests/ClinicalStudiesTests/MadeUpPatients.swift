/// Patients made up for tests, in SUPPORT2's published form.
struct MadeUpPatients {
  /// Fields by column name, one patient each; columns that a patient lacks are empty.
  var patients: [[String: String]]

  static let header = [
    "sno", "age", "death", "sex", "hospdead", "slos", "d.time", "dzgroup", "dzclass", "num.co",
    "edu", "income", "scoma", "charges", "totcst", "totmcst", "avtisst", "race", "sps", "aps",
    "surv2m", "surv6m", "hday", "diabetes", "dementia", "ca", "prg2m", "prg6m", "dnr", "dnrday",
    "meanbp", "wblc", "hrt", "resp", "temp", "pafi", "alb", "bili", "crea", "sod", "ph", "glucose",
    "bun", "urine", "adlp", "adls", "sfdm2", "adlsc",
  ]

  static let one = [
    "sno": "1", "age": " 59.00000", "sex": "male", "hospdead": "0", "dzgroup": "Lung Cancer",
    "dzclass": "Cancer", "num.co": "0", "scoma": "  0", "aps": " 30", "hday": "1",
    "diabetes": "0", "dementia": "1", "ca": "metastatic", "meanbp": " 90.0", "hrt": "100",
    "resp": "27", "temp": "37.50000", "sod": "155", "alb": " 99.0",
  ]

  init(_ patients: [[String: String]]) { self.patients = patients }

  /// Four disease classes in turn; half of the patients of each die.
  init(count: Int) {
    let kinds = [
      ("ARF/MOSF", "MOSF w/Malig"), ("COPD/CHF/Cirrhosis", "CHF"), ("Cancer", "Colon Cancer"),
      ("Coma", "Coma"),
    ]
    patients = (0..<count).map { number in
      let (disease, group) = kinds[number % 4]
      let dies = number / 4 % 2
      var patient = Self.one
      patient["dzclass"] = disease
      patient["dzgroup"] = group
      patient["hospdead"] = "\(dies)"
      patient["age"] = "\(40 + number % 47)"
      patient["aps"] = "\(20 + 50 * dies + number % 31)"
      patient["hrt"] = "\(60 + number * 7 % 83)"
      return patient
    }
  }

  func csv(header: [String] = header) -> String {
    let rows = patients.map { patient in
      header.map { patient[$0] ?? "" }.joined(separator: ",")
    }
    return ([header.joined(separator: ",")] + rows).joined(separator: "\n") + "\n"
  }
}
