public import Quantities

/// Processor cores, and the chips and boards that hold them: what a device's name alone says about
/// its speed. One YAML file, `HardwareProfiles/priors/cores.yaml`.
public struct CoreTable: Sendable, Hashable {
  public let cores: [CoreType]
  public let chips: [ChipType]
  public let accelerators: [AcceleratorType]
  public init(cores: [CoreType], chips: [ChipType], accelerators: [AcceleratorType] = []) {
    self.cores = cores
    self.chips = chips
    self.accelerators = accelerators
  }

  public func core(_ name: String) -> CoreType? { cores.first { $0.name == name } }
}

/// A kind of processor core.
public struct CoreType: Sendable, Hashable {
  /// Whether a core starts instructions in another order than they are written in.
  public enum Order: String, Sendable, Hashable, Codable, CaseIterable {
    case inOrder = "in_order"
    /// A short window, or in-order issue beside units that run ahead.
    case partial
    case outOfOrder = "out_of_order"
    /// 0, ½ or 1: a covariate.
    public var degree: Double {
      switch self {
      case .inOrder: 0
      case .partial: 0.5
      case .outOfOrder: 1
      }
    }
  }

  /// Instruction sets for which runtimes have kernels of their own, or none.
  public enum Architecture: String, Sendable, Hashable, Codable, CaseIterable {
    case armv7, armv8, x86, riscv, loongarch, mips, sw64, power
    /// Cores of microcontrollers: Cortex-M, 32-bit RISC-V, Xtensa, RH850.
    case armM = "arm_m", riscv32, xtensa, rh850

    /// Whether kernels for microcontrollers serve it, which know neither threads nor an operating system.
    public var isMicrocontroller: Bool {
      switch self {
      case .armM, .riscv32, .xtensa, .rh850: true
      case .armv7, .armv8, .x86, .riscv, .loongarch, .mips, .sw64, .power: false
      }
    }
  }

  public let name: String
  /// Other names by which devices are described.
  public let names: [String]
  /// Multiply-accumulates of float32 a cycle with the widest vectors that runtimes use; of int8 on
  /// microcontrollers.
  public let macsPerCycle: Double
  /// Whether its vectors do arithmetic in float16.
  public let hasFloat16: Bool
  public let order: Order
  public let architecture: Architecture
  public let source: String

  public init(
    name: String, names: [String], macsPerCycle: Double, hasFloat16: Bool, order: Order,
    architecture: Architecture, source: String
  ) {
    self.name = name
    self.names = names
    self.macsPerCycle = macsPerCycle
    self.hasFloat16 = hasFloat16
    self.order = order
    self.architecture = architecture
    self.source = source
  }
}

/// A chip or board by its names, with its cores.
public struct ChipType: Sendable, Hashable {
  public struct Cluster: Sendable, Hashable {
    /// The name of a ``CoreType``.
    public let core: String
    public let count: Int
    /// With all cores at work.
    public let clock: Hertz
    /// Of one core alone, where it is higher.
    public let boost: Hertz?
    public init(core: String, count: Int, clock: Hertz, boost: Hertz? = nil) {
      self.core = core
      self.count = count
      self.clock = clock
      self.boost = boost
    }
  }

  /// Words that a device's name has when it means this chip; ` & ` stands between words that need
  /// not be neighbours.
  public let names: [String]
  /// Fastest first.
  public let clusters: [Cluster]
  /// Peak rate of the memory bus as boards usually have it; `nil` is unknown.
  public let memory: BytesPerSecond?
  public let source: String
  public init(
    names: [String], clusters: [Cluster], memory: BytesPerSecond? = nil, source: String
  ) {
    self.names = names
    self.clusters = clusters
    self.memory = memory
    self.source = source
  }
}
