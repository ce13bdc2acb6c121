import Quantities
import TensorTypes

extension Attention {
  /// The extents of one use of scaled dot products, checked against each other.
  struct Scores {
    let batch: Int
    let queryHeads: Int
    let keyValueHeads: Int
    let queryLength: Int
    /// Keys that this use adds.
    let newLength: Int
    /// Keys that a query is compared with, before any window.
    let keyLength: Int
    /// The length of the present keys and values; greater than `keyLength` in a shared buffer.
    let presentLength: Int
    let keySize: Int
    let valueSize: Int
    /// Whether operands and results have an axis of heads.
    var hasHeadAxis = false
    /// The extent that the projection sums over, and the widths of its three results.
    var projection: (depth: Int, width: Int)?
    /// Elements of queries, keys and values that a bias is added to.
    var biased = 0
  }

  func scores(of inputs: [Operand?]) throws(ShapeError) -> Scores? {
    switch function {
    case .scaledDotProduct(let queryHeads, let keyValueHeads, _):
      try scaledDotProduct(inputs, queryHeads, keyValueHeads)
    case .projected(let projection, _):
      try projected(inputs, projection, count: 2...7, past: 4)
    case .quantizedProjected(let projection, _):
      try projected(inputs, projection, count: 5...9, past: 8)
    case .multiHead(let heads, _): try multiHead(inputs, heads: heads)
    case .groupQuery(let queryHeads, let keyValueHeads, _, _):
      try groupQuery(inputs, queryHeads, keyValueHeads)
    case .rotaryEmbedding, .linear, .embedLayerNormalization: nil
    }
  }

  func scoredTypes(_ inputs: [Operand?]) throws(ShapeError) -> [TensorType?] {
    guard let scores = try scores(of: inputs), let query = inputs[0]?.type.dtype else { return [] }
    let result =
      scores.hasHeadAxis
      ? [scores.batch, scores.queryHeads, scores.queryLength, scores.valueSize]
      : [
        scores.batch, scores.queryLength,
        try extentProduct(scores.queryHeads, scores.valueSize, of: "the result's width"),
      ]
    func present(_ size: Int, _ dtype: DType) -> TensorType {
      TensorType(dtype, [scores.batch, scores.keyValueHeads, scores.presentLength, size])
    }
    func dtype(_ positions: Int...) -> DType {
      positions.lazy.compactMap { inputs.optional($0)?.type.dtype }.first ?? query
    }
    let matrix = TensorType(
      query, [scores.batch, scores.queryHeads, scores.queryLength, scores.keyLength])
    switch function {
    case .scaledDotProduct:
      return [
        TensorType(query, result), present(scores.keySize, dtype(4, 1)),
        present(scores.valueSize, dtype(5, 2)), matrix,
      ]
    case .multiHead:
      return [
        TensorType(query, result), present(scores.keySize, dtype(6)),
        present(scores.valueSize, dtype(7)), matrix,
      ]
    case .groupQuery:
      return [
        TensorType(query, result), present(scores.keySize, dtype(3)),
        present(scores.valueSize, dtype(4)), matrix,
      ]
    case .projected, .quantizedProjected:
      // The quantized form is real from the bias on.
      let isQuantized = kind == .qAttention
      let real = isQuantized ? dtype(2) : query
      return [
        TensorType(real, result),
        TensorType(
          isQuantized ? dtype(8, 2) : dtype(4),
          [2, scores.batch, scores.keyValueHeads, scores.presentLength, scores.keySize]),
      ]
    case .rotaryEmbedding, .linear, .embedLayerNormalization: return []
    }
  }

