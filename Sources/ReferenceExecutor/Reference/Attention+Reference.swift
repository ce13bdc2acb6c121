import ModelIR
import TensorTypes

extension Attention {
  func reference<S: KernelScalar>(_ use: KernelUse<S>) throws(ReferenceError) -> [ReferenceTensor<
    S
  >] {
    switch function {
    case .scaledDotProduct(let queryHeads, let keyValueHeads, let scoring):
      try scaledDotProduct(use, queryHeads, keyValueHeads, scoring)
    case .projected(let projection, let scoring):
      try projected(use, projection, scoring)
    case .quantizedProjected(let projection, let scoring):
      try quantizedProjected(use, projection, scoring)
    case .multiHead(let heads, let scoring): try multiHead(use, heads, scoring)
    case .groupQuery(let queryHeads, let keyValueHeads, let rotates, let scoring):
      try groupQuery(use, queryHeads, keyValueHeads, rotates: rotates, scoring)
    case .rotaryEmbedding(let rotation): [try rotation.reference(use)]
    case .linear(let recurrence): try recurrence.reference(use)
    case .embedLayerNormalization(let epsilon): try embedded(use, epsilon: epsilon)
    }
  }
}

/// Scaled dot products of queries with keys and values, each `[batch, heads, length, size]`.
struct DotProductAttention<S: KernelScalar> {
  let queries: ReferenceTensor<S>
  let keys: ReferenceTensor<S>
  let values: ReferenceTensor<S>
  let scoring: Attention.Scoring
  /// How many of the keys are compared; the rest of a buffer is not.
  let keyLength: Int
  /// The place of a query among the keys: its own index, plus what came before.
  var place: (_ batch: Int, _ query: Int) -> Int = { $1 }
  /// Whether a key may be seen at all.
  var sees: (_ batch: Int, _ query: Int, _ key: Int) -> Bool = { _, _, _ in true }
  /// Masks and biases, added to the score at `[batch, head, query, key]`.
  var addends: [ScoreAddend<S>] = []

  /// The results, `[batch, heads, queries, value size]`, and the scores of the stage that is reported.
  func results(
    _ use: KernelUse<S>
  ) throws(ReferenceError) -> (results: ReferenceTensor<S>, scores: ReferenceTensor<S>) {
    guard queries.dimensions.count == 4, keys.dimensions.count == 4, values.dimensions.count == 4,
      keys.dimensions[0] == queries.dimensions[0], keys.dimensions[3] == queries.dimensions[3],
      values.dimensions[..<2] == keys.dimensions[..<2], keys.dimensions[1] > 0,
      queries.dimensions[1] % keys.dimensions[1] == 0,
      keyLength <= min(keys.dimensions[2], values.dimensions[2])
    else {
      throw .shape(.broadcastMismatch(left: queries.dimensions, right: keys.dimensions))
    }
    let (batch, heads) = (queries.dimensions[0], queries.dimensions[1])
    let (length, keySize) = (queries.dimensions[2], queries.dimensions[3])
    let shared = heads / max(keys.dimensions[1], 1)
    let valueSize = values.dimensions[3]
    let scale = S(scoring.scale ?? 1 / Double(keySize).squareRoot())
    let seen = scoring.window.map { min(max($0, 0), keyLength) } ?? keyLength
    let (keyStrides, valueStrides) = (
      rowMajorStrides(keys.dimensions), rowMajorStrides(values.dimensions)
    )
    var (results, scores): ([S], [S]) = ([], [])
    for row in Indices([batch, heads, length]) {
      let (item, head, query) = (row[0], row[1] / shared, row[2])
      let queryBase = ((item * heads + row[1]) * length + query) * keySize
      let last = place(item, query)
      let ahead = scoring.isCausal ? 0 : min(max(scoring.lookahead ?? 0, 0), keyLength)
      let first = min(max(last + ahead - seen + 1, 0), keyLength - seen)
      var reported: [S] = []
      var masked: [S] = []
      for key in first..<first + seen {
        let keyBase = position([item, head, key], keyStrides)
        var score = S.zero
        for index in 0..<keySize {
          score += queries.elements[queryBase + index] * keys.elements[keyBase + index]
        }
        score = score * scale
        if scoring.reported == .scaled { reported.append(score) }
        if scoring.softcap > 0 {
          score = S(scoring.softcap) * (score / S(scoring.softcap)).applying(.tanh)
        }
        if scoring.reported == .capped { reported.append(score) }
        for addend in addends { score += addend.value(item, row[1], query, key) }
        let isVisible =
          sees(item, query, key) && (!scoring.isCausal || key <= last)
          && (scoring.lookback.map { last - key <= $0 } ?? true)
          && (scoring.lookahead.map { key - last <= $0 } ?? true)
        masked.append(isVisible ? score : .negativeInfinity)
      }
      // A query that sees no key at all has the result zero.
      let isBlind = masked.allSatisfy { $0.doubleValue == -.infinity }
      let weights = softmax(masked).map { isBlind ? .zero : $0 }
      let isWeight = scoring.reported == .normalized
      if isWeight { reported = weights } else if scoring.reported == .masked { reported = masked }
      let unseen = isWeight ? S.zero : .negativeInfinity
      scores +=
        Array(repeating: unseen, count: first) + reported
        + Array(repeating: unseen, count: keyLength - first - seen)
      for index in 0..<valueSize {
        var sum = S.zero
        for (offset, weight) in weights.enumerated() {
          sum +=
            weight * values.elements[position([item, head, first + offset], valueStrides) + index]
        }
        results.append(sum)
      }
    }
    let type = queries.type.dtype
    return (
      try ReferenceTensor(computed: TensorType(type, [batch, heads, length, valueSize]), results),
      try ReferenceTensor(computed: TensorType(type, [batch, heads, length, keyLength]), scores)
    )
  }
}

/// A mask or a bias that broadcasts over the scores.
struct ScoreAddend<S: KernelScalar> {
  let value: (_ batch: Int, _ head: Int, _ query: Int, _ key: Int) -> S

  init(value: @escaping (Int, Int, Int, Int) -> S) { self.value = value }

  /// What there is of a mask and a tensor.
  static func list(
    _ tensor: ReferenceTensor<S>?, after mask: Self? = nil
  ) throws(ReferenceError) -> [Self] {
    guard let tensor else { return mask.map { [$0] } ?? [] }
    return (mask.map { [$0] } ?? []) + [try Self(tensor)]
  }

  /// A tensor aligned at the end with `[batch, heads, queries, keys]`: real numbers are added, a
  /// Boolean hides what is false. Keys beyond it are hidden.
  init(_ tensor: ReferenceTensor<S>) throws(ReferenceError) {
    guard tensor.dimensions.count <= 4, !tensor.elements.isEmpty else {
      throw .inconsistent("scores from \(tensor.type)")
    }
    let shape = Array(repeating: 1, count: max(4 - tensor.dimensions.count, 0)) + tensor.dimensions
    let strides = rowMajorStrides(shape)
    let isMask = tensor.type.dtype == .bool
    value = { batch, head, query, key in
      guard shape[3] == 1 || key < shape[3] else { return .negativeInfinity }
      let index = zip([batch, head, query, key], shape).map { $1 == 1 ? 0 : min($0, $1 - 1) }
      let element = tensor.elements[position(index, strides)]
      return isMask ? (element.isTrue ? .zero : .negativeInfinity) : element
    }
  }
}
