import Foundation
import HardwareModel
import Quantities
import RunImport
import TensorTypes
import Testing

@testable import Calibration

/// What is known of a graphics unit before any run of it.
@Suite struct GraphicsTraitsTests {
  private static let table = DeviceTraitsTests.table
  private static let profiles = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("HardwareProfiles")

  private func traits(
    _ device: String, driver: String, isForAnyRuntime: Bool = false
  ) -> DeviceTraits {
    DeviceTraits(
      of: ImportedRun(
        device: device, runtime: "ncnn-vulkan", precision: "fp16", threads: 4, accelerator: driver,
        model: "m", latency: Seconds(1), place: RunPlace(file: "t.csv", line: 2)),
      for: PriorScope(.gpu, isForAnyRuntime: isForAnyRuntime), table: Self.table)
  }

  @Test func `a known unit has maker, design and rate, whatever threads feed it`() {
    let known = traits("Rockchip RK3588 (Cortex-A76 2.4GHz x 4)", driver: "Mali-G610")
    #expect(known.graphics == GraphicsTraits(vendor: .mali, isDiscrete: false))
    #expect(known.core == "Mali")
    #expect(known.peakRate == FLOPsPerSecond(512e9))
    #expect(known.threads == 1)
    #expect(known.assumptions.isEmpty)
    #expect(known.doubt == 0)
  }

  @Test func `an unknown unit is assumed, said and doubted`() {
    let unknown = traits("Some box", driver: "Some driver (TM) 9")
    #expect(unknown.graphics == GraphicsTraits(vendor: nil, isDiscrete: false))
    #expect(unknown.core == nil)
    #expect(unknown.assumptions.count == 1)
    #expect(unknown.doubt >= DeviceTraits.unknownGraphicsVariance)
  }

  @Test func `the driver's name comes before what else the device holds`() {
    let device = "MacBook Pro (15-inch, 2019) && Radeon Pro 555X 4GB && Intel UHD Graphics 630"
    #expect(traits(device, driver: "AMD Radeon Pro 555X").graphics?.vendor == .amd)
    #expect(traits(device, driver: "AMD Radeon Pro 555X").graphics?.isDiscrete == true)
    #expect(traits(device, driver: "Intel(R) UHD Graphics 630").graphics?.vendor == .intel)
    #expect(traits(device, driver: "Intel(R) UHD Graphics 630").graphics?.isDiscrete == false)
  }

  @Test func `a driver that names a design alone is told apart by the device`() {
    let small = traits("Rockchip RK3566 board", driver: "Mali-G52")
    let large = traits("Khadas VIM3, Amlogic A311D", driver: "Mali-G52")
    #expect(small.core == large.core)
    #expect(large.peakRate > small.peakRate)
  }

  /// Programs for Vulkan do not use the arrays for products of matrices, whose rate makers state.
  @Test func `a prior of one runtime reads the rate in float32, one of any the stated peak`() {
    let driver = "NVIDIA Tegra Xavier (nvgpu)"
    let own = traits("NVIDIA Jetson AGX Xavier", driver: driver)
    let any = traits("NVIDIA Jetson AGX Xavier", driver: driver, isForAnyRuntime: true)
    #expect(own.peakRate == FLOPsPerSecond(1.41e12))
    #expect(any.peakRate == FLOPsPerSecond(11e12))
    #expect(any.graphics == nil)
  }

  @Test func `a board's unit has the profile's rate and the table's maker and design`() throws {
    let catalog = try Catalog.load(from: Self.profiles.path)
    for (id, vendor) in [("orange-pi-5", "mali"), ("intel-n100", "intel")] {
      let board = try #require(catalog.boards.first { $0.id == id })
      let unit = try #require(board.units.first { $0.kind == .gpu })
      let traits = DeviceTraits(
        board: board, unit: unit, powerMode: try #require(board.powerModes.first), threads: 1,
        table: Self.table)
      #expect(traits.graphics?.vendor?.rawValue == vendor)
      #expect(traits.core != nil)
      #expect(traits.assumptions.isEmpty, "\(traits.assumptions)")
      #expect(traits.peakRate == unit.clusters.first?.peakRates[.float32]?.value)
    }
  }

  @Test func `covariates of a graphics unit are its rate, its memory and its maker`() {
    let card = traits("a desktop", driver: "NVIDIA GeForce RTX 3060 Ti")
    #expect(Covariate.discrete.value(of: card) == 1)
    #expect(Covariate.nvidia.value(of: card) == 1)
    #expect(abs(Covariate.vectors.value(of: card) + log(16.2e12 / 2e9)) < 1e-9)
    #expect(Covariate.nvidia.value(of: SampleRuns.traits) == 0)
  }

  /// The same design is most alike, then the same maker; other makers' units are not.
  @Test func `units of one design are more alike than units of one maker`() {
    let similarity = Similarity()
    func alike(_ mine: DeviceTraits, _ other: DeviceTraits) -> Double {
      similarity.covariance(mine, other, sameDevice: false)
    }
    let mine = traits("a", driver: "NVIDIA GeForce RTX 3060 Ti")
    let design = traits("b", driver: "GeForce RTX 3080")
    let vendor = traits("c", driver: "GeForce RTX 2080")
    let chip = traits("d", driver: "NVIDIA Tegra X1 (nvgpu)")
    let stranger = traits("e", driver: "Mali-G610")
    #expect(alike(mine, design) > alike(mine, vendor))
    #expect(alike(mine, vendor) > alike(mine, chip))
    #expect(alike(mine, chip) > alike(mine, stranger))
    #expect(alike(mine, stranger) == 0)
  }

  @Test
  func `the bundled prior of graphics units has rates for floats and for starting convolutions`()
    throws
  {
    let path = Self.profiles.appendingPathComponent("priors/ncnn-gpu.yaml").path
    let file = try PriorFile(ProfileFile(kind: .prior, path: path))
    #expect(file.provenance.names == ["ncnn-vulkan"])
    #expect(file.prior.covariates == PriorScope(.gpu).covariates)
    #expect(file.prior.terms.contains(.convolutionDispatch))
    #expect(!file.prior.servesInt8)
    #expect(file.prior.members.allSatisfy { $0.traits.graphics != nil })
    #expect(file.prior.intervalFactors.allSatisfy { $0 > 0.5 && $0 < 10 })
    let again = try PriorFile(ProfileFile(kind: .prior, name: "again.yaml", text: file.text))
    #expect(again.prior.members.map(\.traits) == file.prior.members.map(\.traits))
  }
}
