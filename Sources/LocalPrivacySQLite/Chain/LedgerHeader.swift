internal import Crypto

/// What a ledger was made with. The chain begins at its hash, so that no limit can be changed
/// without breaking every entry.
struct LedgerHeader {
  /// Seconds since 1970, UTC.
  let created: Int
  /// The limits, as JSON with sorted keys.
  let limits: String
  /// The private half of the party's Ed25519 key, 32 bytes.
  let signingKey: [UInt8]
  /// The key of the fingerprints, 32 bytes.
  let fingerprintKey: [UInt8]

  /// Where the chain begins. It may be shown: the keys enter as digests of 256 random bits.
  var hash: [UInt8] {
    var canonical = CanonicalBytes(domain: "PrivFusion ledger")
    canonical.append(LedgerSchema.version)
    canonical.append(created)
    canonical.append(limits)
    canonical.append(Array(SHA256.hash(data: signingKey)))
    canonical.append(Array(SHA256.hash(data: fingerprintKey)))
    return Array(SHA256.hash(data: canonical.bytes))
  }

  /// The keyed fingerprint of a request.
  ///
  ///     HMAC-SHA256(key, unit | name | loss | request)
  func fingerprint(of reservation: (unit: String, name: String, loss: String), request: [UInt8])
    -> [UInt8]
  {
    var canonical = CanonicalBytes(domain: "PrivFusion ledger request")
    canonical.append(reservation.unit)
    canonical.append(reservation.name)
    canonical.append(reservation.loss)
    canonical.append(request)
    return Array(
      HMAC<SHA256>.authenticationCode(
        for: canonical.bytes, using: SymmetricKey(data: fingerprintKey)))
  }
}
