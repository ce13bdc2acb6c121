public import CostModel
import ModelIR
public import Quantities
import TensorTypes

/// What a roofline shows: the ceilings of a unit and the kernels below them.
public struct RooflineFigure: Sendable, Hashable {
  /// A horizontal line: a peak arithmetic rate.
  public struct ComputeCeiling: Sendable, Hashable {
    /// The dtype, as a rule.
    public var label: String
    public var rate: FLOPsPerSecond
    public init(label: String, rate: FLOPsPerSecond) {
      self.label = label
      self.rate = rate
    }
  }
  /// A rising line: a bandwidth.
  public struct MemoryCeiling: Sendable, Hashable {
    public var label: String
    public var bandwidth: BytesPerSecond
    public init(label: String, bandwidth: BytesPerSecond) {
      self.label = label
      self.bandwidth = bandwidth
    }
  }
  /// A kernel.
  public struct Dot: Sendable, Hashable {
    public var label: String
    public var intensity: ArithmeticIntensity
    public var rate: FLOPsPerSecond
    /// Of the time of a run, between 0 and 1.
    public var share: Double
    public var bound: Bound
    public init(
      label: String, intensity: ArithmeticIntensity, rate: FLOPsPerSecond, share: Double,
      bound: Bound
    ) {
      self.label = label
      self.intensity = intensity
      self.rate = rate
      self.share = share
      self.bound = bound
    }
  }

  public var compute: [ComputeCeiling]
  /// The board's memory first: its ridge points are marked.
  public var memory: [MemoryCeiling]
  /// Largest share first.
  public var dots: [Dot]
  public init(compute: [ComputeCeiling], memory: [MemoryCeiling], dots: [Dot]) {
    self.compute = compute
    self.memory = memory
    self.dots = dots
  }

  /// The kernels of an estimate that run on its unit, under its ceilings. Intensity is that of the
  /// traffic beyond the cache, or of compulsory traffic for kernels that have none; kernels without
  /// arithmetic are left out.
  public init(_ estimate: Estimate) {
    var compute: [ComputeCeiling] = []
    var memory: [MemoryCeiling] = []
    for ceiling in estimate.ceilings {
      switch ceiling {
      case .compute(let dtype, let rate):
        compute.append(ComputeCeiling(label: dtype.rawValue, rate: rate))
      case .bandwidth(let name, let bandwidth):
        memory.append(MemoryCeiling(label: name, bandwidth: bandwidth))
      }
    }
    let dots = estimate.kernelsByTime.compactMap { kernel -> Dot? in
      guard kernel.placement == .unit, let plan = estimate.planned(kernel), plan.flops > .zero,
        plan.compulsoryTraffic > .zero
      else { return nil }
      return Dot(
        label: plan.name,
        intensity: kernel.memoryTraffic > .zero
          ? plan.flops / kernel.memoryTraffic : plan.arithmeticIntensity,
        rate: (plan.repetitions * plan.flops) / kernel.time,
        share: estimate.share(of: kernel.time), bound: kernel.bound)
    }
    self.init(compute: compute, memory: memory, dots: dots)
  }
}
