import CostModel
import MemoryPlanning
import Quantities
import Testing

@Suite struct PlacementTests {
  @Test(arguments: LifetimeKind.allCases.flatMap(LifetimeSet.all))
  func `random lifetimes are placed soundly, never above greedy by size`(set: LifetimeSet) {
    let plan = ArenaPlan(placing: unplaced(set.lifetimes))
    assertPlanIsSound(plan, alignment: 16, "\(set)")
    #expect(plan.size <= greedyBySize(set.lifetimes))
    #expect(plan.buffers.map(\.liveness) == set.lifetimes)
    #expect(plan == ArenaPlan(placing: unplaced(set.lifetimes)), "a second search differs")
  }

  /// How many of the hundred sets of a kind must come within 2 % of the bound. The rest is mostly
  /// sets whose smallest arena is larger than the bound.
  @Test(arguments: [
    (LifetimeKind.chainWithSkips, 90), (.uniform, 80), (.equalSizes, 98), (.crowded, 100),
    (.simultaneous, 100),
  ])
  func `most arenas are as small as the bound`(kind: LifetimeKind, expected: Int) {
    let close = LifetimeSet.all(kind).count { set in
      let plan = ArenaPlan(placing: unplaced(set.lifetimes))
      return 50 * (plan.size - plan.peakLiveBytes).rawValue <= plan.peakLiveBytes.rawValue
    }
    #expect(close >= expected)
  }

  @Test(arguments: LifetimeKind.allCases)
  func `thousands of buffers are placed soundly`(kind: LifetimeKind) {
    let lifetimes = kind.lifetimes(count: 800, seed: 1)
    let plan = ArenaPlan(placing: unplaced(lifetimes))
    #expect(plan.buffers.count == 800)
    #expect(50 * (plan.size - plan.peakLiveBytes).rawValue <= 3 * plan.peakLiveBytes.rawValue)
    #expect(!hasOverlap(plan))
  }

  /// 2 bytes in steps 0–1, 1 byte in 0–3, 3 bytes in 2–3. Placed as they come, the 1 stands on the
  /// 2 and the 3 on the 1: 6 bytes. With the 1 at the bottom, 4 suffice.
  @Test func `a buffer that lives long is kept out of the way`() {
    let plan = ArenaPlan(
      placing: unplaced([
        Liveness(steps: 0..<2, size: Bytes(2)), Liveness(steps: 0..<4, size: Bytes(1)),
        Liveness(steps: 2..<4, size: Bytes(3)),
      ]))
    #expect(plan.size == Bytes(4))
    #expect(plan.peakLiveBytes == Bytes(4))
    #expect(plan.peakStep == 2)
    #expect(plan.occupancy(stepCount: 5) == [3, 3, 4, 4, 0].map { Bytes($0) })
    #expect(plan.occupancy(stepCount: 2) == [3, 3].map { Bytes($0) })
  }

  @Test func `no buffers need no arena`() {
    let plan = ArenaPlan(placing: [])
    #expect(plan == ArenaPlan(buffers: [], size: .zero, peakLiveBytes: .zero, peakStep: 0))
    #expect(plan.occupancy(stepCount: -1) == [])
  }

  @Test func `sizes that cannot be added saturate`() {
    let plan = ArenaPlan(
      placing: unplaced([
        Liveness(steps: 0..<2, size: .max), Liveness(steps: 1..<3, size: Bytes(1)),
      ]))
    #expect(plan.size.isSaturated)
    #expect(plan.peakLiveBytes.isSaturated)
  }

  /// Pairs by a sweep over the bytes, for plans too large to look at step by step.
  private func hasOverlap(_ plan: ArenaPlan) -> Bool {
    let byOffset = plan.buffers.sorted { $0.offset < $1.offset }
    return byOffset.indices.contains(where: { index in
      let lower = byOffset[index]
      return byOffset[(index + 1)...].prefix { $0.offset < lower.offset + lower.liveness.size }
        .contains { $0.liveness.steps.overlaps(lower.liveness.steps) }
    })
  }
}
