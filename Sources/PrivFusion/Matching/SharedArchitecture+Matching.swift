extension SharedArchitecture {
  /// What to match by, from public things alone.
  ///
  /// - Parameter isPrivate: Whether messages are randomised.
  public func recommendedMatching(isPrivate: Bool) -> FusionSettings.Matching {
    isPrivate ? .activations : .both
  }
}
