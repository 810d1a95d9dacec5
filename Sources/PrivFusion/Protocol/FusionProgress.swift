internal import Tensors

/// The parts of a fusion, in order.
public enum FusionPhase: String, Sendable, CaseIterable {
  case prepare
  case release
  case decode
  case match
  case releaseWeights = "release_weights"
  case choose
  case filter
  case adapt
}

/// Hears of how far a fusion is; cancels it by throwing.
///
/// The fraction is of the phase, in [0, 1].
public typealias FusionProgress = (_ phase: FusionPhase, _ fraction: Double) throws -> Void

/// Measures how long each phase takes, and gives back what a phase has freed: the next ones need less or
/// other sizes.
struct PhaseClock {
  private(set) var durations: [(phase: FusionPhase, duration: Duration)] = []
  private let clock = ContinuousClock()

  mutating func measure<Result>(_ phase: FusionPhase, _ body: () throws -> Result) rethrows
    -> Result
  {
    let start = clock.now
    defer {
      TensorEngine.returnMemory()
      durations.append((phase, start.duration(to: clock.now)))
    }
    return try body()
  }
}
