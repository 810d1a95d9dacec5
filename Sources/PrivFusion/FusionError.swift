/// What can be wrong with what a fusion is asked to do.
public enum FusionError: Error, Equatable, CustomStringConvertible {
  case noParties
  /// The probe has one input: how much a unit varies over it cannot be said.
  case tooFewProbes(Int)
  /// Weights cannot be matched by before they are released, and they are released in common order.
  case privateWeightMatching
  /// Public features are not one row for every probe.
  case featureShape(found: [Int], probes: Int)
  /// A party's model lacks a parameter of the shared graph.
  case missingParameter(String)
  /// A session by messages must randomise them.
  case notRandomized
  /// A message is not what is expected of its sender.
  case unexpectedMessage(sender: String, reason: String)
  /// A message has too few or too many releases.
  case releaseCount(sender: String, expected: Int, found: Int)
  /// Less than everything is to be sent, and nothing is randomised.
  case openSelection(MessageSelection)
  /// Accuracy can be predicted of a classifier alone.
  case noClassifier
  /// Without weights nothing that is sent says what a parameter should be.
  case unlearntParameter(String)
  /// Statistics of batch normalisation are to be estimated again where there is none.
  case noBatchNormalization
  /// A layer's values are too large, or not numbers, for the filter to solve for its weights.
  case unsolvable(reason: String)
  /// The fused network can't have the wanted width.
  case width(reason: String)
  /// A width that parties differ in belongs to no proved group.
  case unprovedWidth(parameter: String)
  /// The names of a party's classes are no names, counted from 0.
  case classNames(party: Int, reason: String)
  /// A party names more or fewer classes than its network has outputs.
  case classCount(party: Int, names: Int, outputs: Int)
  /// Outputs can't be compared by classes that all parties know, since there are none.
  case noSharedClass
  /// Outputs can't be standardised without a bias.
  case noOutputBias
  /// Parties of different widths or classes can't randomise what they send.
  case privateWidths

  public var description: String {
    switch self {
    case .unsolvable(let reason):
      """
      a layer could not be filtered, because its values on the probe are too large or not numbers \
      (\(reason)); use a larger epsilon, or --no-filter
      """
    case .width(let reason):
      "the width of the fused network: \(reason)"
    case .unprovedWidth(let parameter):
      """
      '\(parameter)' differs in size between the models, and the self-check could not prove that its \
      units may be reordered: fuse models that agree in it
      """
    case .classNames(let party, let reason):
      "the class names of model \(party + 1): \(reason); give one name a line, each once"
    case .classCount(let party, let names, let outputs):
      "model \(party + 1) has \(outputs) outputs and \(names) class names; give one name an output"
    case .noSharedClass:
      "no class is known to all models, so that outputs can't be anchored: choose another output scale"
    case .noOutputBias:
      """
      outputs are brought to mean 0 by a bias, and the last layer has none: choose another output \
      scale, or export the models with a bias
      """
    case .privateWidths:
      """
      models of different widths or classes are fused without randomising: their weights would be \
      clipped and released in shapes of their own, which the protocol does not have
      """
    case .noBatchNormalization:
      """
      the network has no batch normalisation whose statistics could be estimated again; use \
      --normalization repair, data-free, none or auto
      """
    case .openSelection(let selection):
      "sending \(selection.rawValue) alone is for randomised messages: give an epsilon"
    case .noClassifier:
      "a plan predicts the accuracy of classifiers: one output [m, classes] made by a linear layer"
    case .unlearntParameter(let name):
      """
      '\(name)' is neither weight nor bias of a linear layer, and without weights nothing that is sent \
      says what it should be: send everything, or votes alone
      """
    case .missingParameter(let name):
      "a model has no parameter '\(name)': all must be of one architecture"
    case .notRandomized:
      "messages that leave a party are randomised: give epsilon"
    case .unexpectedMessage(let sender, let reason):
      "\(sender): \(reason)"
    case .releaseCount(let sender, let expected, let found):
      "\(sender): holds \(found) releases where this session has \(expected)"
    case .featureShape(let found, let probes):
      "public features of \(probes) probes have the shape [\(probes), d], got \(found)"
    case .noParties:
      "fusing needs at least one model"
    case .tooFewProbes(let count):
      "a probe of \(count) shows no unit vary: give at least 2 inputs, better some hundreds"
    case .privateWeightMatching:
      """
      with privacy, neurons are matched by activations: weights are released only once they are in \
      the common order; use --matching activations or none
      """
    }
  }
}
