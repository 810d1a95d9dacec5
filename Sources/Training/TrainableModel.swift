public import Models
public import Tensors

/// A graph whose parameters move down the gradient of a loss, one step at a time.
///
/// The loss is the caller's: evaluate with ``values(_:capturing:)`` as often as it needs, combine
/// what comes back into a scalar, and hand that to ``step(_:rate:)``.
///
///     let model = try TrainableModel(graph)
///     let values = try model.values(["x": batch], capturing: ["logits"])
///     try model.step(loss(values), rate: 1e-3)
///
/// Not `Sendable`: it owns tensors that are written in place.
public final class TrainableModel {
  /// Names of the parameters that learn.
  public let parameterNames: [String]
  private let pass: ForwardPass
  private let mode: ExecutionMode
  private let adam: Adam
  private let statistics: [String: Tensor]
  private let current: [String: Tensor]

  /// - Parameters:
  ///   - graph: The model to start from; not changed.
  ///   - parameters: Names of the parameters that learn; all but the running statistics of batch
  ///     normalisation when `nil`.
  ///   - mode: Whether batch normalisation uses each batch's statistics, and moves the running
  ///     ones, or leaves them as they are.
  /// - Throws: `ModelError` when the graph can't be evaluated or lacks one of `parameters`.
  public init(
    _ graph: ModelGraph, parameters: [String]? = nil, mode: ExecutionMode = .training(momentum: 0.1)
  ) throws {
    self.mode = mode
    let running = graph.runningStatisticNames
    let names = parameters ?? graph.parameterNames.filter { !running.contains($0) }
    parameterNames = names
    adam = try Adam(
      names.map { name in
        guard let tensor = graph.initializers[name] else {
          throw ModelError.missingValue(name: name, node: "the parameters to train")
        }
        return tensor
      })
    // Batch normalisation writes into these, so they must share nothing with the graph's.
    statistics = try graph.initializers.filter { running.contains($0.key) }
      .mapValues { try $0.contiguous() }
    current = statistics.merging(zip(names, adam.parameters)) { $1 }
    // Where training begins is not held beside where it is.
    pass = try ForwardPass(graph.replacing(current))
  }

  /// Evaluates the graph with the parameters as they are; gradients can be taken of the result.
  ///
  /// - Parameters:
  ///   - inputs: The model's inputs by name.
  ///   - captured: Names of the values to return.
  public func values(_ inputs: [String: Tensor], capturing captured: Set<String>) throws
    -> [String: Tensor]
  {
    try pass.values(inputs, parameters: current, capturing: captured, mode: mode)
  }

  /// Moves the parameters one step of Adam down the gradient of `loss`, a scalar.
  public func step(_ loss: Tensor, rate: Double) throws {
    try adam.step(loss.gradients(of: adam.parameters), rate: rate)
  }

  /// Copies of the parameters and running statistics as they are now, by name.
  public func parameters() throws -> [String: Tensor] {
    let copies = try statistics.mapValues { try $0.contiguous() }
    return try copies.merging(zip(parameterNames, adam.snapshot())) { $1 }
  }

  /// The graph with the parameters as they are now; it does not change with later steps.
  public func graph() throws -> ModelGraph { try pass.graph.replacing(parameters()) }
}

extension ModelGraph {
  /// Names of the running means and variances of batch normalisation.
  public var runningStatisticNames: Set<String> {
    Set(
      nodes.filter { $0.operation == "BatchNormalization" }
        .flatMap { $0.inputs.dropFirst(3) })
  }
}
