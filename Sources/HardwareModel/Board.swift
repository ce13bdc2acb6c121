public import Quantities
public import TensorTypes

/// What the silicon is: compute units, memories, links, power modes, price. One YAML file under
/// `HardwareProfiles/boards`. It knows no runtime's efficiency and no model.
public struct Board: Sendable, Hashable, Identifiable {
  /// The file's name without its extension: `raspberry-pi-5`.
  public let id: String
  public let name: String
  /// The board that this one adds to: a host under an accelerator; `nil` for most.
  public let extends: Board.ID?
  /// Price of the board with everything the profile describes; `nil` when unknown.
  public let price: Sourced<USDollars>?
  /// Memory that a model may live in, in the order in which a runtime fills it.
  public let memories: [Memory]
  /// Compute units; the first is the host, which runs what others cannot.
  public let units: [ComputeUnit]
  public let links: [Link]
  /// At least one; the first is the default.
  public let powerModes: [PowerMode]

  public init(
    id: String, name: String, extends: Board.ID? = nil, price: Sourced<USDollars>?,
    memories: [Memory], units: [ComputeUnit], links: [Link], powerModes: [PowerMode]
  ) {
    self.id = id
    self.name = name
    self.extends = extends
    self.price = price
    self.memories = memories
    self.units = units
    self.links = links
    self.powerModes = powerModes
  }

  public func unit(_ id: ComputeUnit.ID) -> ComputeUnit? { units.first { $0.id == id } }
  public func memory(_ id: Memory.ID) -> Memory? { memories.first { $0.id == id } }
  public func link(_ id: Link.ID) -> Link? { links.first { $0.id == id } }
}

/// A store of the board: DRAM, SRAM, flash.
public struct Memory: Sendable, Hashable, Identifiable {
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    case dram, sram, psram, flash
    /// Memory on an accelerator that the host cannot use.
    case device
  }
  public enum Holds: String, Sendable, Hashable, Codable, CaseIterable {
    case weights, activations
  }
  public let id: String
  public let kind: Kind
  /// What a runtime may place here.
  public let holds: Set<Holds>
  public let capacity: Sourced<Bytes>
  /// What the operating system, the display and other programs keep; `nil` is unknown.
  public let reserved: Sourced<Bytes>?
  /// Sequential read bandwidth with all cores of the fastest unit at work.
  public let bandwidth: Sourced<BytesPerSecond>
  /// What one core alone reaches; `nil` when unknown.
  public let singleCoreBandwidth: Sourced<BytesPerSecond>?

  public init(
    id: String, kind: Kind, holds: Set<Holds>, capacity: Sourced<Bytes>,
    reserved: Sourced<Bytes>?, bandwidth: Sourced<BytesPerSecond>,
    singleCoreBandwidth: Sourced<BytesPerSecond>?
  ) {
    self.id = id
    self.kind = kind
    self.holds = holds
    self.capacity = capacity
    self.reserved = reserved
    self.bandwidth = bandwidth
    self.singleCoreBandwidth = singleCoreBandwidth
  }
}

/// The kinds of compute unit whose kernels behave alike; the key of a runtime's section.
public enum UnitKind: String, Sendable, Hashable, Codable, CaseIterable {
  /// A microcontroller core without an operating system.
  case mcu
  case cpuInOrder = "cpu_in_order"
  case cpuOutOfOrder = "cpu_out_of_order"
  case gpu
  case npu

  /// Whether a run asks for a number of its cores.
  public var hasThreads: Bool {
    switch self {
    case .mcu, .cpuInOrder, .cpuOutOfOrder: true
    case .gpu, .npu: false
    }
  }
}

/// A part of the board that runs kernels.
public struct ComputeUnit: Sendable, Hashable, Identifiable {
  public let id: String
  public let name: String
  public let kind: UnitKind
  /// Groups of equal cores, fastest first; a GPU or NPU is one cluster of one core.
  public let clusters: [CoreCluster]
  /// Caches and scratchpads, innermost first; the board's memories lie behind them.
  public let levels: [MemoryLevel]
  /// The rows, columns and depth that the arithmetic array computes at once; `nil` when unknown.
  public let tile: Sourced<TileShape>?
  /// On-chip store for weights that stay between runs; `nil` when the unit has none of its own.
  public let residentWeights: Sourced<Bytes>?
  /// The memory behind the caches.
  public let memory: Memory.ID
  /// The link by which the host hands tensors over; `nil` when memory is shared.
  public let link: Link.ID?
  /// The runtimes that drive it, preferred first.
  public let runtimes: [Runtime.ID]

