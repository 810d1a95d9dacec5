internal import Foundation
internal import ModelFormats

/// What Ctrl-C and a polite kill do: unfinished outputs are removed, then the process ends.
///
/// The handler only writes the signal's number into a pipe, which any thread may do at any moment;
/// a thread of its own does the rest.
enum Interrupt {
  static func install() {
    // Made before the handlers, which only read it.
    let ends = pipeEnds
    guard ends.reading >= 0 else { return }
    Thread.detachNewThread {
      var number: UInt8 = 0
      while read(ends.reading, &number, 1) != 1 {}
      AtomicFile.removeUnfinished()
      TemporaryFolder.removeAll()
      Terminal.write("\nprivfusion: interrupted; no output was written\n", to: .standardError)
      // After a shell's convention.
      _exit(128 + Int32(number))
    }
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(Interrupt.pipeEnds.writing, &byte, 1)
      }
    }
    // A parent may have left them blocked, as programs that wait for signals themselves do.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    // A reader that goes away must not kill a run that still has a file to write.
    signal(SIGPIPE, SIG_IGN)
  }

  /// Both -1 when there are no descriptors left; signals then end the process as they would.
  private static let pipeEnds: (reading: Int32, writing: Int32) = {
    var ends: [Int32] = [-1, -1]
    _ = pipe(&ends)
    return (ends[0], ends[1])
  }()
}
