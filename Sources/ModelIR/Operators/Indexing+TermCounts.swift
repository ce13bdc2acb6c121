import TensorTypes

extension Indexing {
  /// A pool of word tuples, and what is said of how often each occurs.
  public struct TermCounts: Sendable, Hashable {
    public enum Weighting: Sendable, Hashable { case count, presence, scaledCount }
    public let weighting: Weighting
    /// Words of the tuples that are looked for.
    public let lengths: ClosedRange<Int>
    /// How many words may lie between two of a tuple.
    public let greatestGap: Int
    /// The tuples, and the column of the result each is counted in.
    public let tuples: [[Int]]
    public let columns: [Int]
    /// One for each tuple; 1 when there are none.
    public let weights: [Double]

    /// `nil` when the lists do not suit each other. `starts`: where the tuples of one word begin in
    /// the pool, then those of two words, and so on.
    public init?(
      _ weighting: Weighting, lengths: ClosedRange<Int>, greatestGap: Int, pool: [Int],
      starts: [Int], columns: [Int], weights: [Double]
    ) {
      var tuples: [[Int]] = []
      for (index, start) in starts.enumerated() {
        let end = index + 1 < starts.count ? starts[index + 1] : pool.count
        guard start >= 0, start <= end, end <= pool.count, (end - start) % (index + 1) == 0 else {
          return nil
        }
        for place in stride(from: start, to: end, by: index + 1) {
          tuples.append(Array(pool[place...place + index]))
        }
      }
      guard tuples.count == columns.count, columns.allSatisfy({ $0 >= 0 && $0 < 1 << 31 }),
        weights.isEmpty || weights.count == tuples.count, lengths.lowerBound >= 1,
        greatestGap >= 0
      else { return nil }
      self.weighting = weighting
      self.lengths = lengths
      self.greatestGap = greatestGap
      self.tuples = tuples
      self.columns = columns
      self.weights = weights
    }

    var scalesCounts: Bool { weighting == .scaledCount }

    /// A row of the result for each row of words.
    func outputType(_ words: TensorType) throws(ShapeError) -> TensorType {
      guard (1...2).contains(words.rank) else {
        throw .wrongRank(input: 0, expected: "1 or 2", actual: words.rank)
      }
      return TensorType(.float32, words.dimensions.dropLast() + [(columns.max() ?? -1) + 1])
    }
  }
}
