public import HardwareModel
import Quantities
import TensorTypes

/// Boards and runtimes whose numbers are invented, but of the sizes that real ones have: a
/// single-board computer, a module with a GPU, one with an NPU behind USB, a microcontroller.
public enum SampleBoards {
  public static var catalog: Catalog {
    Catalog(boards: [computer, gpuModule, accelerated, microcontroller], runtimes: runtimes)
  }

  /// The catalog with each board `count` times under different names and prices; units differ in
  /// name, for a unit that two boards share counts once.
  public static func catalog(copies count: Int) -> Catalog {
    let boards = (0..<count).flatMap { copy in
      catalog.boards.map { board in
        Board(
          id: "\(board.id)-\(copy)", name: "\(board.name) rev \(copy)",
          price: board.price.map {
            Sourced($0.value + USDollars(Double(copy)), basis: $0.basis, source: $0.source)
          },
          memories: board.memories, units: board.units.map { revision(copy, of: $0) },
          links: board.links, powerModes: board.powerModes)
      }
    }
    return Catalog(boards: boards, runtimes: runtimes)
  }

  private static func revision(_ copy: Int, of unit: ComputeUnit) -> ComputeUnit {
    ComputeUnit(
      id: unit.id, name: "\(unit.name) r\(copy)", kind: unit.kind, clusters: unit.clusters,
      levels: unit.levels, tile: unit.tile, residentWeights: unit.residentWeights,
      memory: unit.memory, link: unit.link, runtimes: unit.runtimes)
  }

  // MARK: Boards

  public static let computer = Board(
    id: "sample-computer", name: "Sample Computer 5", price: datasheet(USDollars(80)),
    memories: [dram("8 GiB", "17.1 GB/s", "8 GB/s")],
    units: [cpu("cpu", "4× Cortex-A76", .cpuOutOfOrder, rate: 38.4e9, runtime: "sample-lite")],
    links: [], powerModes: [mode("default", watts: 9)])

  public static let gpuModule = Board(
    id: "sample-gpu", name: "Sample Orin Module", price: datasheet(USDollars(249)),
    memories: [dram("8 GiB", "68 GB/s", "17 GB/s")],
    units: [
      cpu("cpu", "6× Cortex-A78AE", .cpuOutOfOrder, rate: 24e9, runtime: "sample-lite"),
      unit(
        "gpu", "1024-core GPU", .gpu,
        rates: [.float32: 1.28e12, .float16: 2.56e12, .int8: 20e12], memory: "dram",
        cache: Bytes(2 << 20), runtime: "sample-rt"),
    ],
    links: [], powerModes: [mode("15w", watts: 15), mode("7w", watts: 7, scale: 0.5)])

  public static let accelerated = Board(
    id: "sample-npu", name: "Sample Edge Stick", price: datasheet(USDollars(60)),
    memories: [dram("1 GiB", "6.4 GB/s", "3.2 GB/s"), deviceMemory],
    units: [
      cpu("cpu", "4× Cortex-A53", .cpuInOrder, rate: 6e9, runtime: "sample-lite"),
      unit(
        "npu", "Systolic NPU", .npu, rates: [.int8: 4e12], memory: "on-chip", link: "usb3",
        resident: Bytes(8_000_000), runtime: "sample-delegate"),
    ],
    links: [
      Link(
        id: "usb3", name: "USB 3.0", bandwidth: derived(BytesPerSecond(320e6)),
        latency: estimated(Seconds(240e-6)))
    ], powerModes: [mode("default", watts: nil)])

  public static let microcontroller = Board(
    id: "sample-mcu", name: "Sample M7 Discovery", price: nil,
    memories: [
      memory("sram", .sram, [.activations], "512 KiB", "1.6 GB/s", reserved: Bytes(32 << 10)),
      memory("flash", .flash, [.weights], "2 MiB", "200 MB/s", reserved: Bytes(64 << 10)),
    ],
    units: [cpu("core", "Cortex-M7", .mcu, rate: 0.48e9, count: 1, runtime: "sample-micro")],
    links: [], powerModes: [mode("480mhz", watts: 0.5)])

  private static let deviceMemory = memory(
    "on-chip", .device, [.weights, .activations], "64 MiB", "20 GB/s", reserved: nil)

  // MARK: Parts

  static func datasheet<Value>(_ value: Value) -> Sourced<Value> {
    Sourced(value, basis: .datasheet, source: "invented for this sample, like a product brief")
  }
  static func derived<Value>(_ value: Value) -> Sourced<Value> {
    Sourced(value, basis: .derived, source: "invented: 5 Gbit/s after line coding and framing")
  }
  static func estimated<Value>(_ value: Value) -> Sourced<Value> {
    Sourced(value, basis: .estimated, source: "invented: taken from a similar part")
  }

  private static func dram(_ capacity: String, _ all: String, _ one: String) -> Memory {
    Memory(
      id: "dram", kind: .dram, holds: [.weights, .activations],
      capacity: datasheet(bytes(capacity)), reserved: estimated(Bytes(600 << 20)),
      bandwidth: datasheet(rate(all)), singleCoreBandwidth: estimated(rate(one)))
  }

  private static func memory(
    _ id: String, _ kind: Memory.Kind, _ holds: Set<Memory.Holds>, _ capacity: String,
    _ bandwidth: String, reserved: Bytes?
  ) -> Memory {
    Memory(
      id: id, kind: kind, holds: holds, capacity: datasheet(bytes(capacity)),
      reserved: reserved.map { estimated($0) }, bandwidth: datasheet(rate(bandwidth)),
      singleCoreBandwidth: nil)
  }

  private static func cpu(
    _ id: String, _ name: String, _ kind: UnitKind, rate: Double, count: Int = 4, runtime: String
  ) -> ComputeUnit {
    let memory = kind == .mcu ? "sram" : "dram"
    return unit(
      id, name, kind, rates: [.float32: rate, .int8: 4 * rate], count: count, memory: memory,
      cache: kind == .mcu ? Bytes(16 << 10) : Bytes(2 << 20), runtime: runtime)
  }

  private static func unit(
    _ id: String, _ name: String, _ kind: UnitKind, rates: [DType: Double], count: Int = 1,
    memory: Memory.ID, cache: Bytes? = nil, link: Link.ID? = nil, resident: Bytes? = nil,
    runtime: String
  ) -> ComputeUnit {
    ComputeUnit(
      id: id, name: name, kind: kind,
      clusters: [
        CoreCluster(
          name: name, count: count, clock: nil,
          peakRates: rates.mapValues { derived(FLOPsPerSecond($0)) })
      ],
      levels: cache.map {
        [
          MemoryLevel(
            id: "l2", scope: .shared, capacity: datasheet($0),
            bandwidth: estimated(BytesPerSecond(kind == .mcu ? 3e9 : 60e9)))
        ]
      } ?? [],
      tile: kind == .npu ? estimated(TileShape(m: 1, n: 16, k: 16)) : nil,
      residentWeights: resident.map { datasheet($0) }, memory: memory, link: link,
      runtimes: [runtime])
  }

  private static func mode(_ id: String, watts: Double?, scale: Double? = nil) -> PowerMode {
    PowerMode(
      id: id, power: watts.map { datasheet(Watts($0)) },
      units: scale.map {
        ["gpu": .init(clockScale: estimated($0), cores: nil)]
      } ?? [:], memoryScale: nil)
  }

  private static func bytes(_ text: String) -> Bytes { (try? Bytes(parsing: text)) ?? .zero }
  private static func rate(_ text: String) -> BytesPerSecond {
    (try? BytesPerSecond(parsing: text)) ?? .zero
  }
}
