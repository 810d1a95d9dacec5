/// Which data sets a loss about records keeps apart: what "one record more or less" means.
///
/// There is one relation. Adding or removing a record is not offered: the number of records is
/// public here, as it normalises gradients, sets the sampling probability and shows in the shape
/// and the time of every computation. Replacing a record by any other is two zero-outs, so that
/// its sensitivity is twice as large and the same noise gives about twice the epsilon.
public enum Adjacency: String, Codable, Hashable, Sendable, CaseIterable {
  /// One record replaced by an empty one that contributes nothing; the number of records is
  /// public (Kairouz et al. 2021, "Practical and Private (Deep) Learning without Sampling or
  /// Shuffling").
  case zeroOut
}