  public init(
    id: String, name: String, kind: UnitKind, clusters: [CoreCluster], levels: [MemoryLevel],
    tile: Sourced<TileShape>?, residentWeights: Sourced<Bytes>?, memory: Memory.ID, link: Link.ID?,
    runtimes: [Runtime.ID]
  ) {
    self.id = id
    self.name = name
    self.kind = kind
    self.clusters = clusters
    self.levels = levels
    self.tile = tile
    self.residentWeights = residentWeights
    self.memory = memory
    self.link = link
    self.runtimes = runtimes
  }

  public var coreCount: Int { clusters.reduce(0) { $0 + $1.count } }
}

/// Equal cores at one clock.
public struct CoreCluster: Sendable, Hashable {
  public let name: String
  public let count: Int
  public let clock: Sourced<Hertz>?
  /// Peak arithmetic rate of **one** core by the dtype it multiplies; an absent dtype has no fast
  /// path, and integer rates count a multiply-accumulate as two operations.
  public let peakRates: [DType: Sourced<FLOPsPerSecond>]
  public init(
    name: String, count: Int, clock: Sourced<Hertz>?,
    peakRates: [DType: Sourced<FLOPsPerSecond>]
  ) {
    self.name = name
    self.count = count
    self.clock = clock
    self.peakRates = peakRates
  }
}

/// A cache or scratchpad of one unit.
public struct MemoryLevel: Sendable, Hashable, Identifiable {
  public enum Scope: String, Sendable, Hashable, Codable, CaseIterable {
    case perCore = "per_core"
    case shared
  }
  public let id: String
  public let scope: Scope
  public let capacity: Sourced<Bytes>
  /// Per core where the scope is per core; `nil` when unknown.
  public let bandwidth: Sourced<BytesPerSecond>?
  /// What one core draws of a shared level by itself; `nil` when unknown, or where each has its own.
  public let singleCoreBandwidth: Sourced<BytesPerSecond>?
  public init(
    id: String, scope: Scope, capacity: Sourced<Bytes>, bandwidth: Sourced<BytesPerSecond>?,
    singleCoreBandwidth: Sourced<BytesPerSecond>? = nil
  ) {
    self.id = id
    self.scope = scope
    self.capacity = capacity
    self.bandwidth = bandwidth
    self.singleCoreBandwidth = singleCoreBandwidth
  }
}

/// The block of a matrix product that a unit computes at once; sizes are rounded up to it.
public struct TileShape: Sendable, Hashable {
  public let m: Int
  public let n: Int
  public let k: Int
  public init(m: Int, n: Int, k: Int) {
    self.m = m
    self.n = n
    self.k = k
  }
}

/// How the host hands a tensor to an accelerator.
public struct Link: Sendable, Hashable, Identifiable {
  public let id: String
  public let name: String
  /// Per direction, after line coding.
  public let bandwidth: Sourced<BytesPerSecond>
  /// Fixed time of one hand-over, software included.
  public let latency: Sourced<Seconds>
  public init(
    id: String, name: String, bandwidth: Sourced<BytesPerSecond>, latency: Sourced<Seconds>
  ) {
    self.id = id
    self.name = name
    self.bandwidth = bandwidth
    self.latency = latency
  }
}

/// A setting of clocks and cores, and the power it is meant to draw.
public struct PowerMode: Sendable, Hashable, Identifiable {
  public let id: String
  /// Power under inference load in this mode; `nil` when unknown.
  public let power: Sourced<Watts>?
  /// What a unit has in this mode; a unit that is not named runs as described.
  public let units: [ComputeUnit.ID: UnitSetting]
  /// Memory bandwidth as a share of the described one.
  public let memoryScale: Sourced<Double>?

  public struct UnitSetting: Sendable, Hashable {
    /// Clock as a share of the described clock.
    public let clockScale: Sourced<Double>
    /// Cores online; `nil` is all.
    public let cores: Int?
    public init(clockScale: Sourced<Double>, cores: Int?) {
      self.clockScale = clockScale
      self.cores = cores
    }
  }

  public init(
    id: String, power: Sourced<Watts>?, units: [ComputeUnit.ID: UnitSetting],
    memoryScale: Sourced<Double>?
  ) {
    self.id = id
    self.power = power
    self.units = units
    self.memoryScale = memoryScale
  }
}
