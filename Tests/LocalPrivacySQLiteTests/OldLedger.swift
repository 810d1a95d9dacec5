/// A ledger of before debits recorded their mechanism's integers: ten numbers through the hybrid
/// mechanism as "weights", three votes, and one answer about records as "round 1", `[1, 2, 3, 4]`.
enum OldLedger {
  /// Writes it to the bench's path.
  static func write(to bench: LedgerBench) throws {
    try bench.edit(
      """
      PRAGMA application_id = 0x50464C64;
      PRAGMA user_version = 1;
      \(schema)
      \(rows)
      """)
    try bench.setMode(0o600)
  }

  /// As the first version of the format wrote it.
  private static let schema = """
    CREATE TABLE header (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      created INTEGER NOT NULL,
      limits TEXT NOT NULL,
      signing_key BLOB NOT NULL CHECK (length(signing_key) = 32),
      fingerprint_key BLOB NOT NULL CHECK (length(fingerprint_key) = 32),
      hash BLOB NOT NULL CHECK (length(hash) = 32)
    ) STRICT;
    CREATE TABLE entry (
      sequence INTEGER PRIMARY KEY CHECK (sequence >= 1),
      time INTEGER NOT NULL,
      nonce BLOB NOT NULL CHECK (length(nonce) = 16),
      event TEXT NOT NULL CHECK (event IN ('reserved', 'completed')),
      unit TEXT,
      name TEXT,
      loss TEXT,
      fingerprint BLOB,
      reservation INTEGER UNIQUE REFERENCES entry (sequence),
      digest BLOB,
      hash BLOB NOT NULL CHECK (length(hash) = 32),
      CHECK ((event = 'reserved') = (unit IS NOT NULL AND name IS NOT NULL AND loss IS NOT NULL
        AND fingerprint IS NOT NULL AND reservation IS NULL AND digest IS NULL)),
      CHECK ((event = 'completed') = (unit IS NULL AND name IS NULL AND loss IS NULL
        AND fingerprint IS NULL AND reservation IS NOT NULL AND digest IS NOT NULL))
    ) STRICT;
    CREATE INDEX entry_name ON entry (name) WHERE name IS NOT NULL;
    CREATE TABLE result (
      reservation INTEGER PRIMARY KEY REFERENCES entry (sequence),
      bytes BLOB NOT NULL
    ) STRICT;
    CREATE TRIGGER header_is_written_once BEFORE INSERT ON header
      WHEN EXISTS (SELECT 1 FROM header)
      BEGIN SELECT RAISE(ABORT, 'a ledger is append-only'); END;
    CREATE TRIGGER entries_are_appended BEFORE INSERT ON entry
      WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM entry)
      BEGIN SELECT RAISE(ABORT, 'a ledger is append-only'); END;
    CREATE TRIGGER results_are_written_once BEFORE INSERT ON result
      WHEN EXISTS (SELECT 1 FROM result WHERE reservation = NEW.reservation)
      BEGIN SELECT RAISE(ABORT, 'a ledger is append-only'); END;
    CREATE TRIGGER header_no_update BEFORE UPDATE ON header
      BEGIN SELECT RAISE(ABORT, 'a ledger is append-only'); END;
    CREATE TRIGGER header_no_delete BEFORE DELETE ON header
      BEGIN SELECT RAISE(ABORT, 'a ledger is append-only'); END;
    CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry
      BEGIN SELECT RAISE(ABORT, 'a ledger is append-only'); END;
    CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry
      BEGIN SELECT RAISE(ABORT, 'a ledger is append-only'); END;
    CREATE TRIGGER result_no_update BEFORE UPDATE ON result
      BEGIN SELECT RAISE(ABORT, 'a ledger is append-only'); END;
    CREATE TRIGGER result_no_delete BEFORE DELETE ON result
      BEGIN SELECT RAISE(ABORT, 'a ledger is append-only'); END;
    """

  private static let rows = """
    INSERT INTO header VALUES (1, 1795462207,
      '{"records":{"delta":1e-05,"epsilon":2.2},"values":{"delta":0,"epsilon":1,"unit":"value"}}',
      X'163fd968c2f3fa2064e9e98cb69e313503df7c13978880679755d94ab0fd9fe5',
      X'6bc0179077194b08be837bf26aba8e4e2d87bcef43ad999b1d325cdba2e45324',
      X'615c094d818c9f8c508c7c3fae3bdfa07b49ddc9b019ba39003d1cc36b60a7b2');
    INSERT INTO entry VALUES (1, 1795462207, X'd12b1a6ccb5b0bba4ed19107b0ba33eb', 'reserved',
      'value', 'weights', '{"count":10,"epsilon":0.9999999999535174,"mechanism":"hybrid"}',
      X'10f8ba3f55e447473f0a526afc69e3b4cf2ea58285b49c2e3f1822c6691c7726', NULL, NULL,
      X'80e5a117ce7709c19f7870eadc3c4c07064038355c0086d78589f7b53ffda195');
    INSERT INTO entry VALUES (2, 1795462207, X'91ddf04a71612a143c720c725a146498',
      'completed', NULL, NULL, NULL, NULL, 1,
      X'd7b86f228961c35e7bc585624b53c1d93b491c5071221d3885b6ddfe0067a656',
      X'08a6f2808df5c6435f85d1892d4da7357ddeec08961f5c12f85ab89be6f59208');
    INSERT INTO entry VALUES (3, 1795462207, X'46c7cf1bfaad02eb36f1d17704552ae6', 'reserved',
      'value', 'votes',
      '{"count":3,"epsilon":0.9999999999535174,"mechanism":"3-ary randomized response"}',
      X'9c8866bc10d8e06df17fc75be05fabdd79aaf22371f740beee3493448813cb2c', NULL, NULL,
      X'ff7c21ecfe2f15274da14bbd01760d95a5745ed28ac701da30678ef3e165e25a');
    INSERT INTO entry VALUES (4, 1795462207, X'243d14464df68e62014fcf9ba1c50c09',
      'completed', NULL, NULL, NULL, NULL, 3,
      X'951dcee3a7a4f3aac67ec76a2ce4469cc76df650f134bf2572bf60a65c982338',
      X'12c1cbc3c19bae66c2a6acd3730330717b25c13aa130317771ef263ee41d5467');
    INSERT INTO entry VALUES (5, 1795462207, X'14adfbeec9859b46ee7c22934ce7df63', 'reserved',
      'record', 'round 1',
      '{"accountant":"analytic Gaussian","adjacency":"zeroOut","delta":5e-06,"epsilon":1.326475956962492,"procedure":{"noiseMultiplier":3,"sampling":"every record","steps":1}}',
      X'6c78fe696644910169b1f440a612b94b24debf8a55d4610144e1377ce501344f', NULL, NULL,
      X'e75e467ba9f318fa3b00401b6fe863464232b48cd468b787a008b824dfc9c0f9');
    INSERT INTO entry VALUES (6, 1795462207, X'f248fca49eac56ed883c05d6588390b0',
      'completed', NULL, NULL, NULL, NULL, 5,
      X'9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a',
      X'4c2b4a0f45d21b105cc7ac601c804a7645c96e67307735406877ad3bf45be0c3');
    INSERT INTO result VALUES (1, X'0000a083000000a3cd000030dafcb02700000000000000');
    INSERT INTO result VALUES (3, X'26');
    INSERT INTO result VALUES (5, X'01020304');
    """
}
