import ModelIR
import Platform
import TensorTypes

extension Attention {
  func projected<S: KernelScalar>(
    _ use: KernelUse<S>, _ projection: Projection, _ scoring: Scoring
  ) throws(ReferenceError) -> [ReferenceTensor<S>] {
    let projected = try product(try use.required(0), try use.required(1)).adding(use.optional(2))
    return try attended(
      use, projected, projection, scoring, past: 4, pastLength: use.integers(6)?.first,
      addends: try ScoreAddend.list(
        use.optional(5),
        after: use.optional(3).map { paddingMask($0, batch: projected.dimensions[0]) }))
  }

  /// The projection is of integers; one factor makes it real.
  func quantizedProjected<S: KernelScalar>(
    _ use: KernelUse<S>, _ projection: Projection, _ scoring: Scoring
  ) throws(ReferenceError) -> [ReferenceTensor<S>] {
    let sums = try product(
      try use.required(0).shifted(by: use.optional(6)),
      try use.required(1).shifted(by: use.optional(7)))
    let factor = try Factor(
      sums.dimensions, rows: try use.required(3), columns: try use.required(4))
    let projected = try factor.applied(to: sums).adding(use.optional(2))
    return try attended(
      use, projected, projection, scoring, past: 8, pastLength: nil,
      addends: try ScoreAddend.list(
        nil, after: use.optional(5).map { paddingMask($0, batch: projected.dimensions[0]) }))
  }

  /// Attention of `[batch, length, queries | keys | values]`; `past` is where past keys and values
  /// stand, `[2, batch, heads, length, size]`.
  private func attended<S: KernelScalar>(
    _ use: KernelUse<S>, _ projected: ReferenceTensor<S>, _ projection: Projection,
    _ scoring: Scoring, past: Int, pastLength: Int?, addends: [ScoreAddend<S>]
  ) throws(ReferenceError) -> [ReferenceTensor<S>] {
    let (batch, length) = (projected.dimensions[0], projected.dimensions[1])
    let third = projected.dimensions[2] / 3
    let widths = projection.widths ?? [third, third, third]
    var parts: [ReferenceTensor<S>] = []
    var start = 0
    for width in widths {
      let strides = rowMajorStrides(projected.dimensions)
      let shape = [batch, length, width]
      let positions = stridedPositions(shape, strides, offset: start)
      parts.append(try projected.picking(positions, shape).splitHeads(projection.heads))
      start += width
    }
    var (query, key, value) = (parts[0], parts[1], parts[2])
    var keyLength = length
    var before = 0
    if projection.rotates {
      before = pastLength ?? use.optional(past)?.dimensions[3] ?? 0
      query = rotated(query, from: before)
      key = rotated(key, from: before)
    }
    if let buffer = use.optional(past), buffer.dimensions[3] > 0 || !projection.sharesBuffer {
      let extents = Array(buffer.dimensions.dropFirst())
      let half = elementCount(extents)
      guard buffer.dimensions[0] == 2 else {
        throw .invalidElement(input: past, reason: "does not hold keys and values")
      }
      let type = TensorType(buffer.type.dtype, extents)
      let pastKeys = try ReferenceTensor(computed: type, Array(buffer.elements[..<half]))
      let pastValues = try ReferenceTensor(computed: type, Array(buffer.elements[half...]))
      if projection.sharesBuffer {
        before = pastLength ?? 0
        let starts = Array(repeating: before, count: batch)
        key = try pastKeys.writing(key, at: starts, length: extents[2])
        value = try pastValues.writing(value, at: starts, length: extents[2])
      } else {
        before = extents[2]
        key = try pastKeys.appending(key)
        value = try pastValues.appending(value)
      }
      keyLength = key.dimensions[2]
    }
    let attention = DotProductAttention(
      queries: query, keys: key, values: value, scoring: scoring, keyLength: keyLength,
      place: { [before] in $1 + before },
      sees: { [before] _, _, key in !projection.sharesBuffer || key < before + length },
      addends: addends)
    let results = try attention.results(use).results.joinedHeads()
    return [
      try use.result(results.dimensions, results.elements),
      try use.result([2] + key.dimensions, key.elements + value.elements, output: 1),
    ]
  }

  /// Rotary embedding with the angles `place · 10⁴^(−2i / size)`, which are known before a run.
  private func rotated<S: KernelScalar>(
    _ tensor: ReferenceTensor<S>, from start: Int
  ) -> ReferenceTensor<S> {
    let (length, size) = (tensor.dimensions[2], tensor.dimensions[3])
    var elements = tensor.elements
    for row in 0..<elements.count / max(size, 1) {
      let place = Double(start + row % length)
      let angles = (0..<size / 2).map { place * pow(10_000, -2 * Double($0) / Double(size)) }
      rotate(
        &elements, base: row * size, width: size, interleaved: false,
        cosines: angles.map { S(cos($0)) }, sines: angles.map { S(sin($0)) })
    }
    var index = 0
    return tensor.mapping { _ in
      defer { index += 1 }
      return elements[index]
    }
  }
}

/// `(x, y) → (x · cos − y · sin, x · sin + y · cos)` for the pairs of one head, which are neighbours
/// or half a width apart.
func rotate<S: KernelScalar>(
  _ elements: inout [S], base: Int, width: Int, interleaved: Bool, cosines: [S], sines: [S]
) {
  for pair in 0..<width / 2 {
    let first = base + (interleaved ? 2 * pair : pair)
    let second = interleaved ? first + 1 : first + width / 2
    let (x, y) = (elements[first], elements[second])
    elements[first] = x * cosines[pair] - y * sines[pair]
    elements[second] = x * sines[pair] + y * cosines[pair]
  }
}
