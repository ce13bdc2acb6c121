/// The loops of a kernel list, told from how often each kernel runs: a run of kernels with more
/// evaluations than its neighbours is a loop body, and such runs nest.
///
/// Two loops that follow each other without a kernel between them look like one when their counts
/// are equal, and like an inner and an outer one when they differ.
struct LoopNest {
  struct Loop {
    /// The kernels of the body, inner loops included.
    var kernels: Range<Int>
    /// The position of the loop around this one.
    var parent: Int?
  }

  /// Deeper loops count as part of the one at this depth, so that a query stays cheap.
  static let maximumDepth = 64

  private(set) var loops: [Loop] = []
  /// For each kernel the innermost loop around it.
  private(set) var innermost: [Int?] = []

  /// - Parameter repetitions: Evaluations of each kernel in one run; at most 1 is outside all loops.
  init(repetitions: [Int]) {
    innermost.reserveCapacity(repetitions.count)
    var open: [(loop: Int, repetitions: Int)] = []
    for (kernel, count) in (repetitions + [1]).enumerated() {
      var closed: Int?
      while let top = open.last, top.repetitions > max(count, 1) {
        loops[top.loop].kernels = loops[top.loop].kernels.lowerBound..<kernel
        closed = top.loop
        open.removeLast()
      }
      if count > max(open.last?.repetitions ?? 1, 1), open.count < Self.maximumDepth {
        let start = closed.map { loops[$0].kernels.lowerBound } ?? kernel
        loops.append(Loop(kernels: start..<start, parent: open.last?.loop))
        if let closed { loops[closed].parent = loops.count - 1 }
        open.append((loops.count - 1, count))
      }
      innermost.append(open.last?.loop)
    }
    innermost.removeLast()
  }

  /// The largest loop around `kernel` that leaves `other` out; `other` may be a position before
  /// the first kernel or after the last.
  func outermost(around kernel: Int, excluding other: Int) -> Range<Int>? {
    guard innermost.indices.contains(kernel) else { return nil }
    var found: Range<Int>?
    var next = innermost[kernel]
    while let loop = next, !loops[loop].kernels.contains(other) {
      found = loops[loop].kernels
      next = loops[loop].parent
    }
    return found
  }

  /// Whether each run of `kernel` is preceded by its own run of `earlier`: no loop holds the one
  /// without the other.
  func isInStep(_ kernel: Int, with earlier: Int) -> Bool {
    outermost(around: kernel, excluding: earlier) == nil
  }
}
