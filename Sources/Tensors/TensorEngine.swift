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

  /// Makes and computes tensors on the first NVIDIA GPU from now on.
  ///
  /// For programs, at their start: what was made before stays on the CPU and is brought to the GPU
  /// whenever it is used, as the elements of mapped files are. Products and convolutions are of full
  /// single precision, without TF32. Seeded numbers are those of the CPU.
  ///
  /// - Throws: ``TensorError/noCUDALibrary(reason:)``, ``TensorError/noGPU(reason:)``; nothing has
  ///   changed then.
  public static func useCUDA() throws {
    var message: UnsafeMutablePointer<CChar>?
    let status = pf_use_cuda(&message)
    guard status != 0 else { return }
    defer { pf_release_message(message) }
    // The engine's explanation goes on for lines about its own functions.
    let reason = message.map { String(cString: $0) } ?? ""
    let first = reason.split(separator: "\n").first.map(String.init) ?? "no reason was given"
    throw status == 1 ? TensorError.noCUDALibrary(reason: first) : .noGPU(reason: first)
  }

  /// The number of threads that one operation of the calling thread may use.
  public static var threadCount: Int {
    get { Int(pf_thread_count()) }
    set { pf_set_thread_count(Int32(newValue)) }
  }

  /// Makes the process use the memory of freed tensors again instead of asking the system for new
  /// memory, which it maps and clears page by page.
  ///
  /// By default glibc maps every block of 128 KiB or more by itself, or up to 32 MiB once such blocks
  /// were freed, and gives back what is free at the heap's end beyond twice that: values between
  /// layers come and go with each pass. Afterwards blocks below 32 MiB come from the heap, and up to 64
  /// MiB that are free at its end stay; holes in between stay too, until ``returnMemory()``.
  ///
  /// For programs, at their start: it holds for all of the process. Does nothing where the C library
  /// is not glibc, or where the environment sets glibc's own `MALLOC_MMAP_THRESHOLD_` or
  /// `MALLOC_TRIM_THRESHOLD_`.
  /// - Returns: Whether it was done.
  @discardableResult
  public static func reuseMemory() -> Bool { pf_set_memory_thresholds(32 << 20, 64 << 20) }

  /// Gives the memory of freed tensors back to the system, wherever in the heap it lies.
  ///
  /// For the end of a phase that used much more than the next one does: glibc gives back by itself only
  /// what is free at the heap's end, and one small block that lives on keeps all before it. Does
  /// nothing where the C library is not glibc.
  public static func returnMemory() { pf_return_memory() }

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
