public import HardwareModel
import MemoryPlanning
public import ModelIR
public import Quantities

extension ArenaPlan {
  /// The arena for the tensors that kernels exchange, under a runtime's policy.
  ///
  /// Weights are not part of it, nor are tensors of unknown size: `tensorSizes` has zero there.
  public init(
    kernels: [ExecutionPlan.Kernel], workload: Workload, tensorSizes: [Bytes],
    policy: MemoryPolicy
  ) {
    let storage = Storage(
      kernels: kernels, workload: workload, tensorSizes: tensorSizes, policy: policy)
    self.init(
      placing: storage.buffers(alignment: policy.alignment), by: policy.placement)
  }

  /// The arena for `buffers`, whose offsets are assigned anew, as a planner of that rule finds it.
  ///
  /// The smallest is never larger than the greedy-by-size placement. Offsets are sums of sizes, so that sizes
  /// which are multiples of an alignment give offsets which are. When the sizes do not add up
  /// within an `Int` the plan is saturated and its offsets mean nothing.
  public init(placing buffers: [Buffer], by rule: ArenaPlacementRule = .smallest) {
    let lifetimes = buffers.map(\.liveness)
    let placement =
      switch rule {
      case .smallest: ArenaPlacement.smallest(lifetimes)
      case .greedyBySize: ArenaPlacement.greedyBySize(lifetimes)
      }
    self.init(
      buffers: zip(buffers, placement.offsets).map {
        Buffer(tensors: $0.tensors, liveness: $0.liveness, offset: $1)
      },
      size: placement.height, peakLiveBytes: placement.peakLiveBytes,
      peakStep: placement.peakStep)
  }

  /// Bytes live at each of the steps below `stepCount`, for drawing.
  public func occupancy(stepCount: Int) -> [Bytes] {
    guard stepCount > 0 else { return [] }
    var change = Array(repeating: Bytes.zero, count: stepCount + 1)
    for liveness in buffers.map(\.liveness) {
      let steps = liveness.steps.clamped(to: 0..<stepCount)
      change[steps.lowerBound] += liveness.size
      change[steps.upperBound] = change[steps.upperBound] - liveness.size
    }
    var live = Bytes.zero
    return change.dropLast().map {
      live += $0
      return live
    }
  }
}
