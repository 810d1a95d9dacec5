internal import ArgumentParser
internal import Tensors

/// `--device`: where networks are computed, neurons compared and weights averaged.
struct DeviceOptions: ParsableArguments {
  enum Device: String, ExpressibleByArgument, CaseIterable {
    case cpu
    case cuda
  }

  @Option(
    help: """
      Compute on the CPU, or on the first NVIDIA GPU (cuda; `make cuda` fetches its libraries). A GPU's \
      sums are in another order: results agree with the CPU's to rounding, not in their bytes.
      """)
  var device = Device.cpu

  /// Before anything is computed.
  ///
  /// - Throws: ``Failure`` where there is no such device.
  func use() throws {
    guard device == .cuda else { return }
    do {
      try TensorEngine.useCUDA()
    } catch let error as TensorError {
      throw Failure("--device cuda: \(error)", .unavailable)
    }
  }
}
