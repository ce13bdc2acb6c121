import Quantities

/// Intervals of time with a size, as the placement search reads them.
///
/// Time is counted in distinct first steps: two buffers are live together exactly when one is live
/// at the other's first step.
struct PlacementProblem {
  enum Fit: CaseIterable {
    /// The smallest gap that is large enough.
    case best
    /// The lowest.
    case first
  }

  let sizes: [Int]
  /// First steps, as positions in ``times``.
  let starts: [Int]
  /// The positions in ``times`` from which on buffers are no longer live.
  let ends: [Int]
  /// The distinct first steps, ascending.
  let times: [Int]
  /// Bytes live at each of ``times``.
  let liveBytes: [Int]
  /// For each buffer the buffers live together with it, as positions in ``conflicts``; `nil` when
  /// there are too many pairs to list.
  let conflictRanges: [Range<Int>]?
  let conflicts: [Int32]

  /// At most so many pairs a buffer, on average, are listed.
  private static let listedPairs = 48

  /// - Precondition: the sum of all sizes fits.
  init(_ lifetimes: [Liveness]) {
    sizes = lifetimes.map { max($0.size.rawValue, 0) }
    var times: [Int] = []
    for start in lifetimes.map(\.steps.lowerBound).sorted() where times.last != start {
      times.append(start)
    }
    self.times = times
    let starts = lifetimes.map { lifetime in
      times.partitioningIndex { $0 >= lifetime.steps.lowerBound }
    }
    let ends = zip(starts, lifetimes).map { start, lifetime in
      max(start + 1, times.partitioningIndex { $0 >= lifetime.steps.upperBound })
    }
    (self.starts, self.ends) = (starts, ends)
    var change = Array(repeating: 0, count: times.count + 1)
    for (buffer, size) in sizes.enumerated() {
      change[starts[buffer]] += size
      change[ends[buffer]] -= size
    }
    var live = 0
    liveBytes = change.dropLast().map {
      live += $0
      return live
    }
    (conflictRanges, conflicts) = Self.conflicts(
      starts: starts, ends: ends, timeCount: times.count)
  }

  func conflict(_ one: Int, _ other: Int) -> Bool {
    starts[one] < ends[other] && starts[other] < ends[one]
  }

  /// No arena can be smaller.
  var lowerBound: Int { liveBytes.max() ?? 0 }

  private static func conflicts(
    starts: [Int], ends: [Int], timeCount: Int
  ) -> ([Range<Int>]?, [Int32]) {
    var starting: [[Int]] = Array(repeating: [], count: timeCount)
    for (buffer, start) in starts.enumerated() { starting[start].append(buffer) }
    var pairs: [(Int32, Int32)] = []
    var active: [Int] = []
    for time in 0..<timeCount {
      active.removeAll { ends[$0] <= time }
      for buffer in starting[time] {
        guard pairs.count + active.count <= listedPairs * starts.count else { return (nil, []) }
        for other in active { pairs.append((Int32(buffer), Int32(other))) }
        active.append(buffer)
      }
    }
    var counts = Array(repeating: 0, count: starts.count)
    for (one, other) in pairs {
      counts[Int(one)] += 1
      counts[Int(other)] += 1
    }
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(starts.count)
    for count in counts {
      let start = ranges.last?.upperBound ?? 0
      ranges.append(start..<start + count)
    }
    var next = ranges.map(\.lowerBound)
    var conflicts = Array(repeating: Int32(0), count: 2 * pairs.count)
    for (one, other) in pairs {
      conflicts[next[Int(one)]] = other
      conflicts[next[Int(other)]] = one
      next[Int(one)] += 1
      next[Int(other)] += 1
    }
    return (ranges, conflicts)
  }
}

extension Array {
  /// The first position whose element satisfies `predicate`, which holds from there on.
  func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if predicate(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
