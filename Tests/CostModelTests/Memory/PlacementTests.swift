import CostModel
import ModelIR
import Quantities
import Testing

@Suite struct PlacementTests {
  /// Five kinds of seeded sets: network-like chains with skips, uniform intervals, many equal
  /// sizes, nearly everything live at once, and one step only.
  @Test(arguments: 0..<500) func `random lifetimes are placed soundly`(seed: Int) {
    let lifetimes = randomLifetimes(seed: seed)
    let plan = ArenaPlan(placing: unplaced(lifetimes))
    assertPlanIsSound(plan, alignment: 16, "seed \(seed)")
    #expect(plan.size <= greedyBySize(lifetimes), "seed \(seed)")
    #expect(plan.buffers.map(\.liveness) == lifetimes, "seed \(seed)")
    #expect(plan == ArenaPlan(placing: unplaced(lifetimes)), "seed \(seed)")
  }

  @Test func `chains with skips meet the bound almost always`() {
    let plans = stride(from: 0, to: 500, by: 5).map {
      ArenaPlan(placing: unplaced(randomLifetimes(seed: $0)))
    }
    let excess = plans.map { Double($0.size.rawValue) / Double($0.peakLiveBytes.rawValue) - 1 }
    print("DEBUG chains", excess.filter { $0 <= 0 }.count, excess.max() ?? 0)
    for kind in 0..<5 {
      var n = 0, ok = 0, exact = 0, worst = 0.0, sum = 0.0, gsum = 0.0, gexact = 0
      for seed in stride(from: kind, to: 500, by: 5) {
        let l = randomLifetimes(seed: seed)
        let p = ArenaPlan(placing: unplaced(l))
        let e = Double(p.size.rawValue) / Double(p.peakLiveBytes.rawValue) - 1
        let g = Double(greedyBySize(l).rawValue) / Double(p.peakLiveBytes.rawValue) - 1
        n += 1; if e <= 0.02 { ok += 1 }; if e == 0 { exact += 1 }; worst = max(worst, e); sum += e; gsum += g
        if e > 0.02 { print("DEBUGF", kind, seed, l.count, e, g) }
        if g == 0 { gexact += 1 }
      }
      print("DEBUG kind", kind, "n", n, "<=2%", ok, "exact", exact, "worst", worst, "mean", sum / Double(n), "greedy mean", gsum / Double(n), "greedy exact", gexact)
    }
    #expect(excess.filter { $0 <= 0.02 }.count >= 90)
  }

  @Test func `large DEBUG`() {
    for count in [300, 3000] { for kind in 0..<4 {
      let l = lifetimes(kind: kind, count: count, seed: 7)
      let c = ContinuousClock()
      var p = ArenaPlan(placing: [])
      let t = (0..<7).map { _ in c.measure { p = ArenaPlan(placing: unplaced(l)) } }.min() ?? .zero
      print("DEBUG", count, kind, t, Double(p.size.rawValue) / Double(p.peakLiveBytes.rawValue))
    } }
  }
}

func unplaced(_ lifetimes: [Liveness]) -> [ArenaPlan.Buffer] {
  lifetimes.enumerated().map {
    ArenaPlan.Buffer(tensors: [$0], liveness: $1, offset: .zero)
  }
}

func randomLifetimes(seed: Int) -> [Liveness] {
  var random = SeededGenerator(seed: UInt64(seed))
  return lifetimes(kind: seed % 5, count: .random(in: 1...60, using: &random), seed: seed)
}

func lifetimes(kind: Int, count: Int, seed: Int) -> [Liveness] {
  var random = SeededGenerator(seed: UInt64(seed) &+ 1000)
  return (0..<count).map { index in
    let size = 16 * Int.random(in: 1...4096, using: &random)
    switch kind {
    case 0:
      let skips = Int.random(in: 0..<8, using: &random) == 0
      let length = skips ? Int.random(in: 3...12, using: &random) : 2
      return Liveness(steps: index..<index + length, size: Bytes(size))
    case 1:
      let ends = (0..<2).map { _ in Int.random(in: 0...count, using: &random) }.sorted()
      return Liveness(steps: ends[0]..<ends[1] + 1, size: Bytes(size))
    case 2:
      let start = Int.random(in: 0..<count, using: &random)
      let length = Int.random(in: 1...6, using: &random)
      return Liveness(
        steps: start..<start + length, size: Bytes(1024 << Int.random(in: 0..<3, using: &random)))
    case 3:
      let start = Int.random(in: 0...(count / 4), using: &random)
      let end = Int.random(in: (3 * count / 4)...count, using: &random)
      return Liveness(steps: start..<end + 1, size: Bytes(size))
    default: return Liveness(steps: 0..<1, size: Bytes(size))
    }
  }
}
