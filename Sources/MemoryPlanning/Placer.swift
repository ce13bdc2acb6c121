/// Gives buffers their offsets one after the other, each in a gap between those placed before it.
struct Placer {
  let problem: PlacementProblem
  /// Of each buffer, -1 while it has no place.
  private(set) var offsets: [Int]
  /// Buffers handled and compared so far: the search's measure of work, the same on every machine.
  private(set) var effort = 0
  /// Where the placed buffers lie that are live together with the one in hand, lowest first.
  private var occupied: [(start: Int, end: Int)] = []
  /// All placed buffers, lowest first; kept only where conflicts are not listed.
  private var placed: [Box] = []

  /// A placed buffer: when it lives and where it lies.
  private struct Box {
    let start: Int
    let end: Int
    let offset: Int
    let top: Int
  }

  init(_ problem: PlacementProblem) {
    self.problem = problem
    offsets = Array(repeating: -1, count: problem.sizes.count)
  }

  /// Places the buffers of `order`, after a first part whose `offsets` stand already, and returns
  /// the height of the arena; `nil` as soon as it exceeds `limit`, and then some have no place.
  mutating func place(
    _ order: [Int], after first: (count: Int, offsets: [Int])? = nil, fit: PlacementProblem.Fit,
    limit: Int
  ) -> Int? {
    effort += order.count
    let start = first?.count ?? 0
    if let first { offsets = first.offsets }
    for buffer in order[start...] { offsets[buffer] = -1 }
    var height = 0
    for buffer in order[..<start] { height = max(height, offsets[buffer] + problem.sizes[buffer]) }
    if problem.conflictRanges == nil {
      placed = order[..<start].map(box).sorted { $0.offset < $1.offset }
    }
    for buffer in order[start...] {
      gatherOccupied(for: buffer)
      let offset = gap(for: problem.sizes[buffer], fit: fit)
      height = max(height, offset + problem.sizes[buffer])
      guard height <= limit else { return nil }
      offsets[buffer] = offset
      if problem.conflictRanges == nil {
        placed.insert(box(of: buffer), at: placed.partitioningIndex { $0.offset >= offset })
      }
    }
    return height
  }

  private func box(of buffer: Int) -> Box {
    Box(
      start: problem.starts[buffer], end: problem.ends[buffer], offset: offsets[buffer],
      top: offsets[buffer] + problem.sizes[buffer])
  }

  private mutating func gatherOccupied(for buffer: Int) {
    occupied.removeAll(keepingCapacity: true)
    if let ranges = problem.conflictRanges {
      for position in ranges[buffer] {
        let other = Int(problem.conflicts[position])
        let offset = offsets[other]
        if offset >= 0 { insertOccupied(start: offset, end: offset + problem.sizes[other]) }
      }
      effort += ranges[buffer].count + 8
    } else {
      let (start, end) = (problem.starts[buffer], problem.ends[buffer])
      for box in placed where box.start < end && start < box.end {
        occupied.append((box.offset, box.top))
      }
      effort += placed.count + 8
    }
  }

  private mutating func insertOccupied(start: Int, end: Int) {
    var position = occupied.count
    occupied.append((start, end))
    while position > 0, occupied[position - 1].start > start {
      occupied[position] = occupied[position - 1]
      position -= 1
    }
    occupied[position] = (start, end)
  }

  private func gap(for size: Int, fit: PlacementProblem.Fit) -> Int {
    var end = 0
    var best: (offset: Int, size: Int)?
    for range in occupied {
      let gap = range.start - end
      if gap >= size, gap < best?.size ?? .max {
        if fit == .first { return end }
        best = (end, gap)
      }
      end = max(end, range.end)
    }
    return best?.offset ?? end
  }
}
