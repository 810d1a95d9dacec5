internal import Foundation
package import Tensors

/// The closed-form perturbation filter of one layer.
///
/// The averaged weight is noisy, and so is the averaged signature, but their errors are independent
/// and their variances are public. The filter treats the weight as a prior and the signature as what
/// the layer should output, and solves the ridge regression between them.
///
/// A convolution is a dense layer on patches. Every array has a leading axis of groups, of size 1
/// but for grouped convolutions.
package struct LayerFilter {
  /// What a layer should output, on the sampled rows.
  package struct Target {
    /// Standardised signatures, shape `[units, N]`: unit deviation up to the noise, mean as released.
    package let values: Tensor
    /// The noise variance of an entry relative to the signal's.
    package let relativeNoise: Double
    /// The deviation of each unit before standardising, shape `[units]`.
    package let deviation: Tensor

    init(values: Tensor, relativeNoise: Double, deviation: Tensor) {
      self.values = values
      self.relativeNoise = relativeNoise
      self.deviation = deviation
    }

    /// - Parameters:
    ///   - mean: The mean of the parties' aligned signatures, shape `[units, N]`.
    ///   - noiseVariance: The known variance of the noise in one entry of it.
    ///   - constants: Those of targets are used.
    package init(
      mean: Tensor, noiseVariance: Double, constants: FilterConstants = .standard
    ) throws {
      let raw = try mean.variance([1]).adding(-noiseVariance)
      let level = max(try raw.mean().scalar(), 1e-3)
      deviation = try raw.clamped(atLeast: constants.leastUnitVariance * level)
        .multiplied(by: 1 - constants.levelShare).adding(constants.levelShare * level).squareRoot()
      let center = try mean.mean([1], keepingAxes: true)
      values = try mean.subtracting(center).divided(by: deviation.unsqueezed(1)).adding(center)
      relativeNoise = noiseVariance / level
    }
  }

  /// How far the ridge may move from the prior.
  package enum Strength: Sendable {
    /// From the known variances.
    case fromNoise(kappa: Double)
    /// A fixed ridge, and the average itself as the prior (noise-free, or a common initialisation).
    case fixed(lambda: Double)
  }

  /// Filters a hidden layer.
  ///
  /// - Parameters:
  ///   - weight: The averaged weight, shape `[groups, outputs, inputs]`.
  ///   - weightVariance: The known variance of the noise in one entry of it.
  ///   - inputs: The layer's inputs through the layers already filtered, `[groups, N, inputs]`.
  ///   - target: What the layer should output.
  ///   - keepsDeviation: Whether each unit keeps the deviation it was released with, instead of 1.
  ///   - constants: Those of priors and errors are used.
  /// - Returns: The weight, in the same shape, and the bias, shape `[units]`.
  package static func hidden(
    weight: Tensor, weightVariance: Double, inputs: Tensor, target: Target, strength: Strength,
    keepsDeviation: Bool = false, constants: FilterConstants = .standard
  ) throws -> (weight: Tensor, bias: Tensor) {
    let meanSquare = try weight.multiplied(by: weight).mean().scalar()
    let signal = max(meanSquare - weightVariance, constants.leastSignal * meanSquare)
    let shrinkage = signal / (signal + weightVariance)
    var prior = try weight.multiplied(by: shrinkage)
    let deviation = try self.deviation(of: prior, on: inputs)
    // The root of a power: at power 1 it is that of a itself, to the last bit.
    prior = try prior.multiplied(by: pow(shrinkage, constants.priorPower).squareRoot())
      .divided(by: deviation)

    let lambda: Double
    switch strength {
    case .fromNoise(let kappa):
      let variance =
        signal * weightVariance / (signal + weightVariance) + constants.weightError * signal
      let rows = Double(inputs.shape[1])
      lambda = kappa * (target.relativeNoise + constants.targetError) / (rows * variance)
    case .fixed(let fixed):
      lambda = fixed
    }
    let wanted = try grouped(target.values, groups: weight.shape[0])
    var filtered = try ridge(from: prior, inputs: inputs, wanted: wanted, lambda: lambda)
    filtered = try filtered.divided(by: self.deviation(of: filtered, on: inputs))
    if keepsDeviation {
      filtered = try filtered.multiplied(
        by: target.deviation.reshaped([weight.shape[0], weight.shape[1], 1]))
    }
    return (filtered, try bias(for: filtered, inputs: inputs, wanted: wanted))
  }

  /// Filters the last layer towards centred log-posteriors or logits.
  ///
  /// - Parameters:
  ///   - weight: As for a hidden layer, and so are `weightVariance` and `inputs`.
  ///   - wanted: Shape `[classes, N]`.
  ///   - lambda: The ridge, above 0.
  ///   - constants: Those of priors are used.
  package static func output(
    weight: Tensor, weightVariance: Double, inputs: Tensor, wanted: Tensor, lambda: Double,
    constants: FilterConstants = .standard
  ) throws -> (weight: Tensor, bias: Tensor) {
    let meanSquare = try weight.multiplied(by: weight).mean().scalar()
    let signal = max(meanSquare - weightVariance, constants.leastSignal * meanSquare)
    let shrinkage = pow(signal / (signal + weightVariance), constants.outputPriorPower)
    let prior = try weight.multiplied(by: shrinkage)
    let wanted = try grouped(wanted, groups: weight.shape[0])
    let filtered = try ridge(from: prior, inputs: inputs, wanted: wanted, lambda: lambda)
    return (filtered, try bias(for: filtered, inputs: inputs, wanted: wanted))
  }

  /// `[units, N]` as `[groups, N, units of a group]`.
  private static func grouped(_ values: Tensor, groups: Int) throws -> Tensor {
    try values.reshaped([groups, values.shape[0] / groups, values.shape[1]]).transposed()
  }

  /// The deviation of each unit's outputs, shape `[groups, outputs, 1]`, kept away from 0.
  private static func deviation(of weight: Tensor, on inputs: Tensor) throws -> Tensor {
    try inputs.matmul(weight.transposed()).variance([1]).squareRoot().unsqueezed(2)
      // 1e-9 as in the known answer.
      .clamped(atLeast: 1e-6).adding(1e-9)
  }

  /// The ridge regression towards `wanted` that starts from `prior`.
  ///
  ///     W = W0 + [(Hc' Hc / N + lambda I)^-1 Hc' Rc / N]'
  ///
  /// where Hc are centred inputs and Rc the centred residual of the prior. With more inputs than
  /// rows the N x N dual is solved instead.
  private static func ridge(from prior: Tensor, inputs: Tensor, wanted: Tensor, lambda: Double)
    throws -> Tensor
  {
    let rows = inputs.shape[1]
    let columns = inputs.shape[2]
    let h = try inputs.subtracting(inputs.mean([1], keepingAxes: true))
    let residual = try wanted.subtracting(inputs.matmul(prior.transposed()))
    let r = try residual.subtracting(residual.mean([1], keepingAxes: true))
      .divided(by: Double(rows))
    let step: Tensor
    if columns <= rows {
      let gram = try h.transposed().matmul(h).divided(by: Double(rows))
      step = try solve(gram, h.transposed().matmul(r), lambda: lambda)
    } else {
      let gram = try h.matmul(h.transposed()).divided(by: Double(rows))
      step = try h.transposed().matmul(solve(gram, r, lambda: lambda))
    }
    return try prior.adding(step.transposed())
  }

  /// The solution of (gram + lambda I) X = right, with a larger lambda where rounding has taken more
  /// than lambda from a badly conditioned matrix.
  private static func solve(_ gram: Tensor, _ right: Tensor, lambda: Double) throws -> Tensor {
    let identity = try Tensor.identity(gram.shape[1], type: gram.elementType)
    // The mean of the diagonal: the scale that rounding is relative to.
    let scale =
      try gram.multiplied(by: identity).sum().scalar() / Double(gram.count)
      * Double(gram.shape[1])
    var failure: (any Error)?
    for rounding in [0, 1e-6, 1e-4, 1e-2] {
      do {
        return try gram.adding(identity.multiplied(by: lambda + rounding * scale))
          .choleskySolve(right)
      } catch {
        failure = error
      }
    }
    throw FusionError.unsolvable(reason: failure.map { "\($0)" } ?? "")
  }

  /// The bias that gives each unit the wanted mean; shape `[units]`.
  private static func bias(for weight: Tensor, inputs: Tensor, wanted: Tensor) throws -> Tensor {
    let outputs = try inputs.mean([1], keepingAxes: true).matmul(weight.transposed())
    return try wanted.mean([1], keepingAxes: true).subtracting(outputs).reshaped([-1])
  }
}
