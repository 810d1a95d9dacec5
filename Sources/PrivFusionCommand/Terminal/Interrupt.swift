internal import Foundation
internal import ModelFormats

/// What Ctrl-C and a polite kill do: unfinished outputs are removed, then the process ends.
enum Interrupt {
  static func install() {
    for (number, code) in [(SIGINT, Int32(130)), (SIGTERM, Int32(143))] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        AtomicFile.removeUnfinished()
        Terminal.write("\nprivfusion: interrupted; nothing was written\n", to: .standardError)
        _exit(code)
      }
      source.resume()
      sources.withLock { $0.append(source) }
    }
    // A reader that goes away must not kill a run that still has a file to write.
    signal(SIGPIPE, SIG_IGN)
  }

  /// Keeps the handlers alive.
  private static let sources = LockedSources()
}

/// The signal sources behind a lock.
///
/// `@unchecked Sendable`: every access holds the lock.
private final class LockedSources: @unchecked Sendable {
  private let lock = NSLock()
  private var sources: [any DispatchSourceSignal] = []

  func withLock(_ body: (inout [any DispatchSourceSignal]) -> Void) {
    lock.lock()
    defer { lock.unlock() }
    body(&sources)
  }
}
