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
  /// One input's features depend on the other inputs of a batch.
  case mixesInputs(output: String)
  /// A graph holds a value of the name that a head needs.
  case nameTaken(String)
  /// Heads of several shapes can't be averaged.
  case headShapes([Int], [Int])
  /// An operator lets one record's values depend on another's.
  case mixesRecords(operation: String, node: String)
  /// Nobody has shown that an operator, as it is used, keeps records apart.
  case recordsNotKeptApart(operation: String, node: String)
  /// A parameter is not the weight or bias of one linear layer.
  case unsupportedParameter(name: String, operation: String, node: String, readers: Int)
  /// A parameter's elements are not single-precision numbers.
  case parameterType(name: String, found: String)
  /// There is nothing to train.
  case noParameters
  /// The model declares how many records it takes at once, and the number sampled varies.
  case fixedBatchSize(Int)
  /// A setting is outside its range.
  case setting(String, value: Double, range: String)
  /// The expected number of records a step is not below the number of records.
  case expectedBatch(Int, records: Int)
  /// The grant was given for another procedure than the settings describe.
  case otherGrant(expected: String, found: String)
  /// A parameter became infinite or NaN.
  case diverged(step: Int)

  /// Whether a model is to blame, and not the data.
  public var isAboutModel: Bool {
    switch self {
    case .noSuchTensor, .trunkOutput, .mixesInputs, .nameTaken, .headShapes, .mixesRecords,
      .recordsNotKeptApart, .unsupportedParameter, .parameterType, .noParameters, .fixedBatchSize:
      true
    case .probeShape, .probeNotFinite, .noVariation, .tooFewPatches, .setting, .expectedBatch,
      .otherGrant, .diverged:
      false
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
    case .mixesInputs(let output):
      """
      '\(output)' of one input depends on the other inputs beside it, so that no record's influence \
      can be bounded: take a tensor, or a network, that keeps inputs apart
      """
    case .nameTaken(let name):
      "the trunk holds a value '\(name)' already: give a trunk, not a classifier"
    case .headShapes(let one, let other):
      """
      one head has the shape \(one) and another \(other): heads must stand on one trunk and tell \
      the same classes apart
      """
    case .mixesRecords(let operation, let node):
      """
      operator \(operation) (node \(node)) mixes the records of a batch, so that no record's \
      gradient can be bounded: train an architecture without batch normalisation, such as the \
      'mlp' or the 'cnn' without it, or fold it into the layer before
      """
    case .recordsNotKeptApart(let operation, let node):
      """
      operator \(operation) (node \(node)) is not known to keep the records of a batch apart: the \
      first axis of every value must count records; replace the operator, or train without \
      privacy for records
      """
    case .unsupportedParameter(let name, let operation, let node, let readers):
      """
      parameter '\(name)' (operator \(operation), node \(node)) is \
      \(readers > 1 ? "read by \(readers) nodes" : "not the weight or bias of a linear layer"): \
      private training bounds the gradients of Gemm, MatMul and Conv with weights of their own; \
      use an architecture of those
      """
    case .parameterType(let name, let found):
      """
      parameter '\(name)' must hold elements of type float32, got \(found): the bounds on rounding \
      errors are for those; convert the model
      """
    case .noParameters:
      "the model has no parameter to train"
    case .fixedBatchSize(let size):
      """
      the model takes \(size) records at once, but the number sampled varies from step to step: \
      export it with a free first axis
      """
    case .setting(let name, let value, let range):
      "\(name) must be \(range), got \(value)"
    case .expectedBatch(let size, let records):
      """
      the expected number of records a step must be at least 1 and below the number of records, \
      \(records); got \(size)
      """
    case .otherGrant(let expected, let found):
      "the grant is for \(found), but the settings need \(expected): ask the ledger for that"
    case .diverged(let step):
      """
      training diverged at step \(step): a parameter is not finite; lower the learning rate, and \
      note that what was granted is spent
      """
    }
  }
}
