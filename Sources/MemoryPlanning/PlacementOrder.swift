import Quantities

/// An order in which buffers are placed, each the rule of a known planner or a variant of one.
enum PlacementOrder: CaseIterable {
  /// Largest first (Pisarchyk and Lee, 2020, section 5).
  case size
  /// As ``size``, but what lives through the whole run first, as TensorFlow Lite orders it.
  case permanentThenSize
  /// By the most bytes live at one step of the lifetime, then largest first: what the busiest
  /// step needs, then the next busiest (the same, "greedy by breadth").
  case breadth
  /// What lives to the end, in the order of its first steps, then ``size``: outputs pile up from
  /// the bottom while the inputs that they replace go, as the cache of a decoder does.
  case outputsThenSize
  /// Largest product of size and lifetime first.
  case area
  /// Longest lifetime first.
  case duration
  /// In the order of their first steps, as an allocator would meet them.
  case start

  func order(of problem: PlacementProblem) -> [Int] {
    let sizes = problem.sizes
    let starts = problem.starts
    let durations = zip(starts, problem.ends).map { $1 - $0 }
    let keys: [(Int, Int)] =
      switch self {
      case .size: sizes.map { ($0, 0) }
      case .permanentThenSize:
        zip(durations, sizes).map { ($0 == problem.times.count ? 1 : 0, $1) }
      case .breadth:
        zip(RangeMaximum(problem.liveBytes).maxima(from: starts, to: problem.ends), sizes)
          .map { ($0, $1) }
      case .area: zip(durations, sizes).map { (saturatingProduct($0, $1), 0) }
      case .duration: zip(durations, sizes).map { ($0, $1) }
      case .start: zip(starts, sizes).map { (-$0, $1) }
      case .outputsThenSize:
        sizes.indices.map {
          problem.ends[$0] == problem.times.count ? (1, -starts[$0]) : (0, sizes[$0])
        }
      }
    return sizes.indices.sorted { one, other in
      keys[one] != keys[other]
        ? keys[one] > keys[other] : (starts[one], one) < (starts[other], other)
    }
  }
}

/// The largest element of any range in constant time, from a table of the maxima over all ranges
/// whose length is a power of two.
private struct RangeMaximum {
  private var levels: [[Int]]

  init(_ values: [Int]) {
    levels = [values]
    var width = 1
    while 2 * width <= values.count {
      let below = levels[levels.count - 1]
      levels.append((0...(values.count - 2 * width)).map { max(below[$0], below[$0 + width]) })
      width *= 2
    }
  }

  /// - Precondition: no range is empty.
  func maxima(from starts: [Int], to ends: [Int]) -> [Int] {
    zip(starts, ends).map { start, end in
      let level = Int.bitWidth - 1 - (end - start).leadingZeroBitCount
      return max(levels[level][start], levels[level][end - (1 << level)])
    }
  }
}
