import ModelIR

let indexingLowerings: [String: Lower] = [
  "Gather": { node throws(LoweringError) in
    .indexing(.gather(axis: try node.int("axis", default: 0)))
  },
  "GatherElements": { node throws(LoweringError) in
    .indexing(.gatherElements(axis: try node.int("axis", default: 0)))
  },
  "GatherND": { node throws(LoweringError) in
    .indexing(.gatherND(batchDimensions: try node.int("batch_dims", default: 0)))
  },
  "GatherBlockQuantized": { node throws(LoweringError) in
    let bits = try node.int("bits", default: 4)
    guard [2, 4, 8].contains(bits) else {
      throw node.error(.invalidAttribute("bits", reason: "is \(bits), not 2, 4 or 8"))
    }
    return .indexing(
      .gatherBlockQuantized(
        Indexing.GatherBlockQuantized(
          axis: try node.int("gather_axis", default: 0),
          blockSize: try node.int("block_size", default: 128), elementsPerByte: 8 / bits)))
  },
  "Scatter": scatterElements,
  "ScatterElements": scatterElements,
  "ScatterND": { node throws(LoweringError) in
    .indexing(.scatterND(combining: try node.combination()))
  },
  "TensorScatter": { node throws(LoweringError) in
    .indexing(
      .tensorScatter(
        axis: try node.int("axis", default: -2),
        isRing: try node.string("mode", default: "linear") == "circular"))
  },
  "OneHot": { node throws(LoweringError) in
    .indexing(.oneHot(axis: try node.int("axis", default: -1)))
  },
  "Compress": { node throws(LoweringError) in .indexing(.compress(axis: try node.int("axis"))) },
  "Unique": { node throws(LoweringError) in
    .indexing(
      .unique(axis: try node.int("axis"), isSorted: try node.flag("sorted", default: true)))
  },
  "TfIdfVectorizer": { node throws(LoweringError) in
    // Words as text have no elements to count.
    guard let pool = try node.ints("pool_int64s") else { return node.opaque }
    return .indexing(.termCounts(try node.termCounts(pool)))
  },
  "NonZero": { _ in .indexing(.nonZero) },
  "TopK": { node throws(LoweringError) in
    .indexing(
      .topK(
        axis: try node.int("axis", default: -1), count: try node.int("k"),
        selectsLeast: try !node.flag("largest", default: true)))
  },
]

private let scatterElements: Lower = { node throws(LoweringError) in
  .indexing(
    .scatterElements(
      axis: try node.int("axis", default: 0),
      combining: try node.combination()))
}

extension NodeView {
  fileprivate func termCounts(_ pool: [Int]) throws(LoweringError) -> Indexing.TermCounts {
    let weighting: Indexing.TermCounts.Weighting
    switch try string("mode", default: "TF") {
    case "TF": weighting = .count
    case "IDF": weighting = .presence
    case "TFIDF": weighting = .scaledCount
    case let other: throw error(.invalidAttribute("mode", reason: "is '\(other)', not a mode"))
    }
    let (least, greatest) = (try required("min_gram_length"), try required("max_gram_length"))
    let starts = try ints("ngram_counts") ?? []
    let columns = try ints("ngram_indexes") ?? []
    let weights = try floats("weights") ?? []
    guard least <= greatest,
      let terms = Indexing.TermCounts(
        weighting, lengths: least...greatest, greatestGap: try required("max_skip_count"),
        pool: pool, starts: starts, columns: columns, weights: weights)
    else { throw error(.invalidAttribute("ngram_counts", reason: "does not suit the pool")) }
    return terms
  }

  fileprivate func combination() throws(LoweringError) -> Indexing.Combination? {
    switch try string("reduction", default: "none") {
    case "none": nil
    case "add": .sum
    case "mul": .product
    case "min": .minimum
    case "max": .maximum
    case let other:
      throw error(.invalidAttribute("reduction", reason: "is '\(other)', not a reduction"))
    }
  }
}
