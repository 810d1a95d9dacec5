internal import Tensors
internal import Training

/// The classes of a party's labels: their number is public, and so never counted in secret.
struct Classes {
  let count: Int
  let labels: [Int]

  /// - Parameters:
  ///   - declared: The number of classes; counted from the labels when `nil`, with a note that it
  ///     becomes public.
  ///   - file: The file that the labels are from.
  /// - Throws: ``Failure`` when a label is below 0 or not below the number, and when a class is
  ///   empty whose number was not declared.
  init(of examples: LabeledData, declared: Int?, file: String) throws {
    let all: [Int64] = try examples.labels.elements()
    guard let greatest = all.max(), let least = all.min() else {
      throw Failure("\(file): holds no records", .data)
    }
    guard least >= 0, greatest < Int64(declared ?? 100_000) else {
      throw Failure(
        """
        \(file): labels must be from 0 to \(declared.map { "\($0 - 1), as --classes says" } ?? "99999"); \
        some are not
        """, .data)
    }
    labels = all.map { Int($0) }
    if let declared {
      count = declared
      return
    }
    count = Int(greatest) + 1
    let present = Set(labels)
    guard count >= 2 else {
      throw Failure(
        "\(file): all labels are 0; if there are more classes, say how many with --classes", .data)
    }
    if let empty = (0..<count).first(where: { !present.contains($0) }) {
      throw Failure(
        """
        \(file): no record has the label \(empty); renumber the classes without gaps, or say how \
        many there are with --classes where this party has not all of them
        """, .data)
    }
    Terminal.note(
      "the number of classes, \(count), is taken from the labels and becomes public; fix it with "
        + "--classes")
  }
}
