internal import Foundation
internal import Synchronization

/// A bar on standard error, redrawn at most ten times a second and only on a terminal.
final class ProgressBar: Sendable {
  private struct Drawn {
    var time: ContinuousClock.Instant?
    var detail = ""
  }

  private let title: String
  private let start = ContinuousClock.now
  private let drawn = Mutex(Drawn())

  init(_ title: String) { self.title = title }

  /// - Parameters:
  ///   - fraction: In [0, 1].
  ///   - detail: A few words on what is being done.
  func update(_ fraction: Double, _ detail: String = "") {
    guard Terminal.isInteractive else { return }
    let now = ContinuousClock.now
    let isDue = drawn.withLock { drawn in
      if let time = drawn.time, time.duration(to: now) < .milliseconds(100),
        detail == drawn.detail
      {
        return false
      }
      drawn = Drawn(time: now, detail: detail)
      return true
    }
    guard isDue else { return }
    let width = 28
    let filled = Int((min(max(fraction, 0), 1) * Double(width)).rounded())
    let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
    let percent = Int(min(max(fraction, 0), 1) * 100)
    let name = title.padding(toLength: 16, withPad: " ", startingAt: 0)
    Terminal.write("\r\u{1B}[K\(name) [\(bar)] \(percent)% \(detail)", to: .standardError)
  }

  /// Replaces the bar by what was done.
  func finish() {
    guard Terminal.isInteractive, drawn.withLock({ $0.time != nil }) else { return }
    let name = title.padding(toLength: 16, withPad: " ", startingAt: 0)
    let seconds = start.duration(to: .now).seconds
    Terminal.write(
      "\r\u{1B}[K\(name) done in \(String(format: "%.1f", seconds)) s\n", to: .standardError)
  }
}

extension Duration {
  /// In seconds, to the nanosecond.
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
