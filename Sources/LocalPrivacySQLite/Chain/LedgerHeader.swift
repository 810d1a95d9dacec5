internal import Crypto
internal import LocalPrivacy

/// What a ledger was made with. The chain begins at its hash, so that no limit can be changed
/// without breaking every entry.
struct LedgerHeader {
  /// The format of the file, from 1 to ``LedgerSchema/version``.
  let version: Int
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
    canonical.append(version)
    canonical.append(created)
    canonical.append(limits)
    canonical.append(Array(SHA256.hash(data: signingKey)))
    canonical.append(Array(SHA256.hash(data: fingerprintKey)))
    return Array(SHA256.hash(data: canonical.bytes))
  }

  /// The keyed fingerprint of a request, before its contents.
  func fingerprint(
    of request: DurableLedger.Request, loss: String
  ) -> RequestFingerprint {
    RequestFingerprint(
      key: fingerprintKey, unit: request.loss.unit.rawValue, name: request.name, loss: loss,
      contentsByteCount: request.contents.byteCount)
  }
}
