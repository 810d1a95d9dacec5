internal import PrivateTraining

/// How hospitals with a few hundred records train, fuse and filter; all public.
///
/// Found on labelled public sets dealt to parties of 200 to 800 records, never on the records that
/// are measured here: Framingham's first examinations dealt by age, by sex and smoking, and at
/// random, and Gaussian clusters dealt by class, for tables; ECGFiveDays and ElectricDevices of the
/// UCR archive for signals.
struct ClinicalSettings {
  /// Of heads that will be averaged.
  var fused: HeadTrainer.Settings
  /// The filter's floor; `nil` where the mean of the heads stays as it is.
  var filterFloor: Double?
  /// Of heads that serve their own party, whose noise no other head evens out.
  var alone: HeadTrainer.Settings

  /// - Parameters:
  ///   - kind: What the records are.
  ///   - epsilon: The loss of each party.
  init(for kind: PublicFeatures.Kind, epsilon: Double) {
    switch kind {
    case .table:
      // Parties of different kinds drift apart the farther each goes: short steps stay close to
      // one descent on all records, and the filter goes the rest of the way. Without it, at rate
      // 0.05, Framingham by age came to an AUROC of 0.784 at epsilon 1 instead of 0.803.
      fused = HeadTrainer.Settings(steps: 10, rate: 0.003, clip: 0.5)
      filterFloor = 0.03
      alone = HeadTrainer.Settings(steps: 10, rate: 0.02, clip: 0.5)
    case .signal, .image:
      // Signals of parties that are alike: long steps find small classes, which the filter does not.
      fused = HeadTrainer.Settings(steps: epsilon < 2 ? 10 : 20, rate: 0.05, clip: 0.5)
      filterFloor = nil
      alone = HeadTrainer.Settings(steps: 10, rate: 0.05, clip: 0.5)
    }
  }
}
