/// The number of an entry in its ledger, from 1.
public struct EntryID: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let number: Int

  package init(_ number: Int) { self.number = number }

  public var description: String { "\(number)" }

  public static func < (one: EntryID, other: EntryID) -> Bool { one.number < other.number }
}
