/// What `fuse --plan` says of heads on one trunk.
struct HeadPlan: Encodable, CustomStringConvertible {
  let parties: Int
  let classes: Int
  /// How many public features each head reads.
  let features: Int
  /// The digest of the trunk's parameters, as certificates name it.
  let trunk: String
  /// Whether the average is filtered with the probe.
  let filtered: Bool

  var description: String {
    "Nothing has been done. The plan:\n"
      + Text.table([
        [
          "heads",
          "\(parties), of \(classes) classes on \(features) features; averaged as they are",
        ],
        ["trunk", trunk],
        ["filtered", filtered ? "yes, with the probe" : "no"],
        ["noise", "none is added: fusing costs no further privacy"],
      ])
  }
}
