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
    .executableTarget(
      name: "boardfit",
      dependencies: [
        "Quantities", "TensorTypes", "ModelIR", "ModelImport", "HardwareModel", "CostModel",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: safe),
    .testTarget(name: "QuantitiesTests", dependencies: ["Quantities"], swiftSettings: safe),
    .testTarget(
      name: "HardwareModelTests", dependencies: ["Quantities", "TensorTypes", "HardwareModel"],
      swiftSettings: safe),
  ],
  swiftLanguageModes: [.v6]
)
