internal import Foundation
internal import Tensors

// One case of the benchmarks, for Benchmarks/run.py:
//
//     Benchmarks CASE '{"threads": 2, ...}'
//
// Prepares the case and prints {"ready": true}; then, for every line on standard input, runs it once
// and prints the seconds, with numbers by which the driver sees that both sides did the same work.
// Python's side, Benchmarks/sides.py, speaks the same way, so that the two can take turns.

func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

let arguments = CommandLine.arguments
let parameters = Data((arguments.count == 3 ? arguments[2] : "{}").utf8)
TensorEngine.reuseMemory()
TensorEngine.threadCount = try JSONDecoder().decode(Threads.self, from: parameters).threads
guard let repetition = try prepared(arguments[1], parameters) else {
  FileHandle.standardError.write(Data("Benchmarks: there is no case \(arguments[1])\n".utf8))
  exit(64)
}
say(#"{"ready": true}"#)
while readLine() != nil {
  say(String(decoding: try JSONEncoder().encode(repetition()), as: UTF8.self))
}
