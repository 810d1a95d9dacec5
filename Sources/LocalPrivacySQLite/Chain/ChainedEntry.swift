internal import Crypto
internal import LocalPrivacy

/// One link of the chain: what happened, when, and the hash of it and of all before.
///
///     hash(n) = SHA-256("PrivFusion ledger entry" | hash(n - 1) | n | time | nonce | event | fields)
///
/// The nonce keeps an older copy that is put back from growing into the same heads again, even
/// when it answers the same requests at the same time.
///
/// An entry is never changed. A reservation that was kept gets a second entry, its completion.
struct ChainedEntry {
  /// A debit: written before anything is drawn.
  struct Reservation {
    let unit: PrivacyUnit
    let name: String
    /// The loss, as JSON with sorted keys.
    let loss: String
    /// Keyed, so that it says nothing without the ledger.
    let fingerprint: [UInt8]
    /// What it is for, where the ledger's format and the release say so.
    let purpose: String?
  }

  /// The end of a reservation: its result is stored.
  struct Completion {
    let reservation: Int
    /// SHA-256 of the stored bytes.
    let digest: [UInt8]
  }

  enum Event {
    case reserved(Reservation)
    case completed(Completion)
  }

  /// From 1, without gaps.
  let sequence: Int
  /// Seconds since 1970, UTC.
  let time: Int
  /// 16 random bytes.
  let nonce: [UInt8]
  let event: Event
  let hash: [UInt8]

  /// An entry as it was stored, with the hash that it claims.
  init(sequence: Int, time: Int, nonce: [UInt8], event: Event, claiming hash: [UInt8]) {
    self.sequence = sequence
    self.time = time
    self.nonce = nonce
    self.event = event
    self.hash = hash
  }

  /// A new entry behind another.
  init(sequence: Int, time: Int, event: Event, after previous: [UInt8]) {
    let nonce = SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) }
    self.init(
      sequence: sequence, time: time, nonce: nonce, event: event,
      claiming: Self.hash(
        sequence: sequence, time: time, nonce: nonce, event: event, after: previous))
  }

  func follows(_ previous: [UInt8]) -> Bool {
    hash
      == Self.hash(sequence: sequence, time: time, nonce: nonce, event: event, after: previous)
  }

  private static func hash(
    sequence: Int, time: Int, nonce: [UInt8], event: Event, after previous: [UInt8]
  ) -> [UInt8] {
    var canonical = CanonicalBytes(domain: "PrivFusion ledger entry")
    canonical.append(previous)
    canonical.append(sequence)
    canonical.append(time)
    canonical.append(nonce)
    switch event {
    case .reserved(let reservation):
      canonical.append("reserved")
      canonical.append(reservation.unit.rawValue)
      canonical.append(reservation.name)
      canonical.append(reservation.loss)
      canonical.append(reservation.fingerprint)
      if let purpose = reservation.purpose { canonical.append(purpose) }
    case .completed(let completion):
      canonical.append("completed")
      canonical.append(completion.reservation)
      canonical.append(completion.digest)
    }
    return Array(SHA256.hash(data: canonical.bytes))
  }
}
