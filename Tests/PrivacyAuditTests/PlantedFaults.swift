import Foundation
import LocalPrivacy
import PrivacyAudit

/// Mechanisms that lose more than they claim. They are here and nowhere else.
enum PlantedFaults {
  /// A release that loses what it loses and claims less.
  static func claiming(_ epsilon: Double, _ release: AuditedRelease) -> AuditedRelease {
    AuditedRelease(
      name: "\(release.name) with less noise than claimed", unit: release.unit,
      claim: release.claim, epsilon: epsilon, delta: release.delta
    ) { try release.observations(of: $0, count: $1) }
  }

  /// Two releases from one stream of noise, as after a restored snapshot of a generator.
  static func repeatedDraw(_ mechanism: NumericMechanism) throws -> AuditedRelease {
    .values(.numbers(mechanism, radius: try ClippingRadius(1))) { input, count in
      let key = freshKey()
      func outputs(_ input: AuditedRelease.Input) throws -> [Int32] {
        var noise = NoiseStream(reproducibleKey: key)
        let value: Int32 = input == .first ? 1 << 30 : -1 << 30
        return try mechanism.sample([Int32](repeating: value, count: count), noise: &noise)
      }
      return try (outputs(.first), outputs(input))
    }
  }

  /// As ``repeatedDraw(_:)-(NumericMechanism)``, for labels.
  static func repeatedDraw(_ response: RandomizedResponse) -> AuditedRelease {
    .values(.labels(response)) { input, count in
      let key = freshKey()
      func outputs(_ input: AuditedRelease.Input) throws -> [Int32] {
        var noise = NoiseStream(reproducibleKey: key)
        let label = input == .first ? 0 : response.categories - 1
        return try response.sample([Int](repeating: label, count: count), noise: &noise)
      }
      return try (outputs(.first), outputs(input))
    }
  }

  /// Laplace noise of scale 1 / epsilon by inverting its distribution in floating point, as numpy does,
  /// added to 0 or 1.
  static func floatLaplace(epsilon: Double) -> AuditedRelease {
    AuditedRelease(name: "float Laplace", unit: .value, epsilon: epsilon, delta: 0) {
      input, count in
      func output(_ value: Double) -> Double {
        let uniform = Double(UInt64.random(in: 1..<1 << 53)) * 0x1p-53
        let noise = uniform < 0.5 ? log(2 * uniform) : -log(2 - 2 * uniform)
        return value + noise / epsilon
      }
      return (0..<count).map { _ in
        .init(target: output(input == .first ? 0 : 1), companion: output(0))
      }
    }
  }

  /// Both steps of a procedure from one stream of noise.
  static func repeatedSteps(of loss: RecordLoss) -> (ClippedSum) throws -> ReleasedSums {
    let key = freshKey()
    return { sum in
      var grant = NoiseGrant(loss, noise: NoiseStream(reproducibleKey: key))
      return try grant.release(sum)
    }
  }

  /// A procedure of two steps with a share of the noise that its claim needs.
  static func loss(
    epsilon: Double, delta: Double, share: Double = 1,
    sampling: GaussianProcedure.Sampling = .everyRecord
  ) throws -> RecordLoss {
    let needed = try GaussianProcedure.calibrated(
      epsilon: epsilon, delta: delta, steps: 2, sampling: sampling)
    return try RecordLoss(
      of: GaussianProcedure(
        sampling: sampling, steps: 2, noiseMultiplier: share * needed.noiseMultiplier),
      delta: delta)
  }

  private static func freshKey() -> [UInt8] { (0..<32).map { _ in .random(in: 0...255) } }
}
