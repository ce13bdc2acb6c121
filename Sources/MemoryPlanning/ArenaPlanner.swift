import Platform
import Quantities

/// Searches for the offsets that make the arena smallest.
///
/// Placing buffers best is NP-hard (dynamic storage allocation), but a lower bound is at hand: the
/// most bytes live at one step. The search tries every ``PlacementOrder``, then improves the best
/// order step by step, and stops as soon as the bound is reached. Its effort is counted in work,
/// not in time, so that the same kernels give the same plan on every machine.
struct ArenaPlanner {
  struct Solution {
    var offsets: [Int]
    var height: Int
  }

  private let problem: PlacementProblem
  private var placer: Placer
  private var best: Solution
  private var bestOrder: [Int] = []

  private init(_ problem: PlacementProblem) {
    self.problem = problem
    placer = Placer(problem)
    best = Solution(offsets: [], height: .max)
  }

  static func solve(_ problem: PlacementProblem) -> Solution {
    guard !problem.sizes.isEmpty else { return Solution(offsets: [], height: 0) }
    var planner = Self(problem)
    planner.tryKnownOrders()
    planner.improve()
    return planner.best
  }

  static func greedyBySize(_ problem: PlacementProblem) -> Solution {
    let (sizes, starts) = (problem.sizes, problem.starts)
    let order = sizes.indices.sorted { one, other in
      (sizes[one], starts[one], one) > (sizes[other], starts[other], other)
    }
    var placer = Placer(problem)
    let height = placer.place(order, fit: .first, limit: .max) ?? .max
    return Solution(offsets: placer.offsets, height: height)
  }

  private var isDone: Bool { best.height <= problem.lowerBound || placer.effort >= effortLimit }

  /// Buffers to look at in all; reached only where the bound is out of reach or hard to meet.
  private var effortLimit: Int {
    let count = problem.sizes.count
    return 50_000 + min(saturatingProduct(count, count) / 4 * 3, 5_000_000)
  }

  private mutating func tryKnownOrders() {
    let orders = PlacementOrder.allCases.lazy.map { [problem] in $0.order(of: problem) }
    for fit in PlacementProblem.Fit.allCases {
      for order in orders {
        guard !isDone else { return }
        guard let height = placer.place(order, fit: fit, limit: best.height), height < best.height
        else { continue }
        best = Solution(offsets: placer.offsets, height: height)
        bestOrder = order
      }
    }
  }

  /// Squeaky wheel: a buffer at the top of the arena is in trouble, so it is placed before one of
  /// those it conflicts with; the change stays unless the arena grows.
  private mutating func improve() {
    var random = SeededGenerator(seed: UInt64(problem.sizes.count))
    var order = bestOrder
    var current = best
    while !isDone {
      let top = order.indices.filter {
        current.offsets[order[$0]] + problem.sizes[order[$0]] == current.height
      }
      let position = top[random.next(below: top.count)]
      let culprit = order[position]
      let blockers = (0..<position).filter { problem.conflict(order[$0], culprit) }
      guard !blockers.isEmpty else { return }
      let target = blockers[random.next(below: blockers.count)]
      var changed = order
      changed.remove(at: position)
      changed.insert(culprit, at: target)
      let fit: PlacementProblem.Fit = random.next(below: 2) == 0 ? .best : .first
      let height = placer.place(
        changed, after: (target, current.offsets), fit: fit, limit: current.height)
      guard let height else { continue }
      order = changed
      current = Solution(offsets: placer.offsets, height: height)
      if height < best.height { best = current }
    }
  }
}

extension SeededGenerator {
  fileprivate mutating func next(below bound: Int) -> Int {
    Int(next() % UInt64(max(bound, 1)))
  }
}
