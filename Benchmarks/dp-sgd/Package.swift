// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "dp-sgd",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "PrivFusion", path: "../..")],
  targets: [
    .executableTarget(
      name: "DPSGDBenchmark",
      dependencies: [.product(name: "PrivateTraining", package: "PrivFusion")],
      swiftSettings: [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
      ])
  ],
  swiftLanguageModes: [.v6]
)
