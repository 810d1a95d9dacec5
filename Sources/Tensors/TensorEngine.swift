internal import CTensorEngine

/// The engine as a whole: its version and its threads.
public enum TensorEngine {
  /// The engine's version.
  public static var version: String { String(cString: pf_loaded_version()) }

  /// Refuses to go on when the loaded library is not the one that was compiled against.
  ///
  /// A mismatch does not crash; it corrupts numbers silently.
  ///
  /// - Throws: ``TensorError/engineVersion(compiled:loaded:)``.
  public static func checkVersion() throws {
    let compiled = String(cString: pf_compiled_version())
    let loaded = version
    guard compiled.split(separator: "+").first == loaded.split(separator: "+").first else {
      throw TensorError.engineVersion(compiled: compiled, loaded: loaded)
    }
  }

  /// The number of threads that one operation of the calling thread may use.
  public static var threadCount: Int {
    get { Int(pf_thread_count()) }
    set { pf_set_thread_count(Int32(newValue)) }
  }

  /// Runs `body`, whose operations use at most `count` threads each.
  public static func withThreads<Result>(_ count: Int, _ body: () throws -> Result) rethrows
    -> Result
  {
    let before = threadCount
    threadCount = count
    defer { threadCount = before }
    return try body()
  }
}
