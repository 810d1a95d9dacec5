internal import ClinicalStudies
internal import Foundation
internal import ModelFormats

/// The figures about health: hospitals before and after fusing, with record-level privacy.
struct HealthFigures {
  static let epsilons = [1.0, 3, 8]

  /// A data set, by the folder and files that hold it.
  enum DataSet: String, CaseIterable {
    case support2
    case ecg5000

    /// What `figures --only` looks in.
    var label: String { "health \(rawValue)" }

    var files: [String] {
      switch self {
      case .support2: ["support2.csv"]
      case .ecg5000: ["ECG5000_TRAIN.tsv", "ECG5000_TEST.tsv"]
      }
    }

    /// - Parameter directory: The folder of all data sets' folders.
    /// - Returns: `nil` when none of the files is there.
    /// - Throws: ``Failure`` when a file is missing or wrong.
    func records(in directory: String) throws -> ClinicalRecords? {
      let paths = files.map { "\(directory)/\(rawValue)/\($0)" }
      let contents = paths.map { FileManager.default.contents(atPath: $0) }
      if contents.allSatisfy({ $0 == nil }) { return nil }
      let texts = try zip(paths, contents).map { path, bytes in
        guard let bytes else {
          throw Failure(
            "\(path) is missing: run scripts/setup-health-data.sh, which fetches it", .noInput)
        }
        guard let text = String(data: bytes, encoding: .utf8) else {
          throw Failure("\(path): is not UTF-8 text", .data)
        }
        return text
      }
      do {
        switch self {
        case .support2: return try .support2(csv: texts[0])
        case .ecg5000: return try .ecg5000(tables: texts)
        }
      } catch let error as ClinicalError {
        throw Failure("\(paths.joined(separator: ", ")): \(error)", .data)
      }
    }
  }

  /// Measures every data set that is there; finished ones are kept in the output folder.
  ///
  /// - Parameters:
  ///   - directory: The folder of all data sets' folders.
  ///   - output: The folder for finished rows.
  ///   - seeds: How many seeds to measure.
  ///   - only: Measures the data sets whose labels contain this; all when `nil`.
  ///   - progress: Hears what is measured and the fraction of it done.
  /// - Returns: The rows of all data sets, seeds and epsilons, and the data sets that are missing.
  static func run(
    directory: String, output: String, seeds: Int, only: String?,
    progress: @escaping @Sendable (String, Double) -> Void
  ) async throws -> (rows: [ClinicalRow], missing: [DataSet]) {
    var rows: [ClinicalRow] = []
    var missing: [DataSet] = []
    for dataSet in DataSet.allCases where only.map(dataSet.label.contains) ?? true {
      guard let records = try dataSet.records(in: directory) else {
        missing.append(dataSet)
        continue
      }
      for seed in 0..<UInt64(seeds) {
        let path = "\(output)/health-\(dataSet.rawValue)-seed\(seed).json"
        if let data = FileManager.default.contents(atPath: path),
          let kept = try? JSONDecoder().decode([ClinicalRow].self, from: data),
          kept.map(\.epsilon) == epsilons
        {
          rows += kept
          continue
        }
        let fresh = try await ClinicalStudy(records, seed: seed).rows(epsilons: epsilons) {
          progress("\(dataSet.rawValue) seed \(seed)", $0)
        }
        try AtomicFile.write(JSONEncoder().encode(fresh), to: path)
        rows += fresh
      }
    }
    return (rows, missing)
  }

  /// What to say about data sets that were not there.
  static func note(missing: [DataSet], directory: String) -> String? {
    guard !missing.isEmpty else { return nil }
    let names = missing.map(\.rawValue).joined(separator: " and ")
    return """
      skipped the health figures of \(names), which are not in \(directory): fetch them with \
      scripts/setup-health-data.sh
      """
  }
}
