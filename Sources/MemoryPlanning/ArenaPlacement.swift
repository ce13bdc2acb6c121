public import Quantities

/// When a buffer's memory is in use, and how much: from the step that writes it to the step after
/// its last reader. Half open, so that `a.overlaps(b)` has one meaning.
public struct Liveness: Sendable, Hashable {
  public let steps: Range<Int>
  public let size: Bytes
  public init(steps: Range<Int>, size: Bytes) {
    self.steps = steps
    self.size = size
  }
}

/// Offsets of buffers in one arena, such that none that are in use at the same time overlap.
public struct ArenaPlacement: Sendable, Hashable {
  /// Of each buffer, in the order given. Sums of sizes: when these are multiples of an alignment, so
  /// are the offsets.
  public let offsets: [Bytes]
  /// What must be allocated.
  public let height: Bytes
  /// The most bytes in use at one step: no arena can be smaller.
  public let peakLiveBytes: Bytes
  /// The step at which that happens first.
  public let peakStep: Int

  /// The smallest arena found for buffers; never larger than the greedy-by-size placement. When the
  /// sizes do not add up within an `Int` the height is saturated and the offsets mean nothing.
  public static func smallest(_ lifetimes: [Liveness]) -> ArenaPlacement {
    placed(lifetimes, by: ArenaPlanner.solve)
  }

  /// What a planner gives that does not search: largest first, of equal ones the one with the last
  /// first step, each into the lowest gap. So TensorFlow Lite Micro plans: the arenas that its
  /// interpreter reports for the MLPerf Tiny models are these to the byte.
  public static func greedyBySize(_ lifetimes: [Liveness]) -> ArenaPlacement {
    placed(lifetimes, by: ArenaPlanner.greedyBySize)
  }

  private static func placed(
    _ lifetimes: [Liveness], by solve: (PlacementProblem) -> ArenaPlanner.Solution
  ) -> ArenaPlacement {
    let total = lifetimes.reduce(Bytes.zero) { $0 + $1.size }
    guard !total.isSaturated else {
      return ArenaPlacement(
        offsets: lifetimes.map { _ in .zero }, height: .max, peakLiveBytes: .max, peakStep: 0)
    }
    let problem = PlacementProblem(lifetimes)
    let solution = solve(problem)
    let peak = problem.liveBytes.firstIndex(of: problem.lowerBound)
    return ArenaPlacement(
      offsets: solution.offsets.map { Bytes($0) }, height: Bytes(solution.height),
      peakLiveBytes: Bytes(problem.lowerBound), peakStep: peak.map { problem.times[$0] } ?? 0)
  }
}

extension Bytes {
  /// The least multiple of `alignment` that is not smaller.
  public func roundedUp(to alignment: Int) -> Bytes {
    let rest = rawValue % Swift.max(alignment, 1)
    return rest == 0 ? self : self + Bytes(alignment - rest)
  }
}
