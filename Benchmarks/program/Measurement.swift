internal import Foundation

/// One repetition of a case.
struct Measurement: Encodable {
  let seconds: Double
  /// Numbers that the other side must have too, up to the case's tolerance.
  let result: [Double]

  /// - Parameters:
  ///   - work: What is timed.
  ///   - result: Reads the numbers off its outcome; not timed.
  init<Outcome>(of work: () throws -> Outcome, result: (Outcome) throws -> [Double]) rethrows {
    let start = ContinuousClock.now
    let outcome = try work()
    seconds = (ContinuousClock.now - start) / .seconds(1)
    self.result = try result(outcome)
  }
}

/// Runs a prepared case once.
typealias Repetition = () throws -> Measurement

/// Prepares the case of this name from the JSON of its parameters; `nil` when there is none.
func prepared(_ name: String, _ parameters: Data) throws -> Repetition? {
  func decoded<Parameters: Decodable>() throws -> Parameters {
    try JSONDecoder().decode(Parameters.self, from: parameters)
  }
  return switch name {
  case "accounting": accounting(try decoded())
  case "assignment": try assignment(decoded())
  case "forward": try forwardPass(decoded())
  case "gaussian": try discreteGaussian(decoded())
  case "matching": try matching(decoded())
  case "mechanism": try mechanism(decoded())
  case "onnx-read": reading(try decoded())
  case "onnx-write": try writing(decoded())
  case "ridge": try ridgeSolve(decoded())
  case "training": try trainingStep(decoded())
  default: nil
  }
}

struct Threads: Decodable { let threads: Int }
