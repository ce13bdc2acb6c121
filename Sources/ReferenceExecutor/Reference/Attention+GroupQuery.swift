import ModelIR
import TensorTypes

extension Attention {
  /// Queries of more heads than keys and values have. Each item of the batch has its own count of
  /// keys, `seqlens_k + 1`, of which the last are new.
  func groupQuery<S: KernelScalar>(
    _ use: KernelUse<S>, _ queryHeads: Int, _ keyValueHeads: Int, rotates: Bool,
    _ scoring: Scoring
  ) throws(ReferenceError) -> [ReferenceTensor<S>] {
    var (query, key, value): (ReferenceTensor<S>, ReferenceTensor<S>, ReferenceTensor<S>)
    if let keys = use.optional(1) {
      query = try use.required(0).splitHeads(queryHeads)
      key = try keys.splitHeads(keyValueHeads)
      value = try use.required(2).splitHeads(keyValueHeads)
    } else {
      let all = try use.required(0).splitHeads(queryHeads + 2 * keyValueHeads)
      query = try all.heads(0..<queryHeads)
      key = try all.heads(queryHeads..<queryHeads + keyValueHeads)
      value = try all.heads(queryHeads + keyValueHeads..<queryHeads + 2 * keyValueHeads)
    }
    let (batch, new) = (query.dimensions[0], key.dimensions[2])
    let past = use.optional(3)?.dimensions[2] ?? 0
    let lengths = use.integers(5) ?? []
    guard lengths.count == batch else {
      throw .invalidElement(input: 5, reason: "has \(lengths.count) lengths for \(batch)")
    }
    let total = use.integers(6)?.first.flatMap { $0 > 0 ? $0 : nil } ?? past + new
    guard lengths.allSatisfy({ $0 >= new - 1 && $0 < total }) else {
      throw .invalidElement(input: 5, reason: "holds a length that does not suit \(total) keys")
    }
    let starts = lengths.map { $0 + 1 - new }
    if rotates {
      query = try rotated(query, use, starts)
      key = try rotated(key, use, starts)
    }
    let present = max(total, past)
    let (noKeys, noValues) = (try key.emptied(), try value.emptied())
    key = try (use.optional(3) ?? noKeys).writing(key, at: starts, length: present)
    value = try (use.optional(4) ?? noValues).writing(value, at: starts, length: present)
    let causal = Scoring(
      scale: scoring.scale, isCausal: true, softcap: scoring.softcap,
      lookback: scoring.window.map { $0 - 1 })
    let attention = DotProductAttention(
      queries: query, keys: key, values: value, scoring: causal, keyLength: total,
      place: { $1 + starts[$0] },
      addends: try ScoreAddend.list(use.optional(10)))
    let (results, scores) = try attention.results(use)
    return [try results.joinedHeads(), key, value, scores]
  }

  private func rotated<S: KernelScalar>(
    _ tensor: ReferenceTensor<S>, _ use: KernelUse<S>, _ starts: [Int]
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let tables = RotationTables(cosines: try use.required(7), sines: try use.required(8))
    let (heads, length, size) = (
      tensor.dimensions[1], tensor.dimensions[2], tensor.dimensions[3]
    )
    var elements = tensor.elements
    for index in Indices(Array(tensor.dimensions.prefix(3))) {
      let row = try tables.row(starts[index[0]] + index[2])
      rotate(
        &elements, base: ((index[0] * heads + index[1]) * length + index[2]) * size,
        width: min(2 * row.cosines.count, size), interleaved: false, cosines: row.cosines,
        sines: row.sines)
    }
    return try ReferenceTensor(computed: tensor.type, elements)
  }
}

/// The cosines and sines of the angles of each place.
struct RotationTables<S: KernelScalar> {
  let cosines: ReferenceTensor<S>
  let sines: ReferenceTensor<S>

  func row(_ place: Int) throws(ReferenceError) -> (cosines: [S], sines: [S]) {
    let width = cosines.dimensions.last ?? 0
    guard place >= 0, place < cosines.elements.count / max(width, 1),
      sines.elements.count == cosines.elements.count
    else { throw .invalidElement(input: 0, reason: "has place \(place), beyond the angles") }
    let range = place * width..<(place + 1) * width
    return (Array(cosines.elements[range]), Array(sines.elements[range]))
  }
}

extension ReferenceTensor {
  /// Some of the heads of `[batch, heads, length, size]`.
  fileprivate func heads(_ range: Range<Int>) throws(ReferenceError) -> Self {
    let strides = rowMajorStrides(dimensions)
    var extents = dimensions
    extents[1] = range.count
    return try picking(
      stridedPositions(extents, strides, offset: range.lowerBound * strides[1]), extents)
  }

  /// No keys or values yet.
  fileprivate func emptied() throws(ReferenceError) -> Self {
    var extents = dimensions
    extents[2] = 0
    return try Self(computed: TensorType(type.dtype, extents), [])
  }
}

extension Attention.Rotation {
  func reference<S: KernelScalar>(
    _ use: KernelUse<S>
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let input = try use.required(0)
    let tables = RotationTables(
      cosines: try use.required(positionsSecond ? 2 : 1),
      sines: try use.required(positionsSecond ? 3 : 2))
    let places = use.optional(positionsSecond ? 1 : 3)
    let hasHeadAxis = input.dimensions.count == 4
    let headSize =
      hasHeadAxis
      ? input.dimensions[3]
      : heads > 0 ? input.dimensions[2] / heads : 2 * (tables.cosines.dimensions.last ?? 0)
    let width = self.width == 0 ? headSize : self.width
    guard headSize > 0, width <= min(2 * (tables.cosines.dimensions.last ?? 0), headSize),
      (input.dimensions.last ?? 0) % headSize == 0
    else {
      throw .invalidElement(input: 1, reason: "has no angles for heads of \(headSize)")
    }
    let length = input.dimensions[hasHeadAxis ? 2 : 1]
    if let places, places.elements.count != 1,
      places.elements.count != input.dimensions[0] * length
    {
      throw .invalidElement(
        input: positionsSecond ? 1 : 3, reason: "has \(places.elements.count) places")
    }
    let headsPerToken = hasHeadAxis ? 1 : input.dimensions[2] / headSize
    let rowsPerItem = input.elements.count / max(input.dimensions[0], 1) / headSize
    var elements = input.elements
    for row in 0..<elements.count / headSize {
      let item = row / rowsPerItem
      let token = row % rowsPerItem / headsPerToken % length
      var place = item * length + token
      if let places = places?.integers {
        place = places.count == 1 ? places[0] &+ token : places[item * length + token]
      }
      let angles = try tables.row(place)
      rotate(
        &elements, base: row * headSize, width: width, interleaved: interleaved,
        cosines: angles.cosines, sines: angles.sines)
    }
    return try use.result(input.dimensions, elements)
  }
}
