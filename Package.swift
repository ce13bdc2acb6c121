// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
]

// Kernels are measured, so they are optimized in debug builds too.
let kernelSettings: [CSetting] = [
  .treatAllWarnings(as: .error),
  .unsafeFlags(["-O3", "-Wall", "-Wextra", "-fno-math-errno", "-fno-trapping-math"]),
]

// Priors are learned and checked in tests, so the fit is optimized in debug builds too.
let fitSettings = strict + [.unsafeFlags(["-O"])]

let package = Package(
  name: "boardfit",
  products: [.executable(name: "boardfit", targets: ["boardfit"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .systemLibrary(
      name: "CYAML", pkgConfig: "yaml-0.1",
      providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
    .target(name: "Platform", swiftSettings: strict),
    .target(name: "Quantities", swiftSettings: strict),
    .target(name: "TensorTypes", dependencies: ["Quantities"], swiftSettings: strict),
    .target(
      name: "ModelIR", dependencies: ["Platform", "Quantities", "TensorTypes"],
      swiftSettings: strict),
    .target(
      name: "ModelImport", dependencies: ["Platform", "Quantities", "TensorTypes", "ModelIR"],
      swiftSettings: strict),
    .target(
      name: "HardwareModel",
      dependencies: ["Quantities", "TensorTypes", "Platform", "CYAML"],
      swiftSettings: strict),
    .target(
      name: "MemoryPlanning", dependencies: ["Platform", "Quantities"], swiftSettings: strict),
    .target(
      name: "CostModel",
      dependencies: [
        "Platform", "Quantities", "TensorTypes", "ModelIR", "HardwareModel", "MemoryPlanning",
      ],
      swiftSettings: strict),
    .systemLibrary(
      name: "CGSL", pkgConfig: "gsl", providers: [.apt(["libgsl-dev"]), .brew(["gsl"])]),
    .target(
      name: "Calibration",
      dependencies: [
        "Platform", "Quantities", "TensorTypes", "ModelIR", "HardwareModel", "CostModel",
        "RunImport", "CGSL",
      ], swiftSettings: fitSettings),
    .target(name: "CKernels", cSettings: kernelSettings),
    .target(
      name: "ReferenceExecutor",
      dependencies: [
        "Platform", "Quantities", "TensorTypes", "ModelIR", "MemoryPlanning", "CKernels",
      ],
      swiftSettings: strict),
    .target(
      name: "ModelExecution",
      dependencies: ["TensorTypes", "ModelIR", "ModelImport", "ReferenceExecutor"],
      swiftSettings: strict),
    .target(
      name: "Measurement", dependencies: ["Platform", "Quantities", "TensorTypes", "CKernels"],
      swiftSettings: strict),
    .target(
      name: "OperatorBenchmarks",
      dependencies: [
        "Platform", "Quantities", "TensorTypes", "ModelIR", "HardwareModel", "ReferenceExecutor",
        "Measurement",
      ], swiftSettings: strict),
    .target(
      name: "RunImport",
      dependencies: [
        "Platform", "Quantities", "TensorTypes", "ModelIR", "HardwareModel", "Measurement",
      ],
      swiftSettings: strict),
    .target(
      name: "Decision",
      dependencies: [
        "Quantities", "TensorTypes", "ModelIR", "HardwareModel", "CostModel", "Measurement",
      ],
      swiftSettings: strict),
    .target(name: "CDigest", cSettings: kernelSettings),
    .target(
      name: "Reporting",
      dependencies: [
        "Platform", "CDigest",
        "Quantities", "TensorTypes", "ModelIR", "HardwareModel", "CostModel", "Measurement",
        "Decision", "RunImport", "Calibration",
      ], swiftSettings: strict),
    .executableTarget(
      name: "boardfit",
      dependencies: [
        "Platform",
        "Quantities", "TensorTypes", "ModelIR", "ModelImport", "HardwareModel", "CostModel",
        "ReferenceExecutor", "ModelExecution", "Measurement", "RunImport", "OperatorBenchmarks",
        "Decision", "Calibration", "Reporting",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),
    .executableTarget(
      name: "modeller-benchmark",
      dependencies: [
        "Platform", "Quantities", "ModelIR", "ModelImport", "HardwareModel", "CostModel",
        "Decision",
      ], path: "Benchmarks/modeller", swiftSettings: strict),
    .target(
      name: "TestSupport",
      dependencies: [
        "Quantities", "TensorTypes", "ModelIR", "HardwareModel", "CostModel", "Decision",
        "ReferenceExecutor",
      ], swiftSettings: strict),
    .target(
      name: "CKernelChecks", dependencies: ["CKernels", "CDigest"], path: "Tests/CKernelsC",
      exclude: ["main.c"], cSettings: kernelSettings),
    .testTarget(
      name: "CKernelsTests", dependencies: ["CKernels", "CKernelChecks", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "MeasurementTests", dependencies: ["Quantities", "TensorTypes", "Measurement"],
      swiftSettings: strict),
    .testTarget(
      name: "OperatorBenchmarksTests",
      dependencies: [
        "Quantities", "TensorTypes", "ModelIR", "HardwareModel", "Measurement",
        "OperatorBenchmarks",
      ], swiftSettings: strict),
    .testTarget(name: "QuantitiesTests", dependencies: ["Quantities"], swiftSettings: strict),
    .testTarget(
      name: "ModelIRTests", dependencies: ["Quantities", "TensorTypes", "ModelIR", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "OperatorExampleTests",
      dependencies: ["Quantities", "TensorTypes", "ModelIR", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ModelImportTests",
      dependencies: [
        "Platform", "Quantities", "TensorTypes", "ModelIR", "ModelImport", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "HardwareModelTests",
      dependencies: ["Platform", "Quantities", "TensorTypes", "HardwareModel"],
      swiftSettings: strict),
    .testTarget(
      name: "CostModelTests",
      dependencies: [
        "Platform", "Quantities", "TensorTypes", "ModelIR", "ModelImport", "HardwareModel",
        "MemoryPlanning",
        "CostModel", "Decision", "TestSupport",
      ], swiftSettings: strict),
    .testTarget(
      name: "RunImportTests",
      dependencies: [
        "Quantities", "TensorTypes", "ModelIR", "ModelImport", "Measurement", "RunImport",
        "TestSupport",
      ], swiftSettings: strict),
    .testTarget(
      name: "CalibrationTests",
      dependencies: [
        "Platform", "Quantities", "TensorTypes", "ModelIR", "ModelImport", "HardwareModel",
        "CostModel",
        "RunImport", "Calibration", "TestSupport",
      ], swiftSettings: strict),
    .testTarget(
      name: "ReportingTests",
      dependencies: [
        "Quantities", "TensorTypes", "ModelIR", "HardwareModel", "CostModel", "Measurement",
        "Decision", "RunImport", "Reporting", "TestSupport",
      ], swiftSettings: strict),
    .testTarget(
      name: "CommandLineTests", dependencies: ["boardfit"], swiftSettings: strict),
    .testTarget(
      name: "ConformanceTests",
      dependencies: [
        "Platform", "Quantities", "TensorTypes", "ModelIR", "ModelImport", "HardwareModel",
        "CostModel",
        "Decision", "ReferenceExecutor", "ModelExecution", "TestSupport",
      ], swiftSettings: strict),
    .testTarget(
      name: "ModelExecutionTests",
      dependencies: [
        "Platform", "Quantities", "TensorTypes", "ModelIR", "ModelImport", "ReferenceExecutor",
        "ModelExecution", "TestSupport",
      ], swiftSettings: strict),
    .testTarget(
      name: "ReferenceExecutorTests",
      dependencies: [
        "Platform", "Quantities", "TensorTypes", "ModelIR", "ReferenceExecutor", "TestSupport",
      ],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
