import ModelIR
import TensorTypes

extension Indexing.TermCounts {
  func reference<S: KernelScalar>(
    _ use: KernelUse<S>
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let words = try use.required(0)
    guard let type = use.types.first ?? nil, let width = type.dimensions.last else {
      throw .notEvaluated("TfIdfVectorizer")
    }
    let places = Dictionary(zip(tuples, tuples.indices)) { first, _ in first }
    let length = words.dimensions.last ?? 0
    let numbers = words.integers
    var elements: [S] = []
    for row in 0..<elementCount(words.dimensions.dropLast()) {
      let counts = counts(Array(numbers[row * length..<(row + 1) * length]), places)
      var results = Array(repeating: 0.0, count: width)
      var factors = Array(repeating: 1.0, count: width)
      for (tuple, count) in counts.enumerated() {
        let column = columns[tuple]
        let weight = weights.isEmpty ? 1 : weights[tuple]
        switch weighting {
        case .count: results[column] = Double(count)
        case .presence: results[column] = count > 0 ? weight : 0
        case .scaledCount:
          results[column] = Double(count)
          factors[column] = weight
        }
      }
      for (result, factor) in zip(results, factors) {
        elements.append(weighting == .scaledCount ? S(result) * S(factor) : S(result))
      }
    }
    return try use.result(type.dimensions, elements)
  }

  /// How often each tuple stands in a row, its words next to each other or with gaps of one length.
  private func counts(_ row: [Int], _ places: [[Int]: Int]) -> [Int] {
    var counts = Array(repeating: 0, count: tuples.count)
    let longest = min(lengths.upperBound, row.count)
    guard lengths.lowerBound <= longest else { return counts }
    for gap in 0...min(greatestGap, row.count) {
      // Single words have no gaps.
      for count in max(lengths.lowerBound, gap == 0 ? 1 : 2)..<max(longest, 1) + 1 {
        let reach = (count - 1) * (gap + 1)
        guard reach < row.count else { continue }
        for start in 0..<row.count - reach {
          let tuple = (0..<count).map { row[start + $0 * (gap + 1)] }
          if let place = places[tuple] { counts[place] += 1 }
        }
      }
    }
    return counts
  }
}
