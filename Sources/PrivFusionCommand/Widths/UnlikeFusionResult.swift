internal import PrivFusion

/// What `fuse` did with models of different widths or classes: what it says of others, and the widths
/// and classes that came out.
struct UnlikeFusionResult: Encodable, CustomStringConvertible {
  struct Layer: Encodable {
    let parameter: String
    let models: [Int]
    let fused: Int
    /// The number of units that one model has, two models share, and so on.
    let shares: [Int]
  }

  private enum CodingKeys: CodingKey {
    case widths, classes, namesFile, outputScale
  }

  private let base: FuseResult
  private let widths: [Layer]
  private let classes: [String]?
  private let namesFile: String?
  private let outputScale: String?

  init(
    _ base: FuseResult, widths: [WidthFusion.LayerWidth], classes: [String]?, names: String?,
    outputScale: OutputScale?
  ) {
    self.base = base
    self.widths = widths.map {
      Layer(parameter: $0.parameter, models: $0.parties, fused: $0.fused, shares: $0.shares)
    }
    self.classes = classes
    namesFile = names
    self.outputScale = outputScale?.rawValue
  }

  func encode(to encoder: any Encoder) throws {
    try base.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(widths, forKey: .widths)
    try container.encodeIfPresent(classes, forKey: .classes)
    try container.encodeIfPresent(namesFile, forKey: .namesFile)
    try container.encodeIfPresent(outputScale, forKey: .outputScale)
  }

  var description: String {
    var lines = [base.description]
    if !widths.isEmpty {
      let rows = widths.map { layer in
        [
          layer.parameter, layer.models.map(String.init).joined(separator: ", "),
          "\(layer.fused)", layer.shares.map(String.init).joined(separator: ", "),
        ]
      }
      lines.append(
        Text.table(
          [["layer", "units of the models", "fused", "of one, two, ... models"]] + rows, indent: "")
      )
    }
    if let classes, let namesFile {
      lines.append(
        "classes: \(classes.count), named in \(namesFile); outputs \(outputScale ?? "as they are")")
    }
    return lines.joined(separator: "\n")
  }
}
