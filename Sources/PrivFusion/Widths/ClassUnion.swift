/// The classes of several parties, each by name, and where a party's outputs are among all.
///
/// The order is that of first mention: the first party's classes as it lists them, then those that each
/// next party adds.
public struct ClassUnion: Sendable, Equatable {
  /// All classes, each once.
  public let names: [String]
  /// For every party, for each of its outputs the place among ``names``.
  public let places: [[Int]]

  /// - Parameter parties: For every party the names of its outputs, in their order.
  /// - Throws: ``FusionError/classNames(party:reason:)`` for an empty name or one that comes twice.
  public init(_ parties: [[String]]) throws {
    var names: [String] = []
    var known: [String: Int] = [:]
    places = try parties.enumerated().map { party, own in
      var seen: Set<String> = []
      return try own.map { name in
        guard !name.isEmpty else {
          throw FusionError.classNames(party: party, reason: "a name is empty")
        }
        guard seen.insert(name).inserted else {
          throw FusionError.classNames(party: party, reason: "'\(name)' comes twice")
        }
        if let place = known[name] { return place }
        known[name] = names.count
        names.append(name)
        return names.count - 1
      }
    }
    self.names = names
  }

  /// For every party whether it knows each class.
  var isKnown: [[Bool]] {
    places.map { own in
      let known = Set(own)
      return names.indices.map { known.contains($0) }
    }
  }

  /// The classes that all parties know, in order.
  var shared: [Int] {
    names.indices.filter { name in places.allSatisfy { $0.contains(name) } }
  }
}

/// How the outputs of parties that know different classes are brought to one scale.
///
/// A softmax leaves a party's logits free up to a number that is the same for all its classes. Where
/// every class is known to all this does not matter; a class that some do not know is compared with
/// others by it.
public enum OutputScale: String, Sendable, CaseIterable {
  /// ``anchored`` where all parties know at least two classes in common, and ``standardized``
  /// elsewhere.
  case auto
  /// As the parties have them.
  case asIs = "as-is"
  /// Less the mean over the party's classes.
  case centered
  /// Less the mean over the classes that all parties know.
  case anchored
  /// Every output with mean 0 and deviation 1 on the probe.
  case standardized
}
