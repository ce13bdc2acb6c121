import ModelIR
import TensorTypes

let attentionLayers: [String: LowerLayer] = [
  "SDPA": { builder, view, inputs throws(LayerError) in
    // Integers are made by ranges that only a run tells.
    guard try view.int(18) == 0 else { throw .notModelled }
    let hasMask = try view.flag(5)
    let isCached = try view.flag(7)
    let count = 3 + (hasMask ? 1 : 0) + (isCached ? 2 : 0)
    let operands = try builder.several(inputs, view, count...count)
    var shapes: [[Int?]] = []
    for operand in operands.prefix(3) { shapes.append(try builder.extents(operand)) }
    guard shapes.allSatisfy({ $0.count == 3 }) else { throw .notModelled }
    var mask: Value.ID?
    var past: [Value.ID] = []
    if hasMask {
      mask = operands[3]
      builder.settle(
        operands[3],
        [
          builder.dimension(shapes[0][1], "sequence_length"),
          isCached
            ? .named("total_sequence_length")
            : builder.dimension(shapes[1][1], "sequence_length"),
        ])
    }
    if isCached {
      past = Array(operands.suffix(2))
      for (cache, shape) in zip(past, shapes.dropFirst()) {
        builder.settle(
          cache,
          [
            builder.dimension(shape[0], "heads"), .named("past_sequence_length"),
            builder.dimension(shape[2], "head_size"),
          ])
      }
    }
    let scale = try view.real(6)
    let operation = Attention(
      .scaledDotProduct(
        queryHeads: nil, keyValueHeads: nil, Attention.Scoring(scale: scale == 0 ? nil : scale)))
    let result: [Int?] = [shapes[0][0], shapes[0][1], shapes[2][2]]
    let presents: [[Int?]?] = shapes.dropFirst().map { [$0[0], nil, $0[2]] }
    let names = [view.name] + (isCached ? ["\(view.name)/key", "\(view.name)/value"] : [])
    var arguments: [Value.ID?] = Array(operands.prefix(3))
    if hasMask || isCached { arguments.append(mask) }
    arguments += past
    return builder.emit(
      .attention(operation), view.name, arguments, names: names,
      extents: [result] + (isCached ? presents : []))
  },
  "RotaryEmbed": { builder, view, inputs throws(LayerError) in
    try builder.rotation(view, inputs)
  },
  "MultiHeadAttention": { builder, view, inputs throws(LayerError) in
    try builder.multiHeadAttention(view, inputs)
  },
]

extension NCNNBuilder {
  /// Heads rotated by tables of cosines and sines; a matrix is one head.
  fileprivate mutating func rotation(
    _ view: LayerView, _ inputs: [Value.ID]
  ) throws(LayerError) -> [Value.ID] {
    var operands = try several(inputs, view, 3...3)
    let extents = try self.extents(operands[0])
    guard extents.count == 2 || extents.count == 3 else { throw .notModelled }
    let isMatrix = extents.count == 2
    for table in operands.dropFirst() {
      settle(
        table,
        [
          dimension(extents[extents.count - 2], "sequence_length"),
          dimension(extents[extents.count - 1].map { $0 / 2 }, "rotary_size"),
        ])
    }
    let heads = isMatrix ? [1] + extents : extents
    if isMatrix {
      operands[0] = emit(
        .view(.unsqueeze(axes: [1])), "\(view.name)/head", [operands[0]], extents: heads)
    }
    let rotated = emit(
      .attention(
        Attention(
          .rotaryEmbedding(
            Attention.Rotation(
              positionsSecond: false, interleaved: try view.flag(0), heads: 0, width: 0)))),
      view.name, operands.map { $0 }, extents: heads)
    guard isMatrix else { return [rotated] }
    return [
      emit(.view(.squeeze(axes: [1])), "\(view.name)/rows", [rotated], extents: extents)
    ]
  }

  /// Projections of queries, keys and values, attention, and the projection of the result.
  fileprivate mutating func multiHeadAttention(
    _ view: LayerView, _ inputs: [Value.ID]
  ) throws(LayerError) -> [Value.ID] {
    guard try view.int(7) == 0, try view.int(18) == 0 else { throw .notModelled }
    let hasMask = try view.flag(5)
    var operands = try several(inputs, view, 1...4)
    let mask = hasMask && operands.count > 1 ? operands.removeLast() : nil
    let width = try view.positive(0, "embed_dim")
    let heads = try view.positive(1, "num_heads", default: 1)
    _ = try view.quotient(width, heads, "embed_dim over num_heads")
    let queryWidth = try view.quotient(
      try view.positive(2, "weight_data_size"), width, "weight_data_size")
    let widths = [
      queryWidth, try view.positive(3, "kdim", default: width),
      try view.positive(4, "vdim", default: width),
    ]
    let query = operands[0]
    let key = operands.count > 1 ? operands[1] : query
    let value = operands.count > 2 ? operands[2] : key
    var projected: [Value.ID?] = []
    for (part, (source, size)) in zip(["q", "k", "v"], zip([query, key, value], widths)) {
      projected.append(try projection(view, part, source, from: size, to: width))
    }
    if let mask {
      settle(mask, [.named("sequence_length"), .named("sequence_length")])
      projected.append(mask)
    }
    let scale = try view.real(6)
    let length = try extents(query)[0]
    let attended = emit(
      .attention(
        Attention(
          .scaledDotProduct(
            queryHeads: heads, keyValueHeads: heads,
            Attention.Scoring(scale: scale == 0 ? nil : scale)))),
      view.name, projected, extents: [length, width])
    return [try projection(view, "out", attended, from: width, to: queryWidth)]
  }

  private mutating func projection(
    _ view: LayerView, _ part: String, _ source: Value.ID, from inner: Int, to outer: Int
  ) throws(LayerError) -> Value.ID {
    settle(source, [.named("sequence_length"), .fixed(inner)])
    let extents = try self.extents(source)
    guard extents.count == 2 else { throw .notModelled }
    let name = "\(view.name)/\(part)"
    let product = emit(
      .matrixProduct(MatrixProduct(.matMul)), name,
      [source, weight("\(name)/weight", [inner, outer])], extents: [extents[0], outer])
    return emit(
      .elementwise(Elementwise(.add)), "\(name)/add", [product, weight("\(name)/bias", [outer])],
      extents: [extents[0], outer])
  }
}
