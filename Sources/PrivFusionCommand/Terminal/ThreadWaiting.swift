internal import Foundation

/// Makes the engine's idle threads spin for microseconds only, and then sleep.
///
/// Spinning for long is disastrous on a shared machine: training a small network on two busy cores took
/// 109 s with spinning threads and 2.5 s with sleeping ones. Not spinning at all costs small operations
/// on an idle machine a third of their speed. The engine's thread library reads its policy once,
/// before `main`, so the process starts itself again.
enum ThreadWaiting {
  static func sleepWhenIdle() {
    let policy = "OMP_WAIT_POLICY"
    guard getenv(policy) == nil else { return }
    setenv(policy, "passive", 1)
    setenv("GOMP_SPINCOUNT", "20000", 0)
    var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
    execv("/proc/self/exe", &arguments)
    // Only when starting again is not possible: slower, but right.
    for argument in arguments { free(argument) }
  }
}
