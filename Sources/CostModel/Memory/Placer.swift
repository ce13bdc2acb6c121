/// Gives buffers their offsets one after the other, each in a gap between those placed before it.
struct Placer {
  let problem: PlacementProblem
  private(set) var offsets: [Int]
  /// Gaps looked at so far: the search's measure of effort, the same on every machine.
  private(set) var effort = 0
  /// Placed buffers that are live together with the one in hand, by offset.
  private var occupied: [Range<Int>] = []
  /// All placed buffers by offset, where conflicts are not listed.
  private var placed: [Int] = []

  init(_ problem: PlacementProblem) {
    self.problem = problem
    offsets = Array(repeating: -1, count: problem.sizes.count)
  }

  /// Places all buffers in `order` and returns the height of the arena; `nil` as soon as it
  /// exceeds `limit`, and then ``offsets`` are incomplete.
  mutating func place(
    _ order: [Int], fit: PlacementProblem.Fit, limit: Int = .max
  ) -> Int? {
    for buffer in offsets.indices { offsets[buffer] = -1 }
    placed.removeAll(keepingCapacity: true)
    var height = 0
    for buffer in order {
      gatherOccupied(for: buffer)
      let offset = gap(for: problem.sizes[buffer], fit: fit)
      offsets[buffer] = offset
      if problem.conflictRanges == nil {
        let position = placed.partitioningIndex { offsets[$0] >= offset }
        placed.insert(buffer, at: position)
      }
      height = max(height, offset + problem.sizes[buffer])
      guard height <= limit else { return nil }
    }
    return height
  }

  private mutating func gatherOccupied(for buffer: Int) {
    occupied.removeAll(keepingCapacity: true)
    if let ranges = problem.conflictRanges {
      for position in ranges[buffer] {
        let other = Int(problem.conflicts[position])
        let offset = offsets[other]
        if offset >= 0 { occupied.append(offset..<offset + problem.sizes[other]) }
      }
      occupied.sort { $0.lowerBound < $1.lowerBound }
      effort += ranges[buffer].count + 1
    } else {
      let span = problem.spans[buffer]
      for other in placed where problem.spans[other].overlaps(span) {
        occupied.append(offsets[other]..<offsets[other] + problem.sizes[other])
      }
      effort += placed.count + 1
    }
  }

  private func gap(for size: Int, fit: PlacementProblem.Fit) -> Int {
    var end = 0
    var best: (offset: Int, size: Int)?
    for range in occupied {
      let gap = range.lowerBound - end
      if gap >= size, gap < best?.size ?? .max {
        if fit == .first { return end }
        best = (end, gap)
      }
      end = max(end, range.upperBound)
    }
    return best?.offset ?? end
  }
}
