import ModelIR
import TensorTypes

extension ReferenceTensor {
  /// `[batch, length, heads · size]` as `[batch, heads, length, size]`.
  func splitHeads(_ heads: Int) throws(ReferenceError) -> Self {
    let (batch, length, width) = (dimensions[0], dimensions[1], dimensions[2])
    return try reshaped([batch, length, heads, width / heads]).transposed([0, 2, 1, 3])
  }

  /// `[batch, heads, length, size]` as `[batch, length, heads · size]`.
  func joinedHeads() throws(ReferenceError) -> Self {
    let (batch, heads, length, size) = (
      dimensions[0], dimensions[1], dimensions[2], dimensions[3]
    )
    return try transposed([0, 2, 1, 3]).reshaped([batch, length, heads * size])
  }

  /// Keys or values with new ones behind, along axis 2.
  func appending(_ new: Self) throws(ReferenceError) -> Self {
    let extents = [dimensions[0], dimensions[1], dimensions[2] + new.dimensions[2], dimensions[3]]
    var elements: [Scalar] = []
    let (own, added) = (dimensions[2] * dimensions[3], new.dimensions[2] * new.dimensions[3])
    for row in 0..<dimensions[0] * dimensions[1] {
      elements += self.elements[row * own..<(row + 1) * own]
      elements += new.elements[row * added..<(row + 1) * added]
    }
    return try Self(computed: TensorType(type.dtype, extents), elements)
  }

  /// A buffer of keys or values with new ones written from `starts`, one place an item of the batch.
  func writing(_ new: Self, at starts: [Int], length: Int) throws(ReferenceError) -> Self {
    let (heads, size) = (new.dimensions[1], new.dimensions[3])
    var elements = Array(
      repeating: Scalar.zero, count: elementCount([dimensions[0], heads, length, size]))
    for index in Indices([dimensions[0], heads, min(dimensions[2], length), size]) {
      elements[position(index, rowMajorStrides([dimensions[0], heads, length, size]))] =
        self.elements[position(index, rowMajorStrides(dimensions))]
    }
    for index in Indices(new.dimensions) {
      let place = starts[index[0]] + index[2]
      guard place >= 0, place < length else {
        throw .invalidElement(input: 0, reason: "writes place \(place) of \(length)")
      }
      elements[((index[0] * heads + index[1]) * length + place) * size + index[3]] =
        new.elements[position(index, rowMajorStrides(new.dimensions))]
    }
    return try Self(
      computed: TensorType(type.dtype, [dimensions[0], heads, length, size]), elements)
  }
}

extension Attention {
  func scaledDotProduct<S: KernelScalar>(
    _ use: KernelUse<S>, _ queryHeads: Int?, _ keyValueHeads: Int?, _ scoring: Scoring
  ) throws(ReferenceError) -> [ReferenceTensor<S>] {
    var (query, key, value) = (try use.required(0), try use.required(1), try use.required(2))
    let hasHeadAxis = query.dimensions.count == 4
    if !hasHeadAxis {
      query = try query.splitHeads(queryHeads ?? 1)
      key = try key.splitHeads(keyValueHeads ?? 1)
      value = try value.splitHeads(keyValueHeads ?? 1)
    }
    if let past = use.optional(4) { key = try past.appending(key) }
    if let past = use.optional(5) { value = try past.appending(value) }
    let past = use.optional(4)?.dimensions[2] ?? 0
    let lengths = use.integers(6)
    let queryLength = query.dimensions[2]
    let attention = DotProductAttention(
      queries: query, keys: key, values: value, scoring: scoring, keyLength: key.dimensions[2],
      place: { batch, index in
        index + (lengths.map { $0[batch] - queryLength } ?? past)
      },
      sees: { batch, _, key in lengths.map { key < $0[batch] } ?? true },
      addends: [use.optional(3)].compactMap { $0.map { ScoreAddend($0) } })
    let (results, scores) = try attention.results(use)
    return [hasHeadAxis ? results : try results.joinedHeads(), key, value, scores]
  }

