import CostModel
import MemoryPlanning
import Quantities
import Testing

/// Expects what must hold of every plan, checked step by step on the bytes themselves: at each
/// step the live buffers are disjoint and inside the arena, and the stated peak is the true one.
func assertPlanIsSound(
  _ plan: ArenaPlan, alignment: Int = 1, _ note: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  func check(_ holds: Bool, _ what: String) {
    #expect(holds, "\(what) \(note)", sourceLocation: sourceLocation)
  }
  let stepCount = plan.buffers.map(\.liveness.steps.upperBound).max() ?? 0
  var peak = (bytes: 0, step: 0)
  for step in 0..<stepCount {
    let live = plan.buffers.filter {
      $0.liveness.steps.lowerBound <= step && step < $0.liveness.steps.upperBound
    }
    var free = 0
    for buffer in live.sorted(by: { $0.offset < $1.offset }) {
      let offset = buffer.offset.rawValue
      check(offset >= free, "tensors \(buffer.tensors) overlap others at step \(step)")
      check(alignment > 0 && offset % alignment == 0, "offset \(offset) is not aligned")
      free = offset + buffer.liveness.size.rawValue
    }
    check(free <= plan.size.rawValue, "the arena ends at \(plan.size), buffers at \(free)")
    let bytes = live.reduce(0) { $0 + $1.liveness.size.rawValue }
    if bytes > peak.bytes { peak = (bytes, step) }
  }
  check(plan.peakLiveBytes == Bytes(peak.bytes), "the peak is \(peak.bytes) bytes")
  check(plan.peakStep == peak.step, "the peak is at step \(peak.step)")
  check(plan.size >= plan.peakLiveBytes, "the arena is below its lower bound")
  let highest = plan.buffers.map { $0.offset + $0.liveness.size }.max() ?? .zero
  check(plan.size == highest, "the arena has unused bytes above \(highest)")
  check(
    plan.occupancy(stepCount: stepCount).max() ?? .zero == plan.peakLiveBytes,
    "the timeline misses the peak")
}

/// The arena of the textbook planner, written without regard to ``ArenaPlan``: largest buffers
/// first, each into the smallest gap between the placed buffers of overlapping lifetime (Pisarchyk
/// and Lee, 2020, section 5).
func greedyBySize(_ lifetimes: [Liveness]) -> Bytes {
  struct Placed {
    let lifetime: Liveness
    let start: Int
    var end: Int { start + lifetime.size.rawValue }
  }
  var placed: [Placed] = []
  let largestFirst = lifetimes.enumerated().sorted {
    ($1.element.size.rawValue, $0.element.steps.lowerBound, $0.offset)
      < ($0.element.size.rawValue, $1.element.steps.lowerBound, $1.offset)
  }
  for (_, lifetime) in largestFirst {
    let size = lifetime.size.rawValue
    let conflicts = placed.filter { $0.lifetime.steps.overlaps(lifetime.steps) }
    let edges = [0] + conflicts.map(\.end)
    // A gap starts where a conflict ends and reaches to the next one's start.
    let gaps = edges.compactMap { edge -> (start: Int, size: Int)? in
      guard !conflicts.contains(where: { $0.start <= edge && edge < $0.end }) else { return nil }
      let next = conflicts.map(\.start).filter { $0 >= edge }.min() ?? .max
      return next - edge >= size ? (edge, next - edge) : nil
    }
    let start = gaps.min { ($0.size, $0.start) < ($1.size, $1.start) }?.start ?? 0
    placed.append(Placed(lifetime: lifetime, start: start))
  }
  return Bytes(placed.map(\.end).max() ?? 0)
}
