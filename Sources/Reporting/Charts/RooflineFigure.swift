import CostModel
import ModelIR
import Platform
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

  /// Kernels of one place in the chart: the layers of a transformer are all alike.
  struct Dot: Sendable, Hashable {
    /// The name of the longest.
    let name: String
    var kernelCount: Int
    let intensity: ArithmeticIntensity
    let rate: FLOPsPerSecond
    /// Of the time of a run, between 0 and 1.
    var share: Double
    let bound: Bound

    var label: String { kernelCount == 1 ? name : "\(name) and \(kernelCount - 1) like it" }

    /// Equal for dots that would cover each other: a fiftieth of a decade apart.
    var place: Place {
      Place(
        x: Int((50 * log10(intensity.rawValue)).rounded()),
        y: Int((50 * log10(rate.rawValue)).rounded()), bound: bound)
    }
  }

  struct Place: Hashable {
    let x: Int
    let y: Int
    let bound: Bound
  }

  /// Highest first; dtypes of one rate share a line.
  let roofs: [Roof]
  /// The board's memory first: its ridge points are marked.
  let slopes: [Slope]
  /// Largest share first.
  let dots: [Dot]
  /// The same kernels as they were measured; empty without a measurement.
  var measured: [Dot] = []

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
    dots = Self.dots(of: estimate)
  }

  private static func dots(of estimate: Estimate) -> [Dot] {
    var dots: [Place: Dot] = [:]
    for kernel in estimate.kernelsByTime {
      guard kernel.placement == .unit, let plan = estimate.planned(kernel), plan.flops > .zero,
        plan.compulsoryTraffic > .zero
      else { continue }
      let dot = Dot(
        name: plan.name, kernelCount: 1,
        intensity: kernel.memoryTraffic > .zero
          ? plan.flops / kernel.memoryTraffic : plan.arithmeticIntensity,
        rate: (plan.repetitions * plan.flops) / kernel.time,
        share: estimate.share(of: kernel.time), bound: kernel.bound)
      // A loop that never runs has no rate.
      guard dot.rate > .zero, dot.rate.rawValue.isFinite else { continue }
      if dots[dot.place] == nil {
        dots[dot.place] = dot
      } else {
        dots[dot.place]?.kernelCount += 1
        dots[dot.place]?.share += dot.share
      }
    }
    return dots.values.sorted { ($1.share, $0.name) < ($0.share, $1.name) }
  }
}