  func multiHead<S: KernelScalar>(
    _ use: KernelUse<S>, _ heads: Int, _ scoring: Scoring
  ) throws(ReferenceError) -> [ReferenceTensor<S>] {
    var (query, key, value) = try packedOperands(use, heads)
    if let bias = use.optional(3)?.elements {
      var start = 0
      func biased(_ tensor: ReferenceTensor<S>) throws(ReferenceError) -> ReferenceTensor<S> {
        let size = tensor.dimensions[3]
        let part = Array(bias.dropFirst(start).prefix(heads * size))
        start += heads * size
        return try tensor.adding(
          ReferenceTensor(computed: TensorType(tensor.type.dtype, [heads, 1, size]), part))
      }
      query = try biased(query)
      key = try biased(key)
      value = try biased(value)
    }
    let new = key.dimensions[2]
    let pastExtent = use.optional(6)?.dimensions[2] ?? 0
    var (pastLength, keyLength) = (pastExtent, pastExtent + new)
    if let past = use.optional(6), let pastValues = use.optional(7) {
      if let stated = use.integers(8)?.first {
        pastLength = min(max(stated, 0), pastExtent)
        keyLength = min(pastLength + new, pastExtent)
        let starts = Array(repeating: pastLength, count: query.dimensions[0])
        key = try past.writing(key, at: starts, length: pastExtent)
        value = try pastValues.writing(value, at: starts, length: pastExtent)
      } else {
        key = try past.appending(key)
        value = try pastValues.appending(value)
      }
    }
    let attention = DotProductAttention(
      queries: query, keys: key, values: value, scoring: scoring, keyLength: keyLength,
      place: { [pastLength] in $1 + pastLength },
      addends: [
        use.optional(4).map { paddingMask($0, batch: query.dimensions[0]) },
        use.optional(5).map { ScoreAddend($0) },
      ].compactMap { $0 })
    let (results, scores) = try attention.results(use)
    return [try results.joinedHeads(), key, value, scores]
  }

  /// Queries, keys and values with an axis of heads, whichever way they are packed.
  private func packedOperands<S: KernelScalar>(
    _ use: KernelUse<S>, _ heads: Int
  ) throws(ReferenceError) -> (
    query: ReferenceTensor<S>, key: ReferenceTensor<S>, value: ReferenceTensor<S>
  ) {
    let query = try use.required(0)
    /// `[batch, length, heads, parts, size]`: one of the parts.
    func part(_ tensor: ReferenceTensor<S>, _ index: Int) throws(ReferenceError)
      -> ReferenceTensor<S>
    {
      let extents = tensor.dimensions
      let strides = rowMajorStrides(extents)
      let kept = [0, 2, 1, 4]
      return try tensor.picking(
        stridedPositions(
          kept.map { extents[$0] }, kept.map { strides[$0] }, offset: index * strides[3]),
        kept.map { extents[$0] })
    }
    if query.dimensions.count == 5 {
      return (try part(query, 0), try part(query, 1), try part(query, 2))
    }
    let key = try use.required(1)
    switch key.dimensions.count {
    case 5: return (try query.splitHeads(heads), try part(key, 0), try part(key, 1))
    case 4: return (try query.splitHeads(heads), key, try use.required(2))
    default:
      return (
        try query.splitHeads(heads), try key.splitHeads(heads),
        try use.required(2).splitHeads(heads)
      )
    }
  }

  /// Which keys are padding: a length for each sequence, or 0 and 1 for each key, with an axis of
  /// queries or without; hidden keys get ONNX Runtime's default of −10⁴.
  func paddingMask<S: KernelScalar>(_ mask: ReferenceTensor<S>, batch: Int) -> ScoreAddend<S> {
    let values = mask.integers
    let hidden = S(-10_000)
    let shape = mask.dimensions
    if shape.count == 1 {
      return ScoreAddend { item, _, _, key in
        let end = item < values.count ? values[item] : .max
        let start = values.count == 2 * batch ? values[batch + item] : 0
        return key >= start && key < end ? .zero : hidden
      }
    }
    let strides = rowMajorStrides(shape)
    return ScoreAddend { item, _, query, key in
      let index =
        shape.count == 2 ? [item, key] : [item] + (shape.count == 4 ? [0] : []) + [query, key]
      let place = position(zip(index, shape).map { min($0, max($1 - 1, 0)) }, strides)
      return values.indices.contains(place) && values[place] != 0 ? .zero : hidden
    }
  }
}
