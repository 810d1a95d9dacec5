// swift-tools-version: 6.2
import PackageDescription

// The tensor engine is libtorch's CPU library, unpacked by `make setup` (scripts/setup.sh).
let torchLibraries = "\(Context.packageDirectory)/.deps/torch/lib"
let cudaRuntimeLibraries = "\(Context.packageDirectory)/.deps/nvidia/cu13/lib"
// Where `make cuda` puts what `--device cuda` loads; nothing is linked with it.
let cudaLibraries = "\(Context.packageDirectory)/.deps/python-cuda/torch/lib"

let swiftSettings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

func library(
  _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, exclude: exclude, swiftSettings: swiftSettings)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, exclude: exclude, swiftSettings: swiftSettings)
}

let package = Package(
  name: "PrivFusion",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "privfusion", targets: ["PrivFusionCommand"]),
    .library(name: "PrivFusion", targets: ["PrivFusion", "Models", "ModelFormats", "Evaluation"]),
    .library(name: "LocalPrivacy", targets: ["LocalPrivacy"]),
    .library(name: "LocalPrivacySQLite", targets: ["LocalPrivacySQLite"]),
    .library(
      name: "PrivateTraining",
      targets: ["PrivateTraining", "Training", "Models", "Tensors", "LocalPrivacy"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    // No traits: nothing here uses them, and SwiftPM passes two of them in a random order, each of
    // which compiles SwiftProtobuf anew.
    .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0", traits: []),
    .package(url: "https://github.com/attaswift/BigInt", exact: "6.0.1"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/swiftcsv/SwiftCSV", exact: "0.10.0"),
  ],
  targets: [
    .target(
      name: "CTensorEngine",
      cxxSettings: [
        .headerSearchPath("../../.deps/torch/include"),
        .headerSearchPath("../../.deps/torch/include/torch/csrc/api/include"),
      ],
      linkerSettings: [
        .unsafeFlags([
          "-L\(torchLibraries)", "-Xlinker", "-rpath", "-Xlinker", torchLibraries,
          "-L\(cudaRuntimeLibraries)", "-Xlinker", "-rpath", "-Xlinker", cudaRuntimeLibraries,
          "-Xlinker", "-rpath-link", "-Xlinker", cudaRuntimeLibraries,
          "-Xlinker", "-rpath", "-Xlinker", cudaLibraries,
        ]),
        .linkedLibrary("torch_cpu"),
        .linkedLibrary("c10"),
      ]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    library("Tensors", ["CTensorEngine"]),
    library("Symmetry"),
    library("Models", ["Tensors", "Symmetry"]),
    library(
      "ModelFormats",
      [
        "Models", "Tensors", "CZlib", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        .product(name: "Crypto", package: "swift-crypto"),
      ], exclude: ["Generated/README.md", "Generated/onnx.proto"]),
    library(
      "LocalPrivacy",
      [
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
      ]),
    library(
      "LocalPrivacySQLite",
      [
        "LocalPrivacy", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    library("PrivacyAudit", ["LocalPrivacy"]),
    library("GraphMatching", ["Tensors", "Symmetry"]),
    library("Training", ["Models", "Tensors"]),
    library("PrivateTraining", ["Models", "Tensors", "Training", "LocalPrivacy"]),
    library(
      "PrivFusion", ["Models", "Symmetry", "Tensors", "LocalPrivacy", "GraphMatching", "Training"]),
    library(
      "MessageFiles",
      ["PrivFusion", "LocalPrivacy", .product(name: "Crypto", package: "swift-crypto")]),
    library(
      "Evaluation",
      ["Models", "Tensors", "Training", "PrivateTraining", "PrivFusion", "LocalPrivacy"]),
    library(
      "ClinicalStudies",
      [
        "Models", "Tensors", "PrivateTraining", "Evaluation",
        .product(name: "SwiftCSV", package: "SwiftCSV"),
      ]),
    .executableTarget(
      name: "PrivFusionCommand",
      dependencies: [
        "Tensors", "Symmetry", "Models", "ModelFormats", "LocalPrivacy", "LocalPrivacySQLite",
        "GraphMatching", "Training", "PrivateTraining", "PrivFusion", "Evaluation",
        "ClinicalStudies", "MessageFiles", "PrivacyAudit",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftSettings),
    // Built by `make bench` alone.
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "GraphMatching", "LocalPrivacy", "ModelFormats", "Models", "PrivFusion", "Symmetry",
        "Tensors", "Training",
      ],
      path: "Benchmarks/program", swiftSettings: swiftSettings),
    .executableTarget(
      name: "DPSGDBenchmark",
      dependencies: ["Models", "Tensors", "Training", "PrivateTraining", "LocalPrivacy"],
      path: "Benchmarks/dp-sgd", swiftSettings: swiftSettings),
    // A process that the ledger's tests kill.
    .executableTarget(
      name: "LedgerProbe", dependencies: ["LocalPrivacySQLite", "LocalPrivacy"],
      path: "Tests/LedgerProbe", swiftSettings: swiftSettings),
    // Gives changed files to the readers; built by `scripts/fuzz.sh`.
    .executableTarget(
      name: "Fuzz", dependencies: ["ModelFormats", "Models", "Tensors"], path: "Tests/Fuzz",
      swiftSettings: swiftSettings),
    tests("TensorsTests", ["Tensors"]),
    tests("SymmetryTests", ["Symmetry"]),
    tests("ModelsTests", ["Models", "Symmetry", "Tensors", "ModelFormats"]),
    tests("ModelFormatsTests", ["ModelFormats", "Models", "Tensors"]),
    tests(
      "LocalPrivacyTests",
      [
        "LocalPrivacy", .product(name: "BigInt", package: "BigInt"),
        .product(name: "Crypto", package: "swift-crypto"),
      ], exclude: ["Vectors"]),
    tests(
      "LocalPrivacySQLiteTests",
      [
        "LocalPrivacySQLite", "LocalPrivacy", "LedgerProbe",
        .product(name: "GRDB", package: "GRDB.swift"),
      ], exclude: ["Vectors"]),
    tests("PrivacyAuditTests", ["PrivacyAudit", "LocalPrivacy"], exclude: ["Vectors"]),
    tests("GraphMatchingTests", ["GraphMatching", "Tensors", "Symmetry"]),
    tests("TrainingTests", ["Training", "Models", "Tensors"]),
    tests(
      "PrivateTrainingTests", ["PrivateTraining", "Models", "Tensors", "Training", "LocalPrivacy"]),
    tests(
      "PrivFusionTests",
      [
        "PrivFusion", "Models", "Symmetry", "ModelFormats", "Tensors", "LocalPrivacy",
        "GraphMatching", "Training",
      ], exclude: ["Vectors"]),
    tests(
      "EvaluationTests",
      ["Evaluation", "PrivFusion", "Models", "Symmetry", "Tensors", "ModelFormats", "Training"]),
    tests(
      "ClinicalStudiesTests", ["ClinicalStudies", "Evaluation", "PrivateTraining", "Tensors"]),
    tests(
      "MessageFilesTests",
      ["MessageFiles", "PrivFusion", "Models", "ModelFormats", "Tensors", "LocalPrivacy"]),
    tests("CommandTests", ["ModelFormats", "Models", "Tensors"]),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx20
)
