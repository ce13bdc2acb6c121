public import HardwareModel
import Platform
public import Quantities
import TensorTypes

/// What one knows of the cores or the unit at work before any run: the covariates of a prior.
public struct DeviceTraits: Sendable, Hashable {
  /// The kind of core by its name in the ``CoreTable``; `nil` when the device is not known.
  public var core: String?
  /// `nil` when unknown.
  public var architecture: CoreType.Architecture?
  public var clock: Hertz
  /// Multiply-accumulates of float32 that one core finishes in a cycle.
  public var macsPerCycle: Double
  public var hasFloat16: Bool
  public var order: CoreType.Order
  /// Cores asked to work.
  public var threads: Int
  /// Peak rate of the memory behind them; `nil` where it hardly limits them, or nobody knows.
  public var memoryBandwidth: BytesPerSecond?
  /// On a graphics unit, whose design stands in ``core``; `nil` on others.
  public var graphics: GraphicsTraits?
  /// What was taken for granted, in sentences; empty when everything was stated.
  public var assumptions: [String]

  public init(
    core: String?, architecture: CoreType.Architecture?, clock: Hertz, macsPerCycle: Double,
    hasFloat16: Bool, order: CoreType.Order, threads: Int, assumptions: [String] = []
  ) {
    self.core = core
    self.architecture = architecture
    self.clock = clock
    self.macsPerCycle = macsPerCycle
    self.hasFloat16 = hasFloat16
    self.order = order
    self.threads = threads
    self.assumptions = assumptions
  }

  /// Arithmetic that all threads could do: `threads · clock · 2 · multiply-accumulates a cycle`.
  public var peakRate: FLOPsPerSecond {
    FLOPsPerSecond(Double(threads) * clock.rawValue * 2 * macsPerCycle)
  }

  /// Variance of the logarithm of every rate that comes from not knowing the device.
  var doubt: Double {
    let unknown = graphics == nil ? Self.unknownCoreVariance : Self.unknownGraphicsVariance
    return (core == nil ? unknown : 0)
      + (assumptions.isEmpty ? 0 : Self.assumedClockVariance)
  }
  /// A core that nobody named may be two times faster or slower than the one assumed.
  static let unknownCoreVariance = 0.5
  /// Graphics units span a factor of a thousand: one that nobody named may be four times faster or
  /// slower than the one assumed.
  static let unknownGraphicsVariance = 2.0
  /// A clock that nobody stated is known to a quarter or so.
  static let assumedClockVariance = 0.06
}

/// A covariate of a prior: what a log rate depends on linearly.
public enum Covariate: String, Sendable, Hashable, CaseIterable {
  case intercept
  /// `−ln(clock in GHz)`.
  case clock
  /// `−ln(multiply-accumulates a cycle)`.
  case vectors
  /// `log₂ threads`.
  case threads
  /// 1 where vectors do arithmetic in float16.
  case float16
  /// ``CoreType/Order/degree``.
  case order
  /// `max(0, log₂ threads − 3)`: what more than eight threads cost or fail to bring.
  case manyThreads = "many_threads"
  /// `max(0, ln(40 GB/s) − ln(memory bandwidth))`: below that, memory limits even the few cores of an
  /// embedded chip.
  case narrowMemory = "narrow_memory"
  /// 1 for a graphics unit with memory of its own.
  case discrete
  /// 1 for NVIDIA's graphics units.
  case nvidia

  /// Bytes a second; chosen by cross-validation over the devices of the ncnn benchmark table.
  private static let wideMemory = 40e9

  func value(of traits: DeviceTraits) -> Double {
    let threads = log2(Double(max(1, traits.threads)))
    return switch self {
    case .intercept: 1
    case .clock: -log(traits.clock.rawValue / 1e9)
    case .vectors: -log(traits.macsPerCycle)
    case .threads: threads
    case .float16: traits.hasFloat16 ? 1 : 0
    case .order: traits.order.degree
    case .manyThreads: max(0, threads - 3)
    case .narrowMemory:
      traits.memoryBandwidth.map { max(0, log(Self.wideMemory / $0.rawValue)) } ?? 0
    case .discrete: traits.graphics?.isDiscrete == true ? 1 : 0
    case .nvidia: traits.graphics?.vendor == .nvidia ? 1 : 0
    }
  }
}

extension DeviceTraits {
  /// The cores or the graphics unit of a described board that a deployment uses.
  public init(
    board: Board, unit: ComputeUnit, powerMode: PowerMode, threads: Int, table: CoreTable
  ) {
    if unit.kind == .gpu {
      self.init(graphics: unit, powerMode: powerMode, table: table)
      return
    }
    let cluster = unit.clusters.first
    let named = cluster.flatMap {
      table.core(writtenIn: $0.name) ?? table.core(writtenIn: unit.name)
    }
    let scale = powerMode.units[unit.id]?.clockScale.value ?? 1
    var assumptions: [String] = []
    let clock = cluster?.clock.map { scale * $0.value.rawValue }
    if clock == nil { assumptions.append("the clock of \(unit.name) is unknown: 1.5 GHz assumed") }
    let hertz = clock ?? 1.5e9
    let peak = cluster?.peakRates[.float32]?.value.rawValue
    let macs = named?.macsPerCycle ?? peak.map { $0 / (2 * hertz / scale) }
    if macs == nil { assumptions.append("the vectors of \(unit.name) are unknown") }
    let order: CoreType.Order =
      switch unit.kind {
      case .mcu, .cpuInOrder: .inOrder
      case .cpuOutOfOrder, .gpu, .npu: .outOfOrder
      }
    self.init(
      core: named?.name, architecture: named?.architecture, clock: Hertz(hertz),
      macsPerCycle: macs ?? 4,
      hasFloat16: named?.hasFloat16 ?? (cluster?.peakRates[.float16] != nil),
      order: named?.order ?? order, threads: threads, assumptions: assumptions)
    // The table's rates are peaks, as those are that a prior was learned with; a board's may be measured.
    memoryBandwidth =
      table.chip(writtenIn: DescribedText("\(board.name), \(unit.name)"))?.memory
      ?? board.memories.filter { $0.holds.contains(.activations) }
      .max { $0.capacity.value < $1.capacity.value }?.bandwidth.value
  }
}
