import HardwareModel
import Quantities
import TensorTypes

/// What a kernel asks of any unit, as plain numbers: computed once a plan, read once a board.
struct KernelDemand: Sendable, Hashable {
  var kernelClass: Int
  var placement: Placement
  /// Operations of multiply-accumulates; in their epilogue's registers; of its functions; all others.
  var macOperations: Double
  var registerOperations: Double
  var functionOperations: Double
  var otherOperations: Double
  var computes: DType
  /// Bytes of an element of the contraction's operands, for cache refetches.
  var elementBytes: Double
  var weights: Double
  /// Activations by operand, read and written.
  var activations: [Double]
  var contraction: ExecutionPlan.Contraction?
  var repetitions: Double
  /// A view that shares bytes: no kernel is started.
  var isFree: Bool
}

/// One kernel's time on a unit, split by cause.
struct KernelTime {
  var compute: Double
  var computeLogDeviation: Double
  var memory: Double
  var memoryLogDeviation: Double
  var dispatch: Double
  var bound: Bound
  var traffic: Double
  var tileQuantization: Double
  var basis: Basis

  var total: Double { max(compute, memory) + dispatch }
}

/// The share of a tile's cost that a partial tile pays in full.
///
/// Ethos-U55-128 slows 1.87-fold from 16 to 17 channels: `17/16 · ((1 − a) + a · 32/17) = 1.87`
/// gives a = 0.86. Source of the measurement: Arm Vela's performance model for that configuration.
private let tileSharpness = 0.86

extension UnitModel {
  /// `max(W / (π · e), Q / (β · m)) + dispatch` with the levels this unit has.
  ///
  /// Source: Williams, Waterman, Patterson, CACM 52(4), 2009, with one ceiling a memory.
  func time(_ demand: KernelDemand, _ residency: Residency) -> KernelTime? {
    guard let peak = peak(demand.computes) else { return nil }
    let efficiency = efficiency(ofClass: demand.kernelClass, in: demand.computes)
    let quantization = tileQuantization(demand.contraction)
    var compute = demand.macOperations * quantization / (peak.value * efficiency.value)
    if demand.otherOperations > 0 {
      let other =
        demand.macOperations > 0
        ? self.efficiency(ofClass: Self.elementwiseClass, in: demand.computes) : efficiency
      compute += demand.otherOperations / (peak.value * other.value)
    }
    compute += demand.registerOperations * Self.registerCost(demand.elementBytes) / peak.value
    if demand.functionOperations > 0 {
      compute += demand.functionOperations / (peak.value * functionShare(demand.computes))
    }

    let traffic = memoryTraffic(demand, weightsStay: residency.weightsStay)
    let (share, weightShare) = (bandwidthEfficiency.value, weightBandwidthEfficiency.value)
    let reads =
      traffic.weights > traffic.activations ? weightBandwidthEfficiency : bandwidthEfficiency
    var memory = 0.0
    var memoryName = activationMemory
    if weightMemory == activationMemory, weightLink == nil {
      memory = (traffic.weights / weightShare + traffic.activations / share) / activationRate.value
    } else {
      let weightTime = traffic.weights / ((weightLink ?? weightRate).value * weightShare)
      memory = traffic.activations / (activationRate.value * share)
      if weightTime > memory {
        memory = weightTime
        memoryName = weightSource
      }
    }
    if let cache = residency.cache {
      // Weights that stay in the cache are read from it; an on-chip store has its own ports.
      let weights = residentWeights == nil ? demand.weights : traffic.weights
      let cacheTime = (traffic.cached + weights + traffic.activations) / cache.rate
      if cacheTime > memory {
        memory = cacheTime
        memoryName = cache.name
      }
    }

    let dispatch = demand.isFree ? 0 : self.dispatch.value
    let bound: Bound =
      dispatch > max(compute, memory)
      ? .dispatch : compute >= memory ? .compute : .memory(memoryName)
    let basis =
      switch bound {
      case .compute: max(peak.basis, efficiency.basis)
      case .memory, .link: max(activationRate.basis, reads.basis)
      case .dispatch: self.dispatch.basis
      }
    return KernelTime(
      compute: compute,
      computeLogDeviation: hypotenuse(peak.logDeviation, efficiency.logDeviation),
      memory: memory,
      memoryLogDeviation: hypotenuse(activationRate.logDeviation, reads.logDeviation),
      dispatch: dispatch, bound: bound, traffic: traffic.weights + traffic.activations,
      tileQuantization: quantization, basis: basis)
  }

