internal import Foundation

/// Makes the engine's idle threads sleep instead of spin.
///
/// Spinning gains little on a machine of one's own and is disastrous on a shared one: training a
/// small network on two busy cores took 109 s with spinning threads and 2.5 s with sleeping ones. The
/// engine's thread library reads its policy once, before `main`, so the process starts itself again.
enum ThreadWaiting {
  static func sleepWhenIdle() {
    let policy = "OMP_WAIT_POLICY"
    guard getenv(policy) == nil else { return }
    setenv(policy, "passive", 1)
    var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
    execv("/proc/self/exe", &arguments)
    // Only when starting again is not possible: slower, but right.
    for argument in arguments { free(argument) }
  }
}
