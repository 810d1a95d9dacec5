internal import Crypto
internal import GRDB
public import LocalPrivacy

extension DurableLedger {
  /// Releases any number of values in constant memory, or hands out what was released under the
  /// name before.
  ///
  /// The outputs are those of the release of all values at once, clipped to the same radius, and
  /// each of the two repeats what the other released. The values are read twice: for the keyed
  /// fingerprint, and after the debit to be drawn. All outputs are stored in one transaction, and
  /// handed out from storage.
  ///
  /// - Parameters:
  ///   - count: The number of values, at least 1.
  ///   - radius: What they are clipped to.
  ///   - mechanism: What randomises each of them; every value costs its `epsilon`.
  ///   - name: What they are; it stands for these values, radius and mechanism in this ledger.
  ///   - purpose: What it is for: a limit may hold for that alone.
  ///   - payingAgain: Whether a debit of the same request that was interrupted may be paid once
  ///     more.
  ///   - source: Gives the values at the indices of a range within `0 ..< count`, as many as it
  ///     has, and the same ones each time. It must not use this ledger.
  ///   - sink: Takes the packed outputs part by part, in order: together what
  ///     `Released.packedBytes()` gives. What it throws ends the handing out; nothing is lost then.
  /// - Returns: What the packed outputs are.
  /// - Throws: ``LedgerError/noParts(_:)`` for a ledger of the first format;
  ///   `PrivacyError.sourceChanged` when the source differs from its first reading, where the debit
  ///   stays and nothing is handed out; what the source or the sink throws; and as the other one.
  /// - Complexity: O(entries + count), in memory that does not grow with `count`.
  @discardableResult
  public func release(
    count: Int, radius: ClippingRadius, through mechanism: NumericMechanism, as name: String,
    for purpose: LedgerPurpose? = nil, payingAgain: Bool = false,
    from source: (Range<Int>) throws -> [Float], to sink: ([UInt8]) throws -> Void
  ) throws -> PackedRelease.Statement {
    try withoutActuallyEscaping(source) { source in
      let values = try StreamedRequest(
        count: count, radius: radius, through: mechanism, as: name, from: source)
      try requireLimitAndRoom(for: values.expenditure, values.encoding)
      let request = Request(
        name: name, loss: StoredLoss(values.expenditure), contents: RequestContents(values),
        purpose: purpose, payingAgain: payingAgain)
      // Alone with the file from debit to result, so that no other task sees a debit half done.
      let (entry, results) = try file.access { database in
        let version = try EntryStorage.header(in: database)?.header.version ?? 0
        guard version >= LedgerSchema.withPurposesAndParts else { throw LedgerError.noParts(path) }
        switch try reserve(values.expenditure, request, in: database) {
        case .stored(let entry, _): return (entry, version)
        case .reserved(let entry):
          try LedgerFile.transaction(in: database) { database in
            try draw(values, request, into: entry, in: database)
          }
          return (entry, version)
        }
      }
      for part in 0... {
        let bytes = try file.access { database in
          try ResultStorage(version: results, database: database).part(part, of: entry.number)
        }
        guard let bytes else { break }
        try sink(bytes)
      }
      return values.statement
    }
  }

  /// Draws and stores all parts. Only once the transaction is durable may they be handed out.
  private func draw(
    _ values: StreamedRequest, _ request: Request, into entry: EntryID, in database: Database
  ) throws {
    let verified = try LedgerVerification(database, path: path)
    guard let debit = verified.chain.debit(entry.number) else {
      throw LedgerError.notReserved(entry)
    }
    let results = verified.results(in: database)
    var keyed = try verified.header.fingerprint(of: request, loss: request.loss.identity())
    keyed.update(RequestContents.beginning(of: values))
    var digest = SHA256()
    var part = 0
    try values.draw { contents, packed in
      keyed.update(contents)
      digest.update(data: packed)
      try results.write(packed, asPart: part, of: entry.number)
      part += 1
    }
    guard keyed.finalize() == debit.reservation.fingerprint else {
      throw PrivacyError.sourceChanged(name: request.name)
    }
    let completion = ChainedEntry.Completion(
      reservation: entry.number, digest: Array(digest.finalize()))
    try EntryStorage.write(
      verified.chain.next(.completed(completion), time: Self.now), to: database)
  }
}
