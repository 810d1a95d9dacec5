internal import LocalPrivacy
internal import ModelFormats
internal import Models
internal import PrivateTraining
internal import Tensors

/// `fuse` for heads on one trunk: nothing has to be matched.
struct HeadFusion {
  let files: [ModelFile]
  let heads: [LinearHead]

  /// - Returns: `nil` when the models are not all trunks with heads.
  /// - Throws: ``Failure`` when they are, but on different trunks or for different classes.
  init?(_ files: [ModelFile]) throws {
    let heads = files.compactMap(\.graph.linearHead)
    guard heads.count == files.count else { return nil }
    let trunks = try files.map { try ParameterDigest(of: $0.graph.withoutHead) }
    for (file, trunk) in zip(files, trunks) where trunk != trunks[0] {
      throw Failure(
        """
        \(file.path): stands on another trunk than \(files[0].path); all parties must use the same \
        one, learnt from the same probe with the same dimension and seed
        """, .data)
    }
    for (file, head) in zip(files, heads) where head.weight.shape != heads[0].weight.shape {
      throw Failure(
        """
        \(file.path): tells \(head.weight.shape[0]) classes apart and \(files[0].path) \
        \(heads[0].weight.shape[0]); train all with the same --classes
        """, .data)
    }
    self.files = files
    self.heads = heads
  }

  private init(files: [ModelFile], heads: [LinearHead]) {
    self.files = files
    self.heads = heads
  }

  /// The same heads in another order, which decides how they are halved and summed.
  ///
  /// - Parameter order: A permutation of the heads' places.
  func inOrder(_ order: [Int]) -> HeadFusion {
    HeadFusion(files: order.map { files[$0] }, heads: order.map { heads[$0] })
  }

  /// What would be done, of public figures alone.
  func plan(usesFilter: Bool) throws -> HeadPlan {
    HeadPlan(
      parties: heads.count, classes: heads[0].weight.shape[0], features: heads[0].weight.shape[1],
      trunk: try ParameterDigest(of: files[0].graph.withoutHead).description, filtered: usesFilter)
  }

  /// The fused model: the mean of the heads, filtered with the public probe unless that is unwanted.
  ///
  /// - Parameters:
  ///   - probe: The public inputs' file.
  ///   - weights: A public number a party; equal when `nil`.
  func fused(probe: String, weights: [Double]?, usesFilter: Bool) throws -> ModelGraph {
    let trunk = files[0].graph.withoutHead
    guard usesFilter else { return try trunk.adding(.average(heads, weights: weights)) }
    let known = files[0].model.metadata[RecordRelease.probeKey]
    if let known, try FileDigest(contentsOf: probe).hexadecimal != known {
      throw Failure(
        """
        \(probe): is not the probe that the trunk was learnt from (SHA-256 \(known)); give that \
        one, or --no-filter
        """, .data)
    }
    let data = try DataFile(probe, for: trunk)
    return try Failure.about(data: probe, for: files[0].path) {
      let features = try FeatureMap(trunk).features(data.inputs)
      return try trunk.adding(
        HeadFilter(probe: features).fused(
          heads, weights: weights, floor: HeadFilter.floor(partyNoise())))
    }
  }
}

extension HeadFusion {
  /// What the certificates say of the noise; nothing where a model has none.
  private func partyNoise() throws -> [HeadFilter.PartyNoise] {
    let statements = try files.compactMap { try $0.certificate()?.statement }
    guard statements.count == files.count else { return [] }
    return statements.map { statement in
      HeadFilter.PartyNoise(
        steps: statement.mechanism.procedure.steps,
        multiplier: statement.mechanism.procedure.noiseMultiplier,
        clip: statement.mechanism.clip, records: statement.records.middle)
    }
  }

  /// Every party's number of records, where all certificates make it public.
  func publicSizes() throws -> [Double] {
    try files.map { file in
      let size = try file.certificate()?.statement.records
      guard case .exact(let records)? = size else {
        throw Failure(
          """
          \(file.path): its certificate tells only a range of its records; train it with \
          --public-size, or fuse without --weight-by-size
          """, .data)
      }
      return Double(records)
    }
  }
}
