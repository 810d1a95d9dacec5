public import LocalPrivacy
public import Tensors

/// Trains a linear head with record-level privacy: noisy gradient descent on all records at once.
///
///     residual_i = softmax(W x_i) - onehot(y_i)
///     sum_t      = sum_i clip(residual_i x_i^T, C) + discrete Gaussian noise
///     W_t+1      = W_t - rate sum_t
///
/// Abadi et al. 2016, Algorithm 1, without sampling: with every record in every step, all steps
/// together are one Gaussian mechanism, whose loss is known exactly. Features and residuals are
/// whole numbers on a grid (`RecordClipping`), and their products and sums stay
/// below 2^53, so that the sum is exact in floating point and one record's share is bounded in
/// integers.
///
/// Sums are not divided by the number of records: with one public rate for all parties, the mean
/// of their heads moves as one head on all records would, large parties count for more, and no
/// party's size is told.
public struct HeadTrainer: Sendable {
  /// How the head is trained; all public.
  public struct Settings: Sendable, Hashable {
    /// Noisy sums; each costs a share of the budget.
    public var steps: Int
    /// How far a step goes along the sum of the gradients.
    public var rate: Double
    /// The greatest L2 norm of one record's gradient.
    public var clip: Double

    public init(steps: Int, rate: Double, clip: Double) {
      precondition(steps > 0, "steps must be above 0, got \(steps)")
      precondition(rate > 0 && rate.isFinite, "the rate must be finite and above 0, got \(rate)")
      precondition(clip > 0 && clip <= 4, "a clip must be above 0 and at most 4, got \(clip)")
      self.steps = steps
      self.rate = rate
      self.clip = clip
    }
  }

  public var settings: Settings

  public init(_ settings: Settings) { self.settings = settings }

  /// Refuses what ``train(features:labels:classes:grant:progress:)`` could not finish, before
  /// anything is paid for.
  ///
  /// - Parameters:
  ///   - procedure: What a ledger will be asked for.
  ///   - records: How many records there are.
  /// - Throws: `PrivacyError` when the clip is too small for its grid, the noise too wide, or exact
  ///   sums of so many records would not fit.
  public func check(_ procedure: GaussianProcedure, records: Int) throws {
    let clipping = try RecordClipping(clip: settings.clip)
    let empty = try clipping.sum([0], records: records)
    _ = try GaussianGrid.variance(
      noiseMultiplier: procedure.noiseMultiplier, squaredSensitivity: empty.squaredSensitivity)
  }

  /// Trains the head; whatever it throws, the grant's loss is spent.
  ///
  /// - Parameters:
  ///   - features: The records' features, shape `[records, dimension]`; each row a function of its
  ///     own record alone.
  ///   - labels: The class of every record, in `0 ..< classes`.
  ///   - classes: The number of classes, public: not counted from the labels.
  ///   - grant: The right to as many releases as there are steps.
  ///   - progress: Called after every step with the fraction done. What it throws ends the training.
  /// - Returns: The head, made of released sums alone.
  /// - Throws: `PrivacyError` when exact sums of so many records would not fit, or the grant has
  ///   fewer steps left.
  public func train(
    features: Tensor, labels: [Int], classes: Int, grant: inout NoiseGrant,
    progress: (Double) throws -> Void = { _ in }
  ) throws -> LinearHead {
    precondition(features.rank == 2 && features.shape[0] == labels.count && !labels.isEmpty)
    precondition(labels.allSatisfy { (0..<classes).contains($0) })
    let clipping = try RecordClipping(clip: settings.clip)
    let (rows, squaredNorms) = try Self.onGrid(features)
    let transposedRows = try rows.transposed().contiguous()
    let columns = rows.shape[1]
    let targets = try engineCall1(
      "one_hot", [.tensor(Tensor(indices: labels)), .int(classes)]
    ).cast(to: .float64)
    var weights = try Tensor.zeros([columns, classes], type: .float64)
    for step in 0..<settings.steps {
      let logits = try rows.matmul(weights).multiplied(by: RecordClipping.unit)
      let residuals: [Float] = try logits.softmax(axis: 1).subtracting(targets)
        .cast(to: .float32).elements()
      let clipped = try Tensor(
        clipping.clippedResiduals(residuals, squaredNorms: squaredNorms),
        shape: [labels.count, classes])
      let sums: [Double] = try transposedRows.matmul(clipped).elements()
      let released = try grant.release(clipping.sum(sums, records: labels.count))
      let gradient = try Tensor(released.estimates(), shape: [columns, classes])
      weights = try weights.subtracting(gradient.multiplied(by: settings.rate))
      try progress(Double(step + 1) / Double(settings.steps))
    }
    return try LinearHead(joined: weights.transposed())
  }

  /// Joined to every record's features, so that the bias is a weight like any other; small, so
  /// that it takes little of the clip.
  static let biasFeature = 0.25

  /// The records' features and the bias feature as whole numbers, of shape
  /// `[records, dimension + 1]`, and the exact squared length of every row.
  private static func onGrid(_ features: Tensor) throws -> (rows: Tensor, squaredNorms: [UInt64]) {
    let (records, dimension) = (features.shape[0], features.shape[1])
    let joined = try Tensor.concatenated(
      [features.cast(to: .float32), Tensor.full([records, 1], biasFeature)], axis: 1)
    let (values, squaredNorms) = try RecordClipping.gridFeatures(
      joined.elements(), columns: dimension + 1)
    return (try Tensor(values, shape: [records, dimension + 1]), squaredNorms)
  }
}
