import Foundation
import LocalPrivacy
import PrivateTraining
import Tensors
import Testing

@Suite struct HeadTrainerTests {
  static func key(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

  /// A grant whose noise can be had twice.
  static func grant(steps: Int, multiplier: Double, key: [UInt8]) throws -> NoiseGrant {
    let procedure = try GaussianProcedure(
      sampling: .everyRecord, steps: steps, noiseMultiplier: multiplier)
    return NoiseGrant(
      try RecordLoss(of: procedure, delta: 1e-5), noise: NoiseStream(reproducibleKey: key))
  }

  /// The noise that a grant of ``grant(steps:multiplier:key:)`` adds in each step, in units.
  static func noise(
    steps: Int, multiplier: Double, clip: Double, count: Int, key: [UInt8]
  ) throws -> [[Double]] {
    var twin = try grant(steps: steps, multiplier: multiplier, key: key)
    let clipping = try RecordClipping(clip: clip)
    var result: [[Double]] = []
    for _ in 0..<steps {
      let empty = try clipping.sum([Double](repeating: 0, count: count), records: 1)
      result.append(try twin.release(empty).estimates())
    }
    return result
  }

  /// A head's weights by class, its bias divided by the bias feature: what the sums are about.
  static func joined(_ head: LinearHead) throws -> [[Double]] {
    let weights: [Float] = try head.weight.elements()
    let bias: [Float] = try head.bias.elements()
    let columns = weights.count / bias.count
    return bias.indices.map { label in
      weights[label * columns..<(label + 1) * columns].map { Double($0) }
        + [Double(bias[label]) / 0.25]
    }
  }

  /// Noisy descent on clipped sums in plain arrays; no grid.
  static func descent(
    _ features: [[Double]], _ labels: [Int], classes: Int, _ settings: HeadTrainer.Settings,
    noise: [[Double]]
  ) -> (weights: [[Double]], clipped: Int) {
    let columns = features[0].count + 1
    var weights = [[Double]](repeating: [Double](repeating: 0, count: columns), count: classes)
    var clipped = 0
    for step in 0..<settings.steps {
      var sums = (0..<classes).map { label in
        (0..<columns).map { noise[step][$0 * classes + label] }
      }
      for (row, truth) in zip(features, labels) {
        let x = row + [0.25]
        let logits = weights.map { zip($0, x).reduce(0) { $0 + $1.0 * $1.1 } }
        let exponentials = logits.map { exp($0) }
        let total = exponentials.reduce(0, +)
        let residual = exponentials.enumerated().map { $1 / total - ($0 == truth ? 1 : 0) }
        let norm = (x.reduce(0) { $0 + $1 * $1 } * residual.reduce(0) { $0 + $1 * $1 }).squareRoot()
        let scale = min(1, settings.clip / norm)
        if scale < 1 { clipped += 1 }
        for label in 0..<classes {
          for column in 0..<columns { sums[label][column] += scale * residual[label] * x[column] }
        }
      }
      for label in 0..<classes {
        for column in 0..<columns { weights[label][column] -= settings.rate * sums[label][column] }
      }
    }
    return (weights, clipped)
  }

  @Test func `training is noisy gradient descent on clipped sums`() throws {
    let (records, columns, classes) = (40, 6, 3)
    // On the grid of 2^-12 already; lengths from 0.1 to 4 times a unit.
    let raw: [Float] = try Tensor.normal([records, columns], seed: 5).elements()
    let features = (0..<records).map { record in
      (0..<columns).map { column in
        (Double(raw[record * columns + column]) * Double(record + 4) / 40 * 4096).rounded() / 4096
      }
    }
    let labels = (0..<records).map { $0 * 7 % classes }
    let settings = HeadTrainer.Settings(steps: 4, rate: 0.05, clip: 0.7)
    let noise = try Self.noise(
      steps: 4, multiplier: 0.01, clip: 0.7, count: (columns + 1) * classes, key: Self.key(1))
    let (expected, clipped) = Self.descent(
      features, labels, classes: classes, settings, noise: noise)
    #expect(clipped > 20 && clipped < 140, "both kinds of records must occur, got \(clipped)")
    var grant = try Self.grant(steps: 4, multiplier: 0.01, key: Self.key(1))
    var fractions: [Double] = []
    let head = try HeadTrainer(settings).train(
      features: Tensor(features.flatMap { $0.map { Float($0) } }, shape: [records, columns]),
      labels: labels, classes: classes, grant: &grant
    ) { fractions.append($0) }
    #expect(fractions == [0.25, 0.5, 0.75, 1] && grant.remainingSteps == 0)
    let found = try Self.joined(head)
    // Truncating a residual to 2^-12 moves a sum of 40 records of lengths below 3 by less than
    // 40 x 3 x 2^-12 = 0.03, and four steps the weights by less than 4 x 0.05 x 0.03 = 0.006.
    for (one, other) in zip(found.joined(), expected.joined()) {
      #expect((one - other).magnitude < 0.006)
    }
    #expect(expected.joined().contains { $0.magnitude > 0.1 })
  }

  /// Rows that a hostile or broken record may consist of.
  static let records: [[Float]] = [
    [0, 0, 0], [1, 0, 0], [-0.0, 1e-30, 0], [1e-3, -1e-3, 1e-3], [8, 8, 8], [4096, -1, 0],
    [.greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1], [.nan, 1, 1], [.nan, .nan, .nan],
    [.infinity, 0, 1], [-.infinity, .infinity, .nan], [.leastNonzeroMagnitude, 0, 0],
  ]

  /// The same noise for both data sets, so that the heads differ by the record's share alone.
  @Test(arguments: [0.01, 0.35, 1, 4])
  func `taking any record out moves the released sum by at most the clip`(clip: Double) throws {
    let others: [Float] = try Tensor.normal([20, 3], seed: 6).elements()
    let settings = HeadTrainer.Settings(steps: 1, rate: 1, clip: clip)
    func sums(_ rows: [Float], _ labels: [Int]) throws -> [Double] {
      var grant = try Self.grant(steps: 1, multiplier: 0.01, key: Self.key(2))
      let head = try HeadTrainer(settings).train(
        features: Tensor(rows, shape: [labels.count, 3]), labels: labels, classes: 4,
        grant: &grant)
      return try Self.joined(head).flatMap { $0 }
    }
    let labels = (0..<20).map { $0 % 4 }
    let without = try sums(others, labels)
    var greatest = 0.0
    for (index, record) in Self.records.enumerated() {
      let with = try sums(others + record, labels + [index % 4])
      let distance = zip(with, without).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        .squareRoot()
      // Heads are kept in single precision: 16 numbers of at most 20 clips, each to 2^-24.
      #expect(distance <= clip * (1 + 1e-5), "record \(index)")
      #expect(with.allSatisfy { $0.isFinite })
      greatest = max(greatest, distance)
    }
    #expect(greatest > clip * 0.99, "a long record must use its clip")
  }

  @Test func `training takes no more steps than were granted`() throws {
    let features = try Tensor.normal([10, 3], seed: 7)
    let labels = [Int](repeating: 1, count: 10)
    var grant = try Self.grant(steps: 2, multiplier: 1, key: Self.key(3))
    do {
      _ = try HeadTrainer(.init(steps: 3, rate: 0.1, clip: 1)).train(
        features: features, labels: labels, classes: 2, grant: &grant)
      Issue.record("a third step was released")
    } catch { #expect(error as? PrivacyError == .stepsExhausted(steps: 2)) }
    #expect(grant.remainingSteps == 0)
    var longer = try Self.grant(steps: 3, multiplier: 1, key: Self.key(3))
    _ = try HeadTrainer(.init(steps: 2, rate: 0.1, clip: 1)).train(
      features: features, labels: labels, classes: 2, grant: &longer)
    #expect(longer.remainingSteps == 1)
  }

  @Test func `what could not be finished is refused before it is paid for`() throws {
    func check(clip: Double, multiplier: Double, records: Int = 100) throws {
      let procedure = try GaussianProcedure(
        sampling: .everyRecord, steps: 1, noiseMultiplier: multiplier)
      try HeadTrainer(.init(steps: 1, rate: 1, clip: clip)).check(procedure, records: records)
    }
    // 2^40 grid steps is the widest noise, and a clip of 1 is 2^24 of them.
    try check(clip: 1, multiplier: 65535)
    #expect(throws: PrivacyError.self) { try check(clip: 1, multiplier: 65537) }
    #expect(throws: PrivacyError.self) { try check(clip: 1e-7, multiplier: 1) }
    try check(clip: 1, multiplier: 1, records: 1 << 29)
    #expect(throws: PrivacyError.self) { try check(clip: 1, multiplier: 1, records: 1 << 30) }
  }

  @Test func `what progress throws ends the training`() throws {
    struct Stop: Error {}
    var grant = try Self.grant(steps: 5, multiplier: 1, key: Self.key(4))
    do {
      _ = try HeadTrainer(.init(steps: 5, rate: 0.1, clip: 1)).train(
        features: Tensor.normal([10, 3], seed: 7), labels: [Int](repeating: 1, count: 10),
        classes: 2, grant: &grant
      ) { if $0 > 0.3 { throw Stop() } }
      Issue.record("training went on")
    } catch { #expect(error is Stop) }
    #expect(grant.remainingSteps == 3)
  }

  /// The keys are fixed. Over all keys: 400 records a class, centres 2 apart at deviation 0.3, and
  /// noise that takes none of the sums' signs, below 1e-9.
  @Test(arguments: [1, 60])
  func `a separable problem is learnt at a large epsilon`(parties: Int) throws {
    let settings = HeadTrainer.Settings.recommended(epsilon: 8, parties: parties, classes: 3)
    let procedure = try GaussianProcedure.calibrated(
      epsilon: 8, delta: 1e-5, steps: settings.steps, sampling: .everyRecord)
    let labels = (0..<1200).map { $0 % 3 }
    let centres = try Tensor.identity(3).selecting(labels, axis: 0)
    let features = try Tensor.normal([1200, 3], seed: 8).multiplied(by: 0.1).adding(centres)
    var grant = NoiseGrant(
      try RecordLoss(of: procedure, delta: 1e-5),
      noise: NoiseStream(reproducibleKey: Self.key(UInt8(parties))))
    let head = try HeadTrainer(settings).train(
      features: features, labels: labels, classes: 3, grant: &grant)
    let answers: [Int64] = try head.logits(features).argmax(axis: 1).elements()
    #expect(zip(answers, labels).count { $0 == Int64($1) } > 1190)
  }

  /// Balle, Wang 2018, Theorem 8, with one Gaussian of mu = sqrt(T) / sigma for T steps.
  @Test(arguments: [1, 20, 30, 1000])
  func `all steps lose what one analytic Gaussian does`(steps: Int) throws {
    for epsilon in [0.2, 1, 4, 8] {
      let procedure = try GaussianProcedure.calibrated(
        epsilon: epsilon, delta: 1e-5, steps: steps, sampling: .everyRecord)
      let found = try RecordLoss(of: procedure, delta: 1e-5).epsilon
      let mu = Double(steps).squareRoot() / procedure.noiseMultiplier
      func below(_ z: Double) -> Double { erfc(-z / 2.0.squareRoot()) / 2 }
      let delta = below(mu / 2 - found / mu) - exp(found) * below(-mu / 2 - found / mu)
      // 1e-6: epsilon is rounded up, in its last places.
      #expect((delta / 1e-5 - 1).magnitude < 1e-6)
      #expect(found <= epsilon && found > epsilon * 0.9999)
    }
  }

  @Test func `recommended settings are the table's`() {
    typealias Settings = HeadTrainer.Settings
    for (epsilon, steps, rate) in [(1.0, 30, 0.029), (2, 20, 0.17), (4.9, 20, 0.17), (5, 20, 0.43)]
    {
      #expect(
        Settings.recommended(epsilon: epsilon, parties: 2, classes: 10)
          == Settings(steps: steps, rate: rate, clip: 0.35))
      #expect(
        Settings.recommended(epsilon: epsilon, parties: 1, classes: 10)
          == Settings(steps: steps, rate: rate / 2, clip: 0.35))
      let many = Settings.recommended(epsilon: epsilon, parties: 50, classes: 10)
      #expect(many.steps == 1 && many.rate == 0.05)
      // The gradient of an untrained head on features of length 1.
      let norm = (0.9 * (1 + 0.0625)).squareRoot()
      #expect(many.clip > norm && many.clip < norm * 1.01)
    }
    #expect(
      Settings.recommended(epsilon: 1, parties: 1, classes: 2, rate: 3, clip: 0.5)
        == Settings(steps: 30, rate: 3, clip: 0.5))
  }
}
