internal import ArgumentParser

/// The shape of one input of a model, as `NAME=1,80,32`; a single number is `NAME=`.
struct InputShape: ExpressibleByArgument {
  let name: String
  let sizes: [Int]

  /// The most elements that a made-up input may have: 2 GiB of single precision.
  private static let elementLimit = 1 << 29

  init?(argument: String) {
    guard let separator = argument.lastIndex(of: "="), separator > argument.startIndex else {
      return nil
    }
    name = String(argument[..<separator])
    let words = argument[argument.index(after: separator)...]
      .split(separator: ",", omittingEmptySubsequences: false)
    var sizes: [Int] = []
    var count = 1
    for word in words == [""] ? [] : words {
      guard let size = Int(word), size > 0 else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product <= Self.elementLimit else { return nil }
      count = product
      sizes.append(size)
    }
    self.sizes = sizes
  }
}
