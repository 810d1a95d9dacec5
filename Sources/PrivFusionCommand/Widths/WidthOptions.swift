internal import ArgumentParser
internal import PrivFusion

/// The flags of `fuse` for models of different widths, or of different classes.
struct WidthOptions: ParsableArguments {
  @Option(
    help: """
      How wide layers become: a factor of the widest model's width (1.5), or GROUP=UNITS for one \
      layer, repeatable, GROUP being a number or a parameter's name as `inspect` lists them; by default as the widest model's. The room is filled by parting the units \
      that are least alike. Needs --no-privacy.
      """)
  var width: [String] = []

  @Option(
    parsing: .unconditional,
    help: """
      Join only units whose outputs on the probe correlate by at least this, in -1 to 1; the others get \
      units of their own, as many as --width allows. By default all that a layer has room for are joined.
      """)
  var joinAbove: Double?

  @Option(
    help: """
      A text file a model, in the models' order, repeated or with commas between: a class name a line, \
      in the order of the model's outputs. The fused model has the union of the classes, listed in \
      OUTPUT.names.txt. Needs --no-privacy.
      """)
  var names: [String] = []

  @Option(
    help: """
      How outputs of models that know different classes are brought to one scale: auto (default), \
      as-is, centered, anchored or standardized; with --names.
      """)
  var outputScale: OutputScaleChoice?

  @Option(help: .hidden)
  var weightDivisor: DivisorChoice?

  enum OutputScaleChoice: String, ExpressibleByArgument, CaseIterable {
    case auto
    case asIs = "as-is"
    case centered, anchored, standardized
  }

  /// What a weight is divided by; for the table of the documentation.
  enum DivisorChoice: String, ExpressibleByArgument, CaseIterable {
    case target, both, all
  }

  /// Whether anything here was asked for.
  var isAsked: Bool {
    !width.isEmpty || joinAbove != nil || !names.isEmpty || outputScale != nil
      || weightDivisor != nil
  }

  /// The names files, one a model.
  var namesFiles: [String] {
    names.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
  }

  func validate() throws {
    if let joinAbove, !(-1...1).contains(joinAbove) {
      throw ValidationError("--join-above must be in -1 to 1, got \(joinAbove)")
    }
    _ = try choice()
    guard outputScale == nil || !names.isEmpty else {
      throw ValidationError("--output-scale goes with --names")
    }
  }

  /// - Throws: `ValidationError` for what is neither a factor nor a number of units.
  func choice() throws -> WidthChoice {
    guard let first = width.first else { return .widest }
    if let factor = Double(first) {
      guard width.count == 1 else {
        throw ValidationError("--width takes one factor, or GROUP=UNITS any number of times")
      }
      guard (1...16).contains(factor) else {
        throw ValidationError(
          "--width must be a factor from 1 to 16, got \(first): below 1, units of the widest model "
            + "would have no place")
      }
      return .factor(factor)
    }
    return .units(
      try width.reduce(into: [:]) { result, text in
        let parts = text.split(separator: "=")
        guard parts.count == 2, let count = Int(parts[1]), count > 0,
          result.updateValue(count, forKey: String(parts[0])) == nil
        else {
          throw ValidationError(
            "--width must be a factor (1.5) or GROUP=UNITS (fc1.weight=300), each layer once, "
              + "got '\(text)'")
        }
      })
  }

  /// - Parameter classes: Of all models, where they are named.
  func options(classes: ClassUnion?) throws -> WidthFusion.Options {
    var options = WidthFusion.Options()
    options.width = try choice()
    options.joinsAbove = joinAbove
    options.classes = classes
    options.outputScale = outputScale.flatMap { OutputScale(rawValue: $0.rawValue) } ?? .auto
    if let weightDivisor { options.divisor = .init(rawValue: weightDivisor.rawValue) ?? .target }
    return options
  }
}
