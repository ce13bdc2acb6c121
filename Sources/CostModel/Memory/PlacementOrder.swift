/// An order in which buffers are placed, each the rule of a known planner or a variant of one.
enum PlacementOrder: CaseIterable {
  /// Largest first (Pisarchyk and Lee, 2020, section 5.2, "greedy by size for offset calculation").
  case size
  /// As ``size``, but what lives through the whole run first, as TensorFlow Lite orders it.
  case permanentThenSize
  /// By the most bytes live at one step of the lifetime, then largest first: what the busiest
  /// step needs, then the next busiest (Pisarchyk and Lee, 2020, section 5.3, "greedy by breadth").
  case breadth
  /// Largest product of size and lifetime first.
  case area
  /// Longest lifetime first.
  case duration
  /// In the order of their first steps, as an allocator would meet them.
  case start

  func order(of problem: PlacementProblem) -> [Int] {
    let sizes = problem.sizes
    let spans = problem.spans
    let keys: [(Int, Int)] =
      switch self {
      case .size: sizes.map { ($0, 0) }
      case .permanentThenSize:
        zip(spans, sizes).map { ($0.count == problem.times.count ? 1 : 0, $1) }
      case .breadth:
        zip(RangeMaximum(problem.liveBytes).maxima(over: spans), sizes).map { ($0, $1) }
      case .area:
        zip(spans, sizes).map { ($1.multipliedReportingOverflow(by: $0.count)) }
          .map { ($0.overflow ? .max : $0.partialValue, 0) }
      case .duration: zip(spans, sizes).map { ($0.count, $1) }
      case .start: zip(spans, sizes).map { (-$0.lowerBound, $1) }
      }
    return spans.indices.sorted { one, other in
      keys[one] != keys[other]
        ? keys[one] > keys[other]
        : (spans[one].lowerBound, one) < (spans[other].lowerBound, other)
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
  func maxima(over ranges: [Range<Int>]) -> [Int] {
    ranges.map { range in
      let level = Int.bitWidth - 1 - range.count.leadingZeroBitCount
      return max(
        levels[level][range.lowerBound], levels[level][range.upperBound - (1 << level)])
    }
  }
}
