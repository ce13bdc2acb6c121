import CostModel
import ModelIR
import Quantities
import TensorTypes

/// What a roofline shows: the ceilings of a unit and the kernels below them.
struct RooflineFigure: Sendable, Hashable {
  /// A horizontal line: the peak arithmetic rate of one or more dtypes.
  struct Roof: Sendable, Hashable {
    var dtypes: [DType]
    let rate: FLOPsPerSecond

    /// "int8 20.0 TOP/s"; only floating-point operations are FLOP.
    var text: String {
      let names = listed(dtypes.map(\.rawValue), limit: 3)
      let isFloatingPoint = dtypes.allSatisfy(\.isFloatingPoint)
      return "\(names) \(isFloatingPoint ? "\(rate)" : "\(rate)".replacing("FLOP", with: "OP"))"
    }
  }

  /// A rising line: the bandwidth of a memory or cache.
  struct Slope: Sendable, Hashable {
    let memory: String
    let bandwidth: BytesPerSecond
  }

  /// A kernel.
  struct Dot: Sendable, Hashable {
    let label: String
    let intensity: ArithmeticIntensity
    let rate: FLOPsPerSecond
    /// Of the time of a run, between 0 and 1.
    let share: Double
    let bound: Bound
  }

  /// Highest first; dtypes of one rate share a line.
  let roofs: [Roof]
  /// The board's memory first: its ridge points are marked.
  let slopes: [Slope]
  /// Largest share first.
  let dots: [Dot]

  /// The ceilings of an estimate and the kernels that run on its unit. Intensity is that of the
  /// traffic beyond the cache, or of compulsory traffic for kernels that have none; kernels without
  /// arithmetic are left out.
  init(_ estimate: Estimate) {
    var roofs: [Roof] = []
    var slopes: [Slope] = []
    for ceiling in estimate.ceilings {
      switch ceiling {
      case .compute(let dtype, let rate):
        guard rate > .zero, rate.rawValue.isFinite else { continue }
        if let same = roofs.firstIndex(where: { $0.rate == rate }) {
          roofs[same].dtypes.append(dtype)
        } else {
          roofs.append(Roof(dtypes: [dtype], rate: rate))
        }
      case .bandwidth(let memory, let bandwidth):
        guard bandwidth > .zero, bandwidth.rawValue.isFinite else { continue }
        slopes.append(Slope(memory: memory, bandwidth: bandwidth))
      }
    }
    self.roofs = roofs.sorted { $0.rate > $1.rate }
    self.slopes = slopes
    dots = estimate.kernelsByTime.compactMap { kernel in
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
  }
}
