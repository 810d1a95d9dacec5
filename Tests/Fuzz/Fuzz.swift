internal import Foundation
internal import Models
internal import Tensors

/// Gives files that were changed at random to the readers, and what reads as a model to a forward pass.
///
///     Fuzz --fixtures FOLDER [--count N] [--seconds S] [--seed S] [--from N] [--save FOLDER]
///     Fuzz --fixtures FOLDER --one N --seed S --save FOLDER         writes file N
///
/// A process of its own works through the files; this one watches it. A process that dies, says nothing
/// for half a minute, or holds more than the limit of memory, fails the run, and the file that it was at
/// is saved. The seed and the number of a file make it again, whatever came before it.
@main struct Fuzz {
  static func main() {
    do {
      let options = try FuzzOptions(Array(CommandLine.arguments.dropFirst()))
      if let number = options.one {
        let corpus = try Corpus(options.fixtures)
        let file = corpus.file(seed: options.seed, index: number)
        try corpus.place(file, in: options.save, named: "case-\(options.seed)-\(number)-")
        return
      }
      if options.isWorker { return try Worker(options).run() }
      exit(try Watch(options).run() ? 0 : 1)
    } catch {
      Fuzz.say("Fuzz: \(error)\n", to: .standardError)
      exit(2)
    }
  }

  static func say(_ text: String, to handle: FileHandle) {
    try? handle.write(contentsOf: Data(text.utf8))
  }
}

/// What the command line says.
struct FuzzOptions {
  var fixtures = ""
  var count = 100_000
  var seconds: Double?
  var seed: UInt64
  var from = 0
  var save = "."
  var one: Int?
  var isWorker = false

  struct Misused: Error, CustomStringConvertible {
    let description: String
  }

  init(_ arguments: [String]) throws {
    var generator = SystemRandomNumberGenerator()
    seed = UInt64.random(in: 0..<1 << 32, using: &generator)
    var rest = arguments[...]
    func value<Value: LosslessStringConvertible>(_ flag: String, _: Value.Type) throws -> Value {
      guard let text = rest.popFirst(), let value = Value(text) else {
        throw Misused(description: "\(flag) needs a value")
      }
      return value
    }
    while let flag = rest.popFirst() {
      switch flag {
      case "--fixtures": fixtures = try value(flag, String.self)
      case "--count": count = try value(flag, Int.self)
      case "--seconds": seconds = try value(flag, Double.self)
      case "--seed": seed = try value(flag, UInt64.self)
      case "--from": from = try value(flag, Int.self)
      case "--save": save = try value(flag, String.self)
      case "--one": one = try value(flag, Int.self)
      case "--worker": isWorker = true
      default: throw Misused(description: "\(flag) is not known; see Tests/Fuzz/Fuzz.swift")
      }
    }
    guard !fixtures.isEmpty else { throw Misused(description: "--fixtures FOLDER is missing") }
    guard count > 0, from >= 0 else {
      throw Misused(description: "--count must be above 0 and --from not below")
    }
  }
}
