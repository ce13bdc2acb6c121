public import HardwareModel
import Platform
import Quantities
import TensorTypes

/// What one knows of a graphics unit beside its design and rate, which ``DeviceTraits`` hold.
public struct GraphicsTraits: Sendable, Hashable {
  /// `nil` when unknown.
  public var vendor: AcceleratorType.Graphics.Vendor?
  /// Whether it has memory of its own.
  public var isDiscrete: Bool
  public init(vendor: AcceleratorType.Graphics.Vendor?, isDiscrete: Bool) {
    self.vendor = vendor
    self.isDiscrete = isDiscrete
  }
}

extension DeviceTraits {
  /// A graphics or neural unit, whose rate stands in ``macsPerCycle`` at 1 GHz.
  init(
    design: String?, rate: FLOPsPerSecond, graphics: GraphicsTraits?, assumptions: [String]
  ) {
    self.init(
      core: design, architecture: nil, clock: Hertz(1e9), macsPerCycle: rate.rawValue / 2e9,
      hasFloat16: true, order: .outOfOrder, threads: 1, assumptions: assumptions)
    self.graphics = graphics
  }

  /// The graphics unit of a described board: its rate from the profile, its maker and design from the
  /// table, where its name or its clusters' stand in it.
  init(graphics unit: ComputeUnit, powerMode: PowerMode, table: CoreTable) {
    let names = [unit.name] + unit.clusters.map(\.name)
    let known = names.lazy.compactMap {
      table.accelerator(.gpu, writtenIn: DescribedText($0))
    }.first
    let scale = powerMode.units[unit.id]?.clockScale.value ?? 1
    let stated = unit.clusters.first?.peakRates[.float32]?.value.rawValue
    let rate = stated.map { scale * $0 } ?? known?.graphics?.float32Rate.rawValue
    var assumptions: [String] = []
    if known == nil { assumptions.append("the design of \(unit.name) is unknown") }
    if rate == nil {
      assumptions.append("the float32 rate of \(unit.name) is unknown: a usual one assumed")
    }
    self.init(
      design: known?.design, rate: FLOPsPerSecond(rate ?? AcceleratorType.Kind.gpu.usualPeak),
      graphics: GraphicsTraits(
        vendor: known?.graphics?.vendor, isDiscrete: known?.graphics?.isDiscrete ?? false),
      assumptions: assumptions)
  }
}

extension AcceleratorType.Kind {
  /// A middling peak rate of units that one finds on boards, in FLOP/s; chosen, not measured.
  var usualPeak: Double {
    switch self {
    case .gpu: 1e12
    case .npu: 6e12
    }
  }
}
