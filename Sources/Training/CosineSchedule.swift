internal import Foundation

/// A learning rate that falls from `initial` to 0 along half a cosine.
///
///     rate(t) = initial · (1 + cos(pi t / total)) / 2
///
/// Loshchilov & Hutter 2017, equation 5, without restarts.
public struct CosineSchedule: Sendable, Equatable {
  /// The rate of the first step; above 0.
  public let initial: Double
  /// The number of steps; above 0.
  public let total: Int

  public init(initial: Double, total: Int) {
    precondition(initial > 0 && initial.isFinite, "the rate must be above 0, got \(initial)")
    precondition(total > 0, "the number of steps must be above 0, got \(total)")
    self.initial = initial
    self.total = total
  }

  /// The rate of step `step`, counted from 0.
  public func rate(at step: Int) -> Double {
    initial * (1 + cos(Double.pi * Double(step) / Double(total))) / 2
  }
}
