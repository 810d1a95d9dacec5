import Foundation
import ModelFormats
import Tensors
import Testing

/// What other programs make of files that are written here.
@Suite struct PythonTests {
  private static let packages = Fixtures.repository + ".deps/python"

  static var isInstalled: Bool {
    FileManager.default.fileExists(atPath: packages + "/onnxruntime")
  }

  /// Tolerance: 1e-5 of the largest output, far above what the order of additions changes.
  @Test(.enabled(if: PythonTests.isInstalled, "needs .deps/python with onnx and onnxruntime"))
  func `files written again pass onnx's checker and give ONNX Runtime the same outputs`() throws {
    try withTemporaryFolder { folder in
      for name in Fixtures.models {
        try ONNXModel(contentsOf: Fixtures.path("\(name).onnx")).write(
          to: folder + "\(name).onnx", metadata: ["privfusion": "test"])
        let arrays = try ArrayArchive(contentsOf: Fixtures.path("\(name).npz"))
        try ArrayArchive.write(
          arrays.names.compactMap { name in arrays[name].map { (name, $0) } },
          to: folder + "\(name).npz")
      }
      let python = Process()
      let output = Pipe()
      python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      python.arguments = ["python3", Fixtures.path("compare-models.py"), Fixtures.folder, folder]
      python.environment = ProcessInfo.processInfo.environment.merging(
        ["PYTHONPATH": Self.packages, "PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
      python.standardOutput = output
      python.standardError = output
      try python.run()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      python.waitUntilExit()
      #expect(python.terminationStatus == 0, "\(text)")
      #expect(text.contains("\(Fixtures.models.count) models"), "\(text)")
    }
  }
}
