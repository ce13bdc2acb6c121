import Foundation
import HardwareModel
import Quantities
import TestSupport
import Testing

@testable import Calibration

@Suite struct DeviceTraitsTests {
  static let table: CoreTable = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let path = root.appendingPathComponent("HardwareProfiles/priors/cores.yaml").path
    do {
      return try CoreTable(ProfileFile(kind: .coreTable, path: path))
    } catch {
      Issue.record("\(error)")
      return CoreTable(cores: [], chips: [])
    }
  }()

  struct Case: Sendable, CustomTestStringConvertible {
    var text: String
    var threads: Int?
    var coreSet: CoreSet = .all
    var core: String?
    var clock: Double
    var testDescription: String { "\(text), \(coreSet)" }
  }

  /// Names as tables and people write them; the clock in GHz.
  static let cases: [Case] = [
    .init(text: "Cortex-A53 @ 2.0GHz x 4", threads: 4, core: "Cortex-A53", clock: 2.0),
    .init(
      text: "Rockchip RK3399 (Cortex-A72 1.8GHz x 2 + Cortex-A53 1.5GHz x 4)", threads: 2,
      coreSet: .big, core: "Cortex-A72", clock: 1.8),
    .init(
      text: "Rockchip RK3399 (Cortex-A72 1.8GHz x 2 + Cortex-A53 1.5GHz x 4)", threads: 4,
      coreSet: .little, core: "Cortex-A53", clock: 1.5),
    .init(
      text: "OrangePi5, Rockchip RK3588s (Quad Core A76 2.4GHz + Quad Core A55 1.8GHz)",
      threads: 4, core: "Cortex-A76", clock: 2.4),
    // Boards without cores or clock in the name.
    .init(text: "Raspberry Pi 5", threads: 4, core: "Cortex-A76", clock: 2.4),
    .init(text: "Raspberry Pi 4 Model B", threads: 1, core: "Cortex-A72", clock: 1.8),
    .init(text: "Raspberry Pi 4 @ 1.5 GHz", threads: 4, core: "Cortex-A72", clock: 1.5),
    .init(text: "NVIDIA Jetson Orin Nano", threads: 6, core: "Cortex-A78AE", clock: 1.5),
    .init(text: "NXP i.MX 8M Plus EVK", threads: 4, core: "Cortex-A53", clock: 1.8),
    // One core reaches the top of a range, all of them its middle.
    .init(
      text: "AMD Ryzen 5700g (Zen3 3.8 GHz ~ 4.6 GHz x 8)", threads: 1, core: "Zen3", clock: 4.6),
    .init(
      text: "AMD Ryzen 5700g (Zen3 3.8 GHz ~ 4.6 GHz x 8)", threads: 8, core: "Zen3", clock: 4.2),
    // Words that only look like others.
    .init(
      text: "AMD Ryzen Embedded V1605B (Zen 2.0 GHz ~ 3.6 GHz x 4 + Radeon Vega 8 1.1GHz 8CU)",
      threads: 4, core: "Zen", clock: 2.8),
    .init(
      text: "Banana Pi M2 Zero 2 AllWinner H2+, Cortex-A7 (ARMv7-A) (1.2GHz x 4)", threads: 4,
      core: "Cortex-A7", clock: 1.2),
    .init(
      text: "MacBook Pro (13-inch, M1, 2020)", threads: 1, core: "Apple-Firestorm", clock: 3.2),
    .init(
      text: "Snapdragon 765G (Kyro 1.8GHz x 6 + Kyro 2.2GHz x 2 + Adreno 620)", threads: 2,
      core: "Cortex-A76", clock: 2.2),
  ]

  @Test(arguments: cases)
  func readsDescriptions(_ made: Case) {
    let traits = DeviceTraits(
      description: made.text, threads: made.threads, coreSet: made.coreSet, table: Self.table)
    #expect(traits.core == made.core)
    #expect(abs(traits.clock.rawValue / 1e9 - made.clock) < 0.001, "\(traits.clock)")
    #expect(traits.assumptions.isEmpty, "\(traits.assumptions)")
  }

  @Test(arguments: [
    "", "a device", "Intel something", "RISC-V board 1.2 GHz", "()()++&&", "x x x 4",
  ])
  func whatIsUnknownIsAssumedAndSaid(_ text: String) {
    let traits = DeviceTraits(description: text, threads: nil, table: Self.table)
    #expect(traits.core == nil)
    #expect(!traits.assumptions.isEmpty)
    #expect(traits.clock > .zero && traits.macsPerCycle > 0 && traits.threads > 0)
  }

  @Test func anUnknownClockIsSaid() {
    let traits = DeviceTraits(description: "some Cortex-A55 board", threads: 4, table: Self.table)
    #expect(traits.core == "Cortex-A55")
    #expect(!traits.assumptions.isEmpty)
  }

  /// A chip's memory stands in the table; cores of no known chip have what is usual beside them; of x86
  /// it hardly matters. In GB/s.
  @Test(arguments: [
    ("Raspberry Pi 4 Model B Broadcom BCM2711B0, Cortex-A72 (ARMv8) (1.8GHz x 4)", 12.8),
    ("some Cortex-A55 board at 2 GHz", 12.8), ("some Cortex-A76 board at 2 GHz", 25.6),
    ("some Cortex-A7 board at 1 GHz", 6.4), ("a device", 25.6), ("Intel something", nil),
    ("AMD box (Zen2 3.7 GHz)", nil),
  ])
  func memoryIsThatOfTheChip(_ text: String, _ memory: Double?) {
    let traits = DeviceTraits(description: text, threads: 1, table: Self.table)
    #expect(traits.memoryBandwidth.map { ($0.rawValue / 1e8).rounded() / 10 } == memory)
  }

  /// 10 GB/s are a quarter of what no longer limits: `ln 4`.
  @Test func narrowMemoryCountsByItsLogarithm() {
    var traits = DeviceTraits(description: "AMD box (Zen2 3.7 GHz)", threads: 1, table: Self.table)
    #expect(Covariate.narrowMemory.value(of: traits) == 0)
    traits.memoryBandwidth = BytesPerSecond(10e9)
    #expect(abs(Covariate.narrowMemory.value(of: traits) - 1.3862943611) < 1e-9)
    traits.memoryBandwidth = BytesPerSecond(100e9)
    #expect(Covariate.narrowMemory.value(of: traits) == 0)
  }

  /// A board's own figure serves where its name means no chip of the table.
  @Test func aBoardsMemoryIsThatOfItsActivations() throws {
    let board = SampleBoards.computer
    let traits = DeviceTraits(
      board: board, unit: try #require(board.units.first),
      powerMode: try #require(board.powerModes.first), threads: 4, table: Self.table)
    let memory = try #require(board.memories.first { $0.holds.contains(.activations) })
    #expect(traits.memoryBandwidth == memory.bandwidth.value)
    #expect(board.memories.filter { $0.holds.contains(.activations) }.count == 1)
  }

  @Test func everyClusterNamesACore() {
    #expect(Self.table.cores.count > 90)
    #expect(Self.table.chips.count > 150)
    for chip in Self.table.chips {
      for cluster in chip.clusters { #expect(Self.table.core(cluster.core) != nil) }
    }
  }
}
