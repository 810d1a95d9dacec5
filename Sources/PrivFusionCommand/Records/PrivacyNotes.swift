internal import ModelFormats

/// What model files say of their privacy, in their metadata.
enum PrivacyNotes {
  static let unitKey = "privfusion.privacy_unit"
  private static let keys = [
    unitKey, RecordRelease.certificateKey, RecordRelease.probeKey, "privfusion.epsilon",
    "privfusion.delta", "privfusion.certified_parties", "privfusion.parties",
    "privfusion.epsilon_per_value", "privfusion.composed_unit", "privfusion.composed_epsilon",
    "privfusion.answers_per_party", "privfusion.clusters", "privfusion.mechanism",
    "privfusion.predicted_accuracy",
  ]

  /// Metadata that removes everything that an earlier file said.
  static var cleared: [String: String] {
    Dictionary(uniqueKeysWithValues: keys.map { ($0, "") })
  }

  /// Of a model that was trained without privacy.
  static var trainedOpenly: [String: String] { cleared.merging([unitKey: "none"]) { $1 } }

  /// Refuses a model that says it was trained without privacy, where a public one is needed.
  ///
  /// - Parameter use: What it was to be, such as "a trunk".
  static func requirePublic(_ file: ModelFile, as use: String) throws {
    guard file.model.metadata[unitKey] == "none" else { return }
    throw Failure(
      """
      \(file.path): was trained on data without privacy, so that it can't be \(use): what it has \
      learnt would leave the party uncounted. Start from a public network, such as `architecture` \
      makes
      """, .data)
  }
}
