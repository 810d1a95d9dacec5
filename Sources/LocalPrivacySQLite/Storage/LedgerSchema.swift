/// The tables of a ledger. Triggers refuse every change to what was written, so that a bug can't
/// do it; whoever edits the file itself is found out by the chain.
enum LedgerSchema {
  /// "PFLd", in SQLite's field for the kind of a file.
  static let applicationID = 0x5046_4C64
  /// The format, in SQLite's `user_version`.
  static let version = 2
  /// The first format that says what a debit is for, and holds a result in parts.
  static let withPurposesAndParts = 2

  /// STRICT keeps SQLite from storing a value of another type than the column's.
  ///
  /// - Parameter version: The format, from 1.
  static func statements(_ version: Int) -> String {
    let isFirst = version < withPurposesAndParts
    return tables(
      purpose: isFirst ? "" : "\n  purpose TEXT CHECK (event = 'reserved' OR purpose IS NULL),",
      result: isFirst ? wholeResult : resultInParts) + unchangeable
  }

  private static let wholeResult = """
    CREATE TABLE result (
      reservation INTEGER PRIMARY KEY REFERENCES entry (sequence),
      bytes BLOB NOT NULL
    ) STRICT;

    CREATE TRIGGER results_are_written_once BEFORE INSERT ON result
      WHEN EXISTS (SELECT 1 FROM result WHERE reservation = NEW.reservation)
      BEGIN SELECT RAISE(ABORT, 'a ledger is append-only'); END;
    """

  private static let resultInParts = """
    CREATE TABLE result (
      reservation INTEGER NOT NULL REFERENCES entry (sequence),
      part INTEGER NOT NULL,
      bytes BLOB NOT NULL,
      PRIMARY KEY (reservation, part)
    ) STRICT;

    CREATE TRIGGER parts_are_appended BEFORE INSERT ON result
      WHEN NEW.part <>
        (SELECT coalesce(max(part), -1) + 1 FROM result WHERE reservation = NEW.reservation)
      BEGIN SELECT RAISE(ABORT, 'a ledger is append-only'); END;
    """

  private static func tables(purpose: String, result: String) -> String {
    """
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
      fingerprint BLOB,\(purpose)
      reservation INTEGER UNIQUE REFERENCES entry (sequence),
      digest BLOB,
      hash BLOB NOT NULL CHECK (length(hash) = 32),
      CHECK ((event = 'reserved') = (unit IS NOT NULL AND name IS NOT NULL AND loss IS NOT NULL
        AND fingerprint IS NOT NULL AND reservation IS NULL AND digest IS NULL)),
      CHECK ((event = 'completed') = (unit IS NULL AND name IS NULL AND loss IS NULL
        AND fingerprint IS NULL AND reservation IS NOT NULL AND digest IS NOT NULL))
    ) STRICT;
    CREATE INDEX entry_name ON entry (name) WHERE name IS NOT NULL;

    \(result)

    CREATE TRIGGER header_is_written_once BEFORE INSERT ON header
      WHEN EXISTS (SELECT 1 FROM header)
      BEGIN SELECT RAISE(ABORT, 'a ledger is append-only'); END;
    CREATE TRIGGER entries_are_appended BEFORE INSERT ON entry
      WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM entry)
      BEGIN SELECT RAISE(ABORT, 'a ledger is append-only'); END;
    """
  }

  private static let unchangeable =
    ["header", "entry", "result"].flatMap { table in
      ["UPDATE", "DELETE"].map { change in
        """
        CREATE TRIGGER \(table)_no_\(change.lowercased()) BEFORE \(change) ON \(table)
          BEGIN SELECT RAISE(ABORT, 'a ledger is append-only'); END;

        """
      }
    }.joined()
}