  /// Position of ``KernelClass/elementwise`` in the efficiency table.
  static let elementwiseClass = KernelClass.allCases.firstIndex(of: .elementwise) ?? 0
  /// Position of ``KernelClass/transcendental``.
  static let transcendentalClass = KernelClass.allCases.firstIndex(of: .transcendental) ?? 0

  /// The share of peak of elementary functions on sums: at least that of elementwise kernels, which
  /// load and store besides.
  private func functionShare(_ dtype: DType) -> Double {
    max(
      efficiency(ofClass: Self.elementwiseClass, in: dtype).value,
      efficiency(ofClass: Self.transcendentalClass, in: dtype).value)
  }

  /// Operations at the peak rate in the time of one on a sum: an instruction does one a lane of
  /// 32 bits, where a multiply-add does two on lanes as wide as the operands.
  static func registerCost(_ elementBytes: Double) -> Double { max(1, 2 * 4 / elementBytes) }

  /// Time over that of whole tiles, at least 1: `(1 − a) + a · padded / useful`.
  ///
  /// A depthwise convolution lays its channels along the array's columns; that it leaves the
  /// array's depth idle is in the efficiency of its class, as is the idle height under a vector.
  private func tileQuantization(_ contraction: ExecutionPlan.Contraction?) -> Double {
    guard let tile, let contraction else { return 1 }
    let padded =
      contraction.n == 1 && contraction.groups > 1
      ? Self.padding(contraction.groups, tile.n)
      : Self.padding(contraction.n, tile.n) * Self.padding(contraction.k, tile.k)
        * (contraction.m == 1 ? 1 : Self.padding(contraction.m, tile.m))
    return (1 - tileSharpness) + tileSharpness * padded
  }

  /// `⌈extent / tile⌉ · tile / extent`.
  private static func padding(_ extent: Int, _ tile: Int) -> Double {
    guard extent > 0, tile > 1 else { return 1 }
    let tiles = (extent - 1) / tile + 1
    return Double(tiles) * Double(tile) / Double(extent)
  }

  private struct Traffic {
    var weights: Double
    var activations: Double
    var cached: Double
  }

  /// Bytes beyond the cache: weights that do not stay, activations too large to stay between
  /// their producer and their reader, and what a matrix product refetches.
  ///
  /// A matrix product with a cache of S elements moves at least `2·M·N·K / √S` elements
  /// (Hong, Kung, STOC 1981; constant by Smith et al., arXiv:1702.02017).
  private func memoryTraffic(_ demand: KernelDemand, weightsStay: Double) -> Traffic {
    var traffic = Traffic(weights: demand.weights * (1 - weightsStay), activations: 0, cached: 0)
    for size in demand.activations {
      if size * 2 <= cacheCapacity { traffic.cached += size } else { traffic.activations += size }
    }
    if let contraction = demand.contraction, cacheCapacity > 0 {
      let touched = demand.weights + demand.activations.reduce(0, +)
      if touched > cacheCapacity {
        let products =
          Double(contraction.m) * Double(contraction.n) * Double(contraction.k)
          * Double(contraction.groups)
        let capacity = cacheCapacity / demand.elementBytes
        let refetch = 2 * products / capacity.squareRoot() * demand.elementBytes
        traffic.activations = max(traffic.activations, refetch - traffic.weights)
      }
    }
    return traffic
  }
}

func hypotenuse(_ a: Double, _ b: Double) -> Double { (a * a + b * b).squareRoot() }

extension Array where Element == ExecutionPlan.Kernel {
  /// Each kernel's demand, in order.
  var demands: [KernelDemand] {
    let classes = Dictionary(
      uniqueKeysWithValues: KernelClass.allCases.enumerated().map { ($1, $0) })
    return map { kernel in
      KernelDemand(
        kernelClass: classes[kernel.kernelClass] ?? 0, placement: kernel.placement,
        macOperations: Double(FLOPs(kernel.macs).rawValue),
        registerOperations: Double(kernel.epilogue.inRegisters.rawValue),
        functionOperations: Double(kernel.epilogue.functions.rawValue),
        otherOperations: Double((kernel.otherOperations - kernel.epilogue.sum).rawValue),
        computes: kernel.computes,
        elementBytes: Double(Swift.max(1, kernel.computes.block.bytes.rawValue)),
        weights: Double(kernel.weightSize.rawValue),
        activations: (kernel.reads + kernel.writes).map { Double($0.size.rawValue) },
        contraction: kernel.contraction, repetitions: Double(kernel.repetitions),
        isFree: kernel.isFree)
    }
  }
}
