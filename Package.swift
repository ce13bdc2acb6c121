// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]
let safe: [SwiftSetting] = strict + [.strictMemorySafety()]

let package = Package(
  name: "boardfit",
  products: [.executable(name: "boardfit", targets: ["boardfit"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .target(name: "Quantities", swiftSettings: safe),
    .target(name: "TensorTypes", dependencies: ["Quantities"], swiftSettings: safe),
    .target(name: "ModelIR", dependencies: ["Quantities", "TensorTypes"], swiftSettings: safe),
    .target(
      name: "ModelImport", dependencies: ["Quantities", "TensorTypes", "ModelIR"],
      swiftSettings: safe),
    .target(
      name: "HardwareModel",
      dependencies: ["Quantities", "TensorTypes", .product(name: "Yams", package: "Yams")],
      swiftSettings: safe),
    .target(
      name: "CostModel", dependencies: ["Quantities", "TensorTypes", "ModelIR", "HardwareModel"],
      swiftSettings: safe),
    .target(
      name: "Decision", dependencies: ["Quantities", "ModelIR", "HardwareModel", "CostModel"],
      swiftSettings: safe),
    .target(
      name: "Reporting",
      dependencies: [
        "Quantities", "TensorTypes", "ModelIR", "HardwareModel", "CostModel", "Decision",
      ], swiftSettings: safe),
    .executableTarget(
      name: "boardfit",
      dependencies: [
        "Quantities", "TensorTypes", "ModelIR", "ModelImport", "HardwareModel", "CostModel",
        "Decision", "Reporting",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: safe),
    .target(
      name: "TestSupport", dependencies: ["Quantities", "TensorTypes", "ModelIR"],
      swiftSettings: safe),
    .executableTarget(
      name: "modeller-benchmark",
      dependencies: [
        "Quantities", "ModelIR", "ModelImport", "HardwareModel", "CostModel", "Decision",
      ], path: "Benchmarks/modeller", swiftSettings: safe),
    .testTarget(name: "QuantitiesTests", dependencies: ["Quantities"], swiftSettings: safe),
    .testTarget(
      name: "CostModelTests",
      dependencies: [
        "Quantities", "TensorTypes", "ModelIR", "ModelImport", "HardwareModel", "CostModel",
        "TestSupport",
      ], swiftSettings: safe),
    .testTarget(
      name: "ModelIRTests", dependencies: ["Quantities", "TensorTypes", "ModelIR"],
      swiftSettings: safe),
    .testTarget(
      name: "ModelImportTests",
      dependencies: ["Quantities", "TensorTypes", "ModelIR", "ModelImport", "TestSupport"],
      swiftSettings: safe),
    .testTarget(
      name: "ConformanceTests",
      dependencies: [
        "Quantities", "TensorTypes", "ModelIR", "ModelImport", "HardwareModel", "CostModel",
        "Decision",
      ], swiftSettings: safe),
  ],
  swiftLanguageModes: [.v6]
)