  private func scaledDotProduct(
    _ inputs: [Operand?], _ queryHeads: Int?, _ keyValueHeads: Int?
  ) throws(ShapeError) -> Scores {
    let count = 3...7
    try inputs.requireCount(count)
    let query = try inputs.required(0, count: count, ranks: 3...4).type.dimensions
    let key = try inputs.required(1, count: count, ranks: query.count...query.count).type.dimensions
    let value = try inputs.required(2, count: count, ranks: query.count...query.count).type
      .dimensions
    let hasHeadAxis = query.count == 4
    let heads: (query: Int, keyValue: Int)
    if hasHeadAxis {
      heads = (query[1], key[1])
    } else {
      guard let queryHeads, let keyValueHeads else {
        throw .invalidAttribute(name: "q_num_heads", reason: "is missing for inputs of rank 3")
      }
      heads = (queryHeads, keyValueHeads)
    }
    let past = try pastLength(inputs, 4)
    _ = try extentQuotient(heads.query, by: heads.keyValue, of: "kv_num_heads")
    let newLength = key[key.count - 2]
    let total = try extentSum(past, newLength, of: "the key length")
    func size(_ shape: [Int], _ heads: Int) throws(ShapeError) -> Int {
      hasHeadAxis ? shape[3] : try extentQuotient(shape[2], by: heads, of: "the count of heads")
    }
    let keySize = try size(key, heads.keyValue)
    try requireEqual("the head size of the queries", try size(query, heads.query), keySize)
    try requireEqual("the count of values", value[value.count - 2], newLength)
    return Scores(
      batch: query[0], queryHeads: heads.query, keyValueHeads: heads.keyValue,
      queryLength: query[query.count - 2], newLength: newLength, keyLength: total,
      presentLength: total, keySize: keySize, valueSize: try size(value, heads.keyValue),
      hasHeadAxis: hasHeadAxis)
  }

  /// The length of past keys `[batch, heads, length, size]`; 0 when absent.
  private func pastLength(_ inputs: [Operand?], _ position: Int) throws(ShapeError) -> Int {
    guard let past = inputs.optional(position)?.type else { return 0 }
    guard past.rank == 4 else {
      throw .wrongRank(input: position, expected: "4", actual: past.rank)
    }
    return past.dimensions[2]
  }

  private func projected(
    _ inputs: [Operand?], _ projection: Projection, count: ClosedRange<Int>, past: Int
  ) throws(ShapeError) -> Scores {
    try inputs.requireCount(count)
    let input = try inputs.required(0, count: count, ranks: 3...3).type.dimensions
    let weights = try inputs.required(1, count: count, ranks: 2...2).type.dimensions
    guard input[2] == weights[0] else {
      throw .contractionMismatch(left: input[2], right: weights[0])
    }
    let widths: [Int]
    if let stated = projection.widths {
      guard stated.count == 3, stated.allSatisfy({ $0 > 0 }) else {
        throw .invalidAttribute(name: "qkv_hidden_sizes", reason: "is \(stated)")
      }
      widths = stated
    } else {
      widths = Array(
        repeating: try extentQuotient(weights[1], by: 3, of: "the count of projections"), count: 3)
    }
    try requireEqual(
      "the width of the weights", weights[1],
      try extentSum(widths[0], widths[1], widths[2], of: "qkv_hidden_sizes"))
    guard widths[0] == widths[1] else {
      throw .contractionMismatch(left: widths[0], right: widths[1])
    }
    var pastLength = 0
    if let operand = inputs.optional(past) {
      let shape = operand.type.dimensions
      guard shape.count == 5 else {
        throw .wrongRank(input: past, expected: "5", actual: shape.count)
      }
      pastLength = shape[3]
    }
    let appended = try extentSum(pastLength, input[1], of: "the key length")
    let isShared = projection.sharesBuffer && pastLength > 0
    var scores = Scores(
      batch: input[0], queryHeads: projection.heads, keyValueHeads: projection.heads,
      queryLength: input[1], newLength: input[1], keyLength: isShared ? pastLength : appended,
      presentLength: isShared ? pastLength : appended,
      keySize: try extentQuotient(widths[1], by: projection.heads, of: "num_heads"),
      valueSize: try extentQuotient(widths[2], by: projection.heads, of: "num_heads"))
    scores.projection = (weights[0], weights[1])
    if inputs.optional(2) != nil { scores.biased = elementCount([input[0], input[1], weights[1]]) }
    return scores
  }

