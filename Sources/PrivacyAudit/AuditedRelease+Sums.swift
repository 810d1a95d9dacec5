public import LocalPrivacy

/// Noisy sums over records, through the grants of `RecordLedger`.
extension AuditedRelease {
  /// Two noisy sums of one procedure, between a data set with a record and one without it.
  ///
  /// The record adds a whole clip to one number of the first sum and takes it from the same number
  /// of the second one. Their difference is then twice as far apart as either, and its noise only
  /// sqrt(2) times as wide: the best that can be seen of the procedure. Where both steps have the
  /// same noise, none is left in it.
  ///
  /// A trial is one number of the sums, each with a record of its own: alone it is at least as
  /// private as all of them are claimed to be.
  ///
  /// - Parameters:
  ///   - loss: What is claimed, of a procedure of two steps.
  ///   - name: What is attacked.
  public static func sums(of loss: RecordLoss, as name: String) -> AuditedRelease {
    precondition(loss.procedure.steps == 2, "the attack subtracts one step from the other")
    return AuditedRelease(
      name: name, unit: .record,
      claim: loss.procedure.sampling == .everyRecord ? .gaussian : .bounded,
      epsilon: loss.epsilon, delta: loss.delta
    ) { input, count in
      var ledger = RecordLedger(
        limit: try RecordBudget(epsilon: loss.epsilon, delta: loss.delta))
      var grant = try ledger.grant(loss.procedure, delta: loss.delta, as: name)
      let grid = try SumGrid(clip: 1, dimension: count, slack: 0)
      func step(_ contribution: Double) throws -> [Double] {
        var sums = [Double](repeating: 0, count: count)
        for record in try grant.batch(of: count) where input == .first {
          sums[record] = contribution
        }
        return try grant.release(grid.clippedSum(sums)).outputs.map { Double($0) }
      }
      return zip(try step(1), try step(-1)).map { Observation(target: $0, companion: $1) }
    }
  }
}
