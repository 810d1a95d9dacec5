internal import Foundation
internal import Models
internal import Tensors

/// The scale of an array that all parties agree on before its values are clipped.
///
/// Each party may release the base-2 logarithm of its own scale; their mean is shrunk towards a
/// public expectation by the known noise. Where the expectation is good and the noise large, next to
/// nothing of the release is used, and where a party's network can be anything the release decides.
///
/// Deviation from releasing the logarithm over [-12, 4]: at epsilon 1 that carries a noise of 17
/// octaves, which is worth less than the expectation.
struct PublicScale {
  /// The expected base-2 logarithm.
  let expected: Double
  /// How far, in octaves, networks are expected to deviate from it (one standard deviation); the
  /// release is clipped at three times as much.
  let deviation: Double

  var radius: Double { 3 * deviation }

  /// What a party sends: the logarithm relative to the expectation.
  func offset(of values: Tensor) throws -> Double {
    let scale = max(try values.rootMeanSquare(), 1e-12)
    return max(-radius, min(radius, log2(scale) - expected))
  }

  /// The agreed scale.
  ///
  /// - Parameters:
  ///   - offsets: The parties' released offsets.
  ///   - noiseVariance: Of one of them.
  func agreed(_ offsets: [Double], noiseVariance: Double) -> Double {
    guard !offsets.isEmpty else { return exp2(expected) }
    let count = Double(offsets.count)
    let mean = offsets.reduce(0, +) / count
    let prior = deviation * deviation
    let shrunk = mean * prior / (prior + noiseVariance / count)
    return exp2(expected + max(-radius, min(radius, shrunk)))
  }

  /// The expectation for a layer's weight.
  ///
  /// With independent entries a unit of unit deviation needs weights of 1 / sqrt(sum of the inputs'
  /// variances); rectified unit normals have a variance of 0.34.
  static func weight(fanIn: Int, isCanonical: Bool) -> PublicScale {
    PublicScale(
      expected: -0.5 * log2(0.34 * Double(fanIn)), deviation: isCanonical ? 0.5 : 1.5)
  }

  /// The expectation for the values of a layer that is not brought to unit deviation.
  static let signature = PublicScale(expected: 0, deviation: 1.5)

  /// The expectation for parameters outside layers: normalisation, embeddings.
  static let other = PublicScale(expected: -3, deviation: 2)
}