  private func multiHead(_ inputs: [Operand?], heads: Int) throws(ShapeError) -> Scores {
    let count = 1...10
    try inputs.requireCount(count)
    let query = try inputs.required(0, count: count, ranks: 3...5).type.dimensions
    let (keySize, valueSize, newLength): (Int, Int, Int)
    if query.count == 5 {
      // [batch, length, heads, 3, head size]
      (keySize, valueSize, newLength) = (query[4], query[4], query[1])
    } else {
      let key = try inputs.required(1, count: count, ranks: 3...5).type.dimensions
      let value = inputs.optional(2)?.type.dimensions
      switch (key.count, value?.count) {
      case (5, nil):
        // [batch, length, heads, 2, head size]
        (keySize, valueSize, newLength) = (key[4], key[4], key[1])
      case (4, 4):
        (keySize, valueSize, newLength) = (key[3], value?[3] ?? 0, key[2])
      case (3, 3):
        keySize = try extentQuotient(key[2], by: heads, of: "num_heads")
        valueSize = try extentQuotient(value?[2] ?? 0, by: heads, of: "num_heads")
        newLength = key[1]
      default: throw .invalidInput(index: 1, reason: "and 2 have no known packing")
      }
      guard query.count == 3 else {
        throw .wrongRank(input: 0, expected: "3 or 5", actual: query.count)
      }
      try requireEqual(
        "the head size of the queries",
        try extentQuotient(query[2], by: heads, of: "num_heads"), keySize)
    }
    let past = try pastLength(inputs, 6)
    let appended = try extentSum(past, newLength, of: "the key length")
    // With a past length among the inputs, past and present share a buffer of the past's extents.
    let isShared = past > 0 && inputs.optional(8) != nil
    let stated = inputs.optional(8)?.literal?.integers?.first.map { min(max($0, 0), past) }
    var scores = Scores(
      batch: query[0], queryHeads: heads, keyValueHeads: heads, queryLength: query[1],
      newLength: newLength,
      keyLength: isShared
        ? min(try extentSum(stated ?? past, newLength, of: "the key length"), past) : appended,
      presentLength: isShared ? past : appended, keySize: keySize, valueSize: valueSize)
    if inputs.optional(3) != nil {
      let rows = saturatingProduct(query[0], heads)
      scores.biased =
        (FLOPs.product(rows, query[1], keySize)
        + .product(rows, newLength, keySize) + .product(rows, newLength, valueSize)).rawValue
    }
    return scores
  }

  private func groupQuery(
    _ inputs: [Operand?], _ queryHeads: Int, _ keyValueHeads: Int
  ) throws(ShapeError) -> Scores {
    let count = 7...17
    try inputs.requireCount(count)
    let query = try inputs.required(0, count: count, ranks: 3...3).type.dimensions
    _ = try extentQuotient(queryHeads, by: keyValueHeads, of: "kv_num_heads")
    let size: Int
    if inputs.optional(1) != nil {
      size = try extentQuotient(query[2], by: queryHeads, of: "num_heads")
      let key = try inputs.required(1, count: count, ranks: 3...3).type.dimensions
      let value = try inputs.required(2, count: count, ranks: 3...3).type.dimensions
      let width = try extentProduct(keyValueHeads, size, of: "the keys' width")
      try requireEqual("the width of the keys", key[2], width)
      try requireEqual("the width of the values", value[2], width)
    } else {
      let pairs = try extentProduct(2, keyValueHeads, of: "the count of heads")
      let heads = try extentSum(queryHeads, pairs, of: "the count of heads")
      size = try extentQuotient(query[2], by: heads, of: "the count of heads")
    }
    let newLength = inputs.optional(1)?.type.dimensions[1] ?? query[1]
    let past = try pastLength(inputs, 3)
    let appended = try extentSum(past, newLength, of: "the key length")
    let total = inputs.optional(6)?.literal?.integers?.first.flatMap { $0 > 0 ? $0 : nil }
    return Scores(
      batch: query[0], queryHeads: queryHeads, keyValueHeads: keyValueHeads,
      queryLength: query[1], newLength: newLength, keyLength: total ?? appended,
      presentLength: total.map { max($0, past) } ?? appended, keySize: size, valueSize: size)
  }
}
