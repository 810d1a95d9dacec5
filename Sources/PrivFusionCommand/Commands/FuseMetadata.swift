internal import LocalPrivacy
internal import PrivFusion

/// What a fused file says of its own making.
enum FuseMetadata {
  /// - Parameters:
  ///   - outcome: Of the protocol; nil for heads that were averaged.
  ///   - count: The number of parties.
  ///   - certified: What the parties' certificates say; empty when none was required.
  static func metadata(
    _ outcome: FusionOutcome?, _ count: Int, _ certified: [CertifiedParty]
  ) throws -> [String: String] {
    // What earlier files said is not of this one.
    var result = PrivacyNotes.cleared
    result["privfusion.parties"] = "\(count)"
    if !certified.isEmpty {
      result["privfusion.privacy_unit"] = "record"
      result["privfusion.certified_parties"] = try Terminal.jsonText(certified)
    } else if let privacy = outcome?.privacy {
      result["privfusion.privacy_unit"] = privacy.unit.rawValue
      result["privfusion.epsilon_per_value"] = "\(privacy.perValue)"
      result["privfusion.composed_unit"] = privacy.composed.unit.rawValue
      result["privfusion.composed_epsilon"] = "\(privacy.composed.basic)"
    } else {
      result["privfusion.privacy_unit"] = "none"
    }
    return result
  }
}
