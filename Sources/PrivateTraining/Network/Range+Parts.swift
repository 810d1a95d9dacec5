extension Range<Int> {
  /// As few consecutive parts as there can be, whose sizes differ by at most one.
  ///
  /// - Parameter size: The greatest number of elements in a part, at least 1.
  func parts(ofAtMost size: Int) -> [Range<Int>] {
    let number = (count + size - 1) / size
    return (0..<number).map {
      lowerBound + $0 * count / number..<lowerBound + ($0 + 1) * count / number
    }
  }
}
