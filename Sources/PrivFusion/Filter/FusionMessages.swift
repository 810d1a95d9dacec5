internal import Models
package import Tensors

/// What everyone holds of one fusion after the third round, kept so that what follows can be fitted
/// again with other constants.
///
/// Two fusions of the same parties differ by their noise, often by more than two constants do; on one
/// set of messages only the constants differ. Everything here has been released, so that fitting
/// again costs no privacy.
package struct FusionMessages: Sendable {
  /// One way of fitting them.
  package struct Fit {
    /// The fused model's parameters, under the original graph's names.
    package let parameters: [String: Tensor]
    /// How well it agrees with what was released of probes that it was not fitted on; `nil` without
    /// classes, or with too few probes.
    package let heldOut: PathChoice.Score?
  }

  private let architecture: SharedArchitecture
  private let settings: FusionSettings
  private let first: FirstRound
  private let classes: ProbeClasses
  private let signatures: [Int: Tensor]
  private let normalization: NormalizationTargets
  private var average: AveragedWeights

  init(_ ending: FusionEnding, _ average: AveragedWeights) {
    architecture = ending.session.architecture
    settings = ending.session.settings
    first = ending.first
    classes = ending.classes
    signatures = ending.signatures
    normalization = ending.normalization
    self.average = average
  }

  /// The same, with random weights in the place of the averaged ones: what signatures and votes give.
  package func withoutWeights() throws -> FusionMessages {
    var copy = self
    copy.average = try average.randomized(FusionSession(architecture, settings: settings))
    return copy
  }

  /// What the fusion makes of them; with other settings, if these are changed.
  ///
  /// - Parameters:
  ///   - change: Changes the settings that the messages were made with, in nothing that decides what is
  ///     sent.
  ///   - progress: Hears of every phase and of how far it is, in [0, 1]; cancels by throwing.
  /// - Returns: An outcome that says nothing of privacy and bytes.
  package func outcome(
    _ change: (inout FusionSettings) -> Void = { _ in }, progress: FusionProgress = { _, _ in }
  ) throws -> FusionOutcome {
    let session = try session(change)
    var clock = PhaseClock()
    return try FusionEnding(
      session: session, first: first, classes: classes, signatures: signatures, own: nil,
      normalization: normalization
    ).run(average, statement: nil, bytesSent: [], &clock, progress)
  }

  /// Fits them as far as the settings allow, without choosing how far; parameters are as in
  /// ``outcome(_:progress:)``.
  package func fit(
    _ change: (inout FusionSettings) -> Void = { _ in }, progress: FusionProgress = { _, _ in }
  ) throws -> Fit {
    let session = try session(change)
    let settings = session.settings
    let targets = try FilterTargets(session, first, classes: classes, signatures: signatures)
    let choice = try PathSearch(session, targets: targets).choice(average, progress: progress)?.path
    let path: FusionPath =
      settings.usesFilter ? (settings.adapter == nil ? .filter : .adapter) : .average
    let fused = try outcome(
      {
        change(&$0)
        $0.choosesPath = false
      }, progress: progress
    ).fused
    return Fit(parameters: fused, heldOut: choice?.scores[path])
  }

  private func session(_ change: (inout FusionSettings) -> Void) throws -> FusionSession {
    var settings = settings
    change(&settings)
    settings.keepsMessages = false
    precondition(
      settings.disclosure == self.settings.disclosure,
      "messages were sent already, and no setting changes how")
    return try FusionSession(architecture, settings: settings)
  }
}
