import Calibration
import Foundation
import HardwareModel
import Quantities
import RunImport
import Testing

@Suite struct UnitClassTests {
  private static let priors = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("HardwareProfiles/priors").path
  private static let table = DeviceTraitsTests.table
  private static let anyNPU = PriorScope(.npu, isForAnyRuntime: true)

  private func run(_ device: String, _ runtime: String, accelerator: String = "") -> ImportedRun {
    ImportedRun(
      device: device, runtime: runtime, precision: "int8", threads: nil, accelerator: accelerator,
      model: "m", latency: Seconds(1), place: RunPlace(file: "t.csv", line: 2))
  }

  @Test(arguments: [
    ("Raspberry Pi 4", "TFLite v2.7.1 (ruy)", "", UnitClass.cpu),
    ("NVIDIA Jetson AGX Xavier", "ArmNN v22.05 (Neon)", "", .cpu),
    ("NVIDIA Jetson AGX Xavier", "ArmNN v22.05 (OpenCL)", "", .gpu),
    ("NVIDIA Jetson Nano", "PyTorch", "GPU", .gpu),
    ("Coral Dev Board Edge TPU", "libedgetpu C++", "", .npu),
    ("RK3588, RK3588 NPU single core", "RKNN v2.3.x", "", .npu),
    ("Samsung Galaxy S24", "tflite", "NPU", .npu),
    ("NDP9120, HiFi3 + M0, 30.7 MHz", "unstated", "Syntiant Core 2", .tinyNPU),
    ("NUCLEO-H7A3ZI-Q, 32-Bit ARM® Cortex®-M7, 280 MHz", "X-CUBE-AI v8.1.0", "", .mcu),
    // "Plumerai" holds "mera", which is a neural unit's compiler.
    ("DISCO-F746NG, ARM Cortex-M7 with FPU, 216 MHz", "Plumerai Inference Engine", "", .mcu),
  ])
  func theKindOfUnitIsReadFromWhatItsSourceSays(
    device: String, runtime: String, accelerator: String, kind: UnitClass
  ) {
    #expect(
      UnitClass(of: run(device, runtime, accelerator: accelerator), table: Self.table) == kind)
  }

  @Test func anAcceleratorsTraitsHoldItsPeakRate() {
    let traits = DeviceTraits(
      of: run("RK3588 NPU", "RKNN v2.3.x"), for: Self.anyNPU, table: Self.table)
    #expect(traits.peakRate == FLOPsPerSecond(2e12))
    #expect(traits.assumptions.isEmpty)
    let unknown = DeviceTraits(of: run("Some box", "Some NPU"), for: Self.anyNPU, table: Self.table)
    #expect(!unknown.assumptions.isEmpty)
  }

  /// An Edge TPU reads what it cannot hold from its host; the cores beside it, and other units, do not.
  @Test func someNeuralUnitsHoldSomeWeights() {
    func resident(_ device: String, _ runtime: String) -> Bytes? {
      run(device, runtime).residentWeights(Self.table)
    }
    #expect(resident("Coral Dev Board Edge TPU", "libedgetpu C++") == .kibibytes(7168))
    #expect(resident("Coral Dev Board CPU", "TFLite CPU") == nil)
    #expect(resident("RK3588 NPU", "RKNN v2.3.x") == nil)
  }

  /// Networks that an Edge TPU ran count there with what they stream.
  @Test func theBundledPriorOfNeuralUnitsKnowsStreamedWeights() throws {
    let file = try PriorFile(ProfileFile(kind: .prior, path: "\(Self.priors)/any-npu.yaml"))
    let index = try #require(file.prior.terms.firstIndex(of: .streamedWeights))
    #expect(file.provenance.families[index] > 0)
    #expect(file.prior.scales[index] > 0)
  }

  @Test func bundledPriorsAreForOneKindOfUnitEach() throws {
    for kind in UnitClass.allCases {
      let name = "any-\(kind.rawValue.replacing("_", with: "-")).yaml"
      let file = try PriorFile(ProfileFile(kind: .prior, path: "\(Self.priors)/\(name)"))
      #expect(file.provenance.unit == kind)
      #expect(file.provenance.isForAnyRuntime)
      #expect(file.prior.covariates == file.provenance.scope.covariates)
      #expect(file.prior.intervalFactors.allSatisfy { $0 > 0.5 && $0 < 10 })
    }
  }

  @Test func namesOfModelsAreReadWithEqualSpellingAndWithoutMarks() throws {
    let names = try ModelNames(
      ProfileFile(kind: .modelNames, path: "\(Self.priors)/models.yaml"))
    #expect(names.entry(of: "MobileNet v1")?.graph == "mobilenet_v1_1.0_224")
    #expect(names.entry(of: "TinyLLAMA-1.1B decode")?.parts.count == 1)
    #expect(names.entry(of: "a model of nobody") == nil)
    #expect(names.unmarked("mobilenet-v1-0.25-128-quantized") == "mobilenet_v1_0.25_128")
    #expect(throws: ProfileError.self) {
      try ModelNames(
        ProfileFile(
          kind: .modelNames, name: "m.yaml",
          text: "schema: 1\nmodels:\n  - { graph: a, names: [x] }\n  - { graph: b, names: [X] }\n"))
    }
  }
}
