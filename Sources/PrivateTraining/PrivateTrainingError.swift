/// What can go wrong in training with record-level privacy. No case holds a private value.
public enum PrivateTrainingError: Error, Equatable, CustomStringConvertible {
  /// The probe is not an image, a signal or a table.
  case probeShape(found: [Int])
  /// The probe holds NaN or infinite numbers.
  case probeNotFinite
  /// All probes look the same.
  case noVariation
  /// The probe has too few patches with any contrast.
  case tooFewPatches(found: Int, needed: Int)
  /// The backbone has no such value.
  case noSuchTensor(name: String, near: [String])
  /// A trunk must have one output of shape `[batch, dimension]`.
  case trunkOutput(found: [String])
  /// A graph holds a value of the name that a head needs.
  case nameTaken(String)
  /// Heads of several shapes can't be averaged.
  case headShapes([Int], [Int])

  /// Whether a model is to blame, and not the data.
  public var isAboutModel: Bool {
    switch self {
    case .noSuchTensor, .trunkOutput, .nameTaken, .headShapes: true
    case .probeShape, .probeNotFinite, .noVariation, .tooFewPatches: false
    }
  }

  public var description: String {
    switch self {
    case .probeShape(let found):
      """
      the probe must hold float32 numbers of shape [m, channels, height, width] for images, \
      [m, channels, length] for signals or [m, columns] for tables, got \(found)
      """
    case .probeNotFinite:
      "the probe holds NaN or infinite numbers: replace them"
    case .noVariation:
      "the probe has fewer than two different inputs: give some hundreds, as varied as the data"
    case .tooFewPatches(let found, let needed):
      """
      the probe has \(found) patches with any contrast and \(needed) are needed: give more inputs, \
      or standardise them (pixels in 0...255 should be divided by 255)
      """
    case .noSuchTensor(let name, let near):
      "the backbone makes no value '\(name)'; its last ones are \(near.joined(separator: ", "))"
    case .trunkOutput(let found):
      """
      a trunk must have one output of shape [batch, dimension], got \
      \(found.isEmpty ? "none" : found.joined(separator: ", ")): make it with `features`
      """
    case .nameTaken(let name):
      "the trunk holds a value '\(name)' already: give a trunk, not a classifier"
    case .headShapes(let one, let other):
      """
      one head has the shape \(one) and another \(other): heads must stand on one trunk and tell \
      the same classes apart
      """
    }
  }
}
