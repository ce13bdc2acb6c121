import CKernels
import ModelIR
import TensorTypes

extension Lowering {
  /// Lowers a node that only moves elements which are bytes, or that has bytes and their scales as
  /// operands; `false` for others.
  func lowerOnBytes(_ node: Node) throws(ExecutionError) -> Bool {
    guard let source = node.inputs.first ?? nil, let result = node.outputs.first ?? nil,
      let type = graph[result].type, type.elementCount > 0
    else { return false }
    if case .quantization = node.op { return false }
    if affines[result.index] != nil, let known = quantized[source.index] {
      return try lowerMove(node, known, result, type.dimensions)
    }
    switch node.op {
    case .elementwise(let elementwise):
      return try lowerQuantized(elementwise, node, source, result, type)
    case .pooling(let pooling):
      return try lowerQuantized(pooling, node, source, result, type)
    case .movement(.qLinearConcat(let axis)):
      return try lowerQuantizedConcatenation(axis, node, result, type)
    case .softmax(let softmax) where softmax.function == .qLinearSoftmax:
      return try lowerQuantized(softmax, node, source, result, type)
    default: return false
    }
  }

  private func lowerMove(
    _ node: Node, _ source: QuantizedView, _ result: Value.ID, _ extents: [Int]
  ) throws(ExecutionError) -> Bool {
    let input = source.bytes
    func keep(_ bytes: TensorView, as value: Value.ID? = nil) {
      quantized[(value ?? result).index] = QuantizedView(bytes: bytes, affine: source.affine)
    }
    switch node.op {
    case .view:
      if let same = input.reshaped(extents) {
        keep(same)
      } else {
        let output = allocate(TensorType(input.dtype, extents))
        guard let place = output.reshaped(input.extents) else { return false }
        try copy(input, to: place)
        keep(output)
      }
    case .movement(.transpose(let permutation)):
      keep(input.transposed(permutation ?? Array(input.extents.indices.reversed())))
    case .movement(.split(let split)):
      let axis = split.axis < 0 ? split.axis + input.rank : split.axis
      var start = 0
      for case let output? in node.outputs {
        guard let count = graph[output].type?.dimensions[axis] else { return false }
        keep(input.sliced(axis: axis, start: start, count: count), as: output)
        start += count
      }
    case .movement(.slice(let slice)):
      guard let operands = graph.operandTypes(of: node), let type = operands.first??.type,
        let ranges = try? slice.ranges(of: type, operands)
      else { return false }
      var view = input
      for (axis, range) in ranges.enumerated() {
        view = view.sliced(axis: axis, start: range.start, count: range.count, step: range.step)
      }
      keep(view)
    case .movement(.concat(let axis)):
      keep(try concatenated(node, axis, source.affine, result, extents, isWanted: false))
    case .movement(.resize(let resize)), .movement(.upsample(let resize)):
      guard let repeats = repetitions(resize, node) else { return false }
      keep(try repeated(input, repeats, extents))
    case .pooling(let pooling):
      guard case .max(let sliding, _) = pooling.function,
        let output = try pooled(sliding, BF_POOL_MAX, source, source.affine, nil, extents)
      else { return false }
      keep(output)
    default: return false
    }
    return true
  }

  /// Bytes of several values side by side, brought to one scale.
  func concatenated(
    _ node: Node, _ axis: Int, _ affine: ByteAffine, _ result: Value.ID, _ extents: [Int],
    isWanted: Bool
  ) throws(ExecutionError) -> TensorView {
    var parts: [QuantizedView] = []
    for case let input? in node.inputs { parts.append(try quantizedView(input)) }
    return try concatenated(parts, axis, affine, isWanted ? result : nil, result, extents)
  }

  func concatenated(
    _ parts: [QuantizedView], _ axis: Int, _ affine: ByteAffine, _ wanted: Value.ID?,
    _ result: Value.ID, _ extents: [Int]
  ) throws(ExecutionError) -> TensorView {
    let axis = axis < 0 ? axis + extents.count : axis
    let type = TensorType(affine.dtype, extents)
    let order = uses.prefersChannelsLast[result.index] ? channelsLastOrder(rank: type.rank) : nil
    let output =
      if let wanted { allocate(for: wanted, type, order: order) { _ in true } } else {
        allocate(type, order: order)
      }
    storages[output.storage].isAssembled = true
    var start = 0
    for part in parts {
      let bytes = try requantized(part, to: affine, result: nil)
      let count = bytes.extents[axis]
      try copy(bytes, to: output.sliced(axis: axis, start: start, count: count))
      start += count
    }
    return output
  }

  /// How often a resize repeats each element along each axis; `nil` when it does anything else.
  func repetitions(_ resize: Resize, _ node: Node) -> [Int]? {
    guard resize.mode == .nearest, let source = node.inputs[0], let result = node.outputs[0],
      let input = graph[source].type?.dimensions, let output = graph[result].type?.dimensions,
      (3...4).contains(input.count), input.count == output.count,
      let filters = try? filters(resize, node, input, output), filters.count == input.count - 2
    else { return nil }
    var repeats = [1, 1]
    for (axis, filter) in filters.enumerated() {
      let before = input[axis + 2]
      guard before > 0, filter.count % before == 0, filter.count >= before else { return nil }
      let count = filter.count / before
      let isPlain = filter.enumerated().allSatisfy { place, sources in
        sources.count == 1 && sources[0].weight == 1
          && min(max(sources[0].place, 0), before - 1) == place / count
      }
      guard isPlain else { return nil }
      repeats.append(count)
    }
    return repeats
  }

  private func repeated(
    _ input: TensorView, _ repeats: [Int], _ extents: [Int]
  ) throws(ExecutionError) -> TensorView {
    let output = allocate(
      TensorType(input.dtype, extents), order: channelsLastOrder(rank: extents.count))
    var (from, to) = (input, output)
    (from.extents, from.strides, to.extents, to.strides) = ([], [], [], [])
    for axis in extents.indices {
      from.extents += [input.extents[axis], repeats[axis]]
      from.strides += [input.strides[axis], 0]
      to.strides += [output.strides[axis] * repeats[axis], output.strides[axis]]
    }
    to.extents = from.extents
    try copy(from, to: to)
    return output
  }
}
