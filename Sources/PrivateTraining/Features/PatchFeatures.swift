internal import Models
internal import Tensors

/// A feature map for images and signals: how strongly the filters of a dictionary answer, by region.
///
///     answer  = filter * x / (contrast + 1) - offset - 1/2
///     feature = sqrt(mean of relu(answer) over a region)
///
/// One convolution a filter, one for the contrast; regions overlap by at most a place, as in
/// adaptive average pooling, and are written as matrix products, so that any size will do.
struct PatchFeatures {
  var filterCount = 128
  var patchWidth = 6
  /// Regions along each spatial axis, level by level: a spatial pyramid (Lazebnik, Schmid, Ponce
  /// 2006), each level of the same weight. On Fashion-MNIST it is worth a point over one level.
  var levels = [2, 4, 8]
  var threshold = 0.5

  /// Windows that hold one event of a signal, such as one wave of a heartbeat: a sixth of the
  /// signal, from 6 to 32 places; four regions.
  ///
  /// On two labelled sets of the UCR archive (ECGFiveDays with 136 places, ElectricDevices with 96)
  /// windows of 20 places beat those of 6 at every epsilon from 1 to 8, and did as well as those of
  /// 12 or better; 32 bounds the cost on long signals.
  static func forSignals(length: Int) -> PatchFeatures {
    PatchFeatures(
      filterCount: 256, patchWidth: min(32, max(6, length / 6)), levels: [4])
  }

  /// Appends the map to `trunk`.
  ///
  /// - Parameters:
  ///   - dictionary: The filters.
  ///   - samples: Public inputs of shape `[m, channels, length]` or `[m, channels, height, width]`.
  /// - Returns: The name of the features, of shape `[batch, filterCount x regions...]`.
  func append(
    _ dictionary: PatchDictionary, for samples: Tensor, to trunk: inout TrunkGraph
  ) throws -> String {
    let shape = samples.shape
    let spatial = shape.count - 2
    let sizes = [Int](repeating: patchWidth, count: spatial)
    let places = shape.dropFirst(2).map { $0 - patchWidth + 1 }
    let elements = Double(shape[1] * sizes.reduce(1, *))
    let convolution: [String: ModelGraph.Attribute] = [
      "kernel_shape": .ints(sizes), "strides": .ints([Int](repeating: 1, count: spatial)),
      "pads": .ints([Int](repeating: 0, count: 2 * spatial)),
      "dilations": .ints([Int](repeating: 1, count: spatial)), "group": .int(1),
    ]
    let filters = trunk.constant("trunk.filters", dictionary.filters)
    let window = trunk.constant("trunk.window", try Tensor.full([1, shape[1]] + sizes, 1))
    let answers = trunk.append("Conv", "trunk.answers", ["x", filters], convolution)
    let sums = trunk.append("Conv", "trunk.sums", ["x", window], convolution)
    let squares = trunk.append("Mul", "trunk.squares", ["x", "x"])
    let sumsOfSquares = trunk.append(
      "Conv", "trunk.sums_of_squares", [squares, window], convolution)
    let squaredSums = trunk.append("Mul", "trunk.squared_sums", [sums, sums])
    let share = trunk.constant("trunk.share", 1 / elements)
    let brightness = trunk.append("Mul", "trunk.brightness", [squaredSums, share])
    let difference = trunk.append("Sub", "trunk.difference", [sumsOfSquares, brightness])
    // Rounding can take the difference of two equal sums below zero.
    let positive = trunk.append("Relu", "trunk.contrast_squared", [difference])
    let contrast = trunk.append("Sqrt", "trunk.contrast", [positive])
    let floor = trunk.constant("trunk.contrast_floor", PatchDictionary.contrastFloor)
    let divisor = trunk.append("Add", "trunk.divisor", [contrast, floor])
    let relative = trunk.append("Div", "trunk.relative", [answers, divisor])
    let thresholds = trunk.constant(
      "trunk.thresholds",
      try dictionary.offsets.adding(threshold)
        .reshaped([filterCount] + [Int](repeating: 1, count: spatial)))
    let over = trunk.append("Sub", "trunk.over", [relative, thresholds])
    let active = trunk.append("Relu", "trunk.active", [over])
    let maps = try levels.map { level in
      try append(level: level, of: active, places: places, to: &trunk)
    }
    return maps.count == 1 ? maps[0] : trunk.append("Concat", "trunk.map", maps, ["axis": .int(1)])
  }

  /// Appends one level of the pyramid, of shape `[batch, filterCount x regions...]`.
  private func append(
    level regions: Int, of active: String, places: [Int], to trunk: inout TrunkGraph
  ) throws -> String {
    let name = "level\(regions)"
    let along = try Self.pooling(places[places.count - 1], regions: regions)
    var value = trunk.append(
      "MatMul", "\(name).columns", [active, trunk.constant("\(name).column_regions", along)])
    if places.count == 2 {
      let across = try Self.pooling(places[0], regions: regions).transposed().contiguous()
      value = trunk.append(
        "MatMul", "\(name).regions", [trunk.constant("\(name).row_regions", across), value])
    }
    value = trunk.append("Sqrt", "\(name).roots", [value])
    // The fewer regions, the heavier each, so that all levels weigh the same.
    let weight = places.map { _ in 1 / Double(regions).squareRoot() }.reduce(1, *)
    value = trunk.append(
      "Mul", "\(name).weighted", [value, trunk.constant("\(name).weight", weight)])
    return trunk.append("Flatten", "\(name).map", [value], ["axis": .int(1)])
  }

  /// Adaptive average pooling as a matrix of shape `[places, regions]`.
  static func pooling(_ places: Int, regions: Int) throws -> Tensor {
    var elements = [Float](repeating: 0, count: places * regions)
    for region in 0..<regions {
      let start = region * places / regions
      let end = ((region + 1) * places + regions - 1) / regions
      for place in start..<end {
        elements[place * regions + region] = 1 / Float(end - start)
      }
    }
    return try Tensor(elements, shape: [places, regions])
  }
}
