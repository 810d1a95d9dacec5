/// The numbers of the filter and the adapter that no theory gives.
///
/// They came from one seed of Fashion-MNIST with test accuracy; `privfusion figures --only tuning`
/// compares each with others by what was released about probes held out. Symbols are those of the
/// article on the filter.
package struct FilterConstants: Sendable, Equatable {
  /// What is used.
  package static let standard = FilterConstants()

  // MARK: Target

  /// The least variance of a unit's target, as a share of the layer's mean l; in (0, 1].
  package var leastUnitVariance = 0.1
  /// How far a unit's variance is drawn to l; in [0, 1].
  package var levelShare = 0.5

  // MARK: Prior

  /// The least tau^2, as a share of ms(W~): what is taken for signal where the noise seems to be all;
  /// in (0, 1].
  package var leastSignal = 1e-3
  /// The mean square of a hidden layer's prior is a to this power; at least 0.
  package var priorPower = 1.0
  /// The output layer's prior is the average times a to this power; at least 0.
  package var outputPriorPower = 1.0

  // MARK: Ridge

  /// The error of the average beside its noise, as a share of tau^2; at least 0.
  package var weightError = 0.3
  /// The error of a target beside its noise, as a share of its variance; at least 0.
  package var targetError = 0.2
  /// The factor of lambda where the noise decides it and there are votes; above 0.
  package var kappaWithVotes = 0.3
  /// The same without votes.
  package var kappaWithoutVotes = 1.0
  /// Lambda without noise; above 0, as all that follow.
  package var openLambda = 0.003
  /// The same with fewer than ``manyProbes``.
  package var openLambdaOfFewProbes = 0.01
  /// How many probes are many.
  package var manyProbes = 500
  /// Lambda / (1 + v_n) from a common initialisation, with randomised votes.
  package var commonLambdaWithVotes = 0.3
  /// The same without them.
  package var commonLambdaWithoutVotes = 0.1
  /// Lambda of the output layer, towards the log-posterior of randomised votes.
  package var outputLambdaWithVotes = 0.03
  /// The same towards logits, which are smoother and need less of a ridge.
  package var outputLambdaWithoutVotes = 0.01

  // MARK: Adapter

  /// The weight of MSE(z, T) / (1 + v_n) beside the cross entropies in the adapter's loss; at least 0.
  package var layerWeight = 1.0

  package init() {}
}
