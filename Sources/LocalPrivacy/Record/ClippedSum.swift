/// The sum over records of integer contributions, and how much of it one record can be: the only
/// thing that a ``NoiseGrant`` adds noise to.
///
///     value = sum over records of contribution[record],   units of one grid step
///
/// Whoever makes one promises, for every data set and every record, that emptying the record
/// changes `values` by a vector of integers whose squared L2 norm is at most
/// `squaredSensitivity`. ``RecordClipping`` keeps that promise for linear heads and
/// ``SumGrid`` for sums of floating-point gradients; each proves it beside its code.
package struct ClippedSum: Sendable {
  /// No value is larger, so that adding noise can't overflow.
  package static let greatestMagnitude = Int64(1) << 62

  /// In grid steps, of shape `[d]` with d at least 1; private.
  package let values: [Int64]
  /// The square of the L2 sensitivity in grid steps, at least 1.
  package let squaredSensitivity: UInt128
  /// One grid step in the units of the estimates: finite and above 0.
  package let gridStep: Double

  /// - Parameters:
  ///   - values: In grid steps, of shape `[d]` with d at least 1, none above 2^62 in magnitude.
  ///   - squaredSensitivity: The square of the L2 sensitivity of `values`, at least 1.
  ///   - gridStep: One grid step in the units of the estimates: finite and above 0.
  package init(values: [Int64], squaredSensitivity: UInt128, gridStep: Double) {
    precondition(!values.isEmpty && squaredSensitivity >= 1)
    precondition(gridStep > 0 && gridStep.isFinite)
    precondition(
      values.allSatisfy { $0.magnitude <= Self.greatestMagnitude.magnitude },
      "a sum must leave room for the noise")
    self.values = values
    self.squaredSensitivity = squaredSensitivity
    self.gridStep = gridStep
  }
}
