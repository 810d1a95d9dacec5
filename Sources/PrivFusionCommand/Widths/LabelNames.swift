internal import ArgumentParser
internal import Tensors

/// The flags of `evaluate` for models that list their classes in different orders, or know different
/// ones.
struct LabelNameOptions: ParsableArguments {
  @Option(
    help: """
      A text file a model, in the models' order, repeated or with commas between: a class name a line, \
      in the order of the model's outputs. Needs --label-names.
      """)
  var names: [String] = []

  @Option(help: "A text file of what the labels 0, 1, ... of the data mean, a name a line.")
  var labelNames: String?

  func validate() throws {
    guard names.isEmpty == (labelNames == nil) else {
      throw ValidationError("--names and --label-names go together")
    }
  }

  /// Where each model has the labels' classes; `nil` where nothing is named.
  ///
  /// - Throws: ``Failure`` when a names file is not as it should be, or there is not one a model.
  func columns(of models: [String]) throws -> [LabelColumns]? {
    guard let labelNames else { return nil }
    let files = names.flatMap {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    guard files.count == models.count else {
      throw Failure(
        "--names gives \(files.count) files for \(models.count) models: give one a model, in order",
        .usage)
    }
    let labels = try ClassNames(labelNames).names
    return try zip(files, models).map {
      LabelColumns(labels: labels, names: try ClassNames($0), model: $1)
    }
  }
}

/// Where a model has the classes of labels.
struct LabelColumns {
  let labels: [String]
  let names: ClassNames
  let model: String

  /// A model's probabilities with a column a label: 0 for a class that it does not know. Classes that
  /// no label is of come last, as one: what is there is wrong.
  ///
  /// - Parameter probabilities: Shape `[m, outputs of the model]`.
  /// - Throws: ``Failure`` when there is not one name an output.
  func arranged(_ probabilities: Tensor) throws -> Tensor {
    let count = probabilities.shape[1]
    guard names.names.count == count else {
      throw Failure(
        """
        \(names.path): names \(names.names.count) classes, and \(model) has \(count) outputs; give a \
        name an output
        """, .data)
    }
    let places = Dictionary(uniqueKeysWithValues: names.names.enumerated().map { ($1, $0) })
    let empty = try Tensor.zeros([probabilities.shape[0], 1], type: probabilities.elementType)
    let known = try Tensor.concatenated([probabilities, empty], axis: 1)
      .selecting(labels.map { places[$0] ?? count }, axis: 1)
    let others = names.names.indices.filter { !labels.contains(names.names[$0]) }
    guard !others.isEmpty else { return known }
    return try Tensor.concatenated(
      [known, probabilities.selecting(others, axis: 1).sum([1], keepingAxes: true)], axis: 1)
  }
}
