internal import Foundation
internal import Models
internal import Tensors

/// A feature map for tables: where each column's value lies among the probe's, and smooth random
/// functions of all columns together.
///
///     rank_j  = piecewise-linear distribution function of column j on the probe
///     wave_i  = waveWeight sqrt(2 / waves) cos(frequency_i . rank + phase_i)
///     feature = [bins of every rank, waves]
///
/// The ranks make scales, outliers and skew harmless; the bins let a linear head bend in each
/// column; the waves (random Fourier features, Rahimi & Recht 2007, Algorithm 1) let columns act
/// together.
///
/// Few bins, and few slow waves: what noisy gradients can't learn only adds noise. On labelled
/// public tables dealt to three parties of 300 to 800 records, fused at epsilon 1 and dimension 400,
/// this map has an AUROC of 0.80 (Framingham), 0.94 (digits as a table) and 0.99 (Gaussian
/// clusters); 8 bins and 256 waves of frequency 1, evened out like filters, had 0.71, 0.65 and 0.97.
struct TableFeatures {
  var quantiles = 2
  var waves = 64
  /// The standard deviation of the frequencies, in cycles over the unit cube's diagonal.
  var frequency = 0.25
  /// How much waves count beside bins.
  var waveWeight = 0.5

  /// How far components of tables are evened out: less than those of filters, because a table's
  /// weakest components are mostly rounding and chance.
  static let evenness = 0.25

  /// Appends the map to `trunk` and returns the name of the features.
  ///
  /// - Parameter samples: Public rows of shape `[m, columns]`.
  func append(for samples: Tensor, seed: UInt64, to trunk: inout TrunkGraph) throws -> String {
    let columns = samples.shape[1]
    let (starts, widths) = try bins(of: samples)
    let bins = starts.shape[1]
    let axis = trunk.constant("trunk.last_axis", try Tensor([Int64(2)], shape: [1]))
    let wide = trunk.append("Unsqueeze", "trunk.columns", ["x", axis])
    let distance = trunk.append(
      "Sub", "trunk.past_start", [wide, trunk.constant("trunk.bin_starts", starts)])
    let relative = trunk.append(
      "Div", "trunk.in_bins", [distance, trunk.constant("trunk.bin_widths", widths)])
    let filled = trunk.append(
      "Clip", "trunk.filled",
      [relative, trunk.constant("trunk.empty", 0), trunk.constant("trunk.full", 1)])
    let flat = trunk.append("Flatten", "trunk.bins", [filled], ["axis": .int(1)])
    var generator = SeededGenerator(seed: seed)
    // The mean over a column's bins is its rank, hence the division.
    let directions = try Tensor.normal([columns, 1, waves], seed: generator.next())
      .expanded(to: [columns, bins, waves]).reshaped([columns * bins, waves])
      .multiplied(by: 2 * Double.pi * frequency / Double(bins) / Double(columns).squareRoot())
    let phases = try Tensor.uniform([waves], seed: generator.next())
      .multiplied(by: 2 * Double.pi)
    let angles = trunk.append(
      "Gemm", "trunk.angles",
      [
        flat, trunk.constant("trunk.frequencies", directions),
        trunk.constant("trunk.phases", phases),
      ])
    let cosines = trunk.append("Cos", "trunk.cosines", [angles])
    let scale = trunk.constant(
      "trunk.wave_scale", waveWeight * (2 / Double(waves)).squareRoot())
    let scaled = trunk.append("Mul", "trunk.waves", [cosines, scale])
    let evened = trunk.append(
      "Mul", "trunk.bin_shares",
      [flat, trunk.constant("trunk.bin_scale", 1 / Double(columns * bins).squareRoot())])
    return trunk.append("Concat", "trunk.map", [evened, scaled], ["axis": .int(1)])
  }

  /// The starts and widths of every column's bins, each of shape `[columns, quantiles]`.
  ///
  /// Ties make empty bins; they get the width of the column's range, in which they hardly act.
  private func bins(of samples: Tensor) throws -> (starts: Tensor, widths: Tensor) {
    let (rows, columns) = (samples.shape[0], samples.shape[1])
    let values: [Float] = try samples.elements()
    var starts: [Float] = []
    var widths: [Float] = []
    for column in 0..<columns {
      let sorted = stride(from: column, to: rows * columns, by: columns).map { values[$0] }.sorted()
      let edges = (0...quantiles).map { sorted[$0 * (rows - 1) / quantiles] }
      let range = max(edges[quantiles] - edges[0], 1e-6)
      for bin in 0..<quantiles {
        let width = edges[bin + 1] - edges[bin]
        starts.append(edges[bin])
        widths.append(width > 1e-6 * range ? width : range)
      }
    }
    return (
      try Tensor(starts, shape: [columns, quantiles]),
      try Tensor(widths, shape: [columns, quantiles])
    )
  }
}
