import CKernels
import ModelIR
import TensorTypes

extension Lowering {
  /// New names for the same elements: a view, or a copy in the order of the axes where the new
  /// extents cut across the old ones.
  func lower(_ operation: View, _ node: Node) throws(ExecutionError) {
    guard let source = node.inputs.first ?? nil, let result = node.outputs.first ?? nil,
      let type = graph[result].type, graph[source].type != nil,
      node.outputs.dropFirst().allSatisfy({
        $0.map { uses.consumers[$0.index].isEmpty && !uses.isOutput[$0.index] } ?? true
      })
    else { return try lowerByReference(node) }
    var input = try view(source)
    if case .bitCast(let dtype) = operation { input.dtype = dtype }
    if input.elementSize == 0 {
      guard input.isRowMajor else { return try lowerByReference(node) }
    }
    if let same = input.reshaped(type.dimensions) {
      views[result.index] = same
      return
    }
    let wanted = allocate(for: result, type) { $0.reshaped(input.extents) != nil }
    guard let target = wanted.reshaped(input.extents) else { return try lowerByReference(node) }
    try copy(input, to: target)
    views[result.index] = wanted
  }

  func lower(_ movement: Movement, _ node: Node) throws(ExecutionError) {
    let isPlain = (node.inputs + node.outputs).allSatisfy { value in
      guard let value else { return true }
      guard let type = graph[value].type else { return false }
      return type.dtype.block.elements == 1 && type.dtype != .string
    }
    guard isPlain, let source = node.inputs.first ?? nil, let result = node.outputs.first ?? nil,
      let type = graph[result].type
    else { return try lowerByReference(node) }
    switch movement {
    case .transpose(let permutation):
      let input = try view(source)
      views[result.index] = input.transposed(permutation ?? Array(input.extents.indices.reversed()))
    case .concat(let axis): try lowerConcatenation(axis, node, result, type)
    case .split(let split): try lower(split, node, source)
    case .slice(let slice): try lower(slice, node, source, result)
    case .expand:
      let input = try view(source)
      if type.dimensions.count < input.rank { return try lowerByReference(node) }
      views[result.index] = input.broadcast(to: type.dimensions)
    case .pad(let pads, let filling):
      try lowerPadding(pads, filling, node, source, result, type)
    case .tile: try lowerTiling(node, source, result, type)
    case .depthToSpace, .spaceToDepth: try lowerBlocks(movement, node, source, result, type)
    case .cast, .castLike: try lowerCast(node, source, result, type)
    case .resize(let resize), .upsample(let resize):
      try lower(resize, node, source, result, type)
    case .qLinearConcat, .reverseSequence, .trilu, .col2Im, .centerCropPad:
      try lowerByReference(node)
    }
  }

  private func lowerConcatenation(
    _ axis: Int, _ node: Node, _ result: Value.ID, _ type: TensorType
  ) throws(ExecutionError) {
    let parts = node.inputs.compactMap { $0 }
    if parts.count == 1 {
      views[result.index] = try view(parts[0])
      return
    }
    let axis = axis < 0 ? axis + type.rank : axis
    let isConstant = parts.allSatisfy { uses.isConstant[$0.index] }
    guard let output = isConstant ? allocate(type) : assembly(of: result) else {
      throw .unknownType(value: graph[result].name)
    }
    var start = 0
    for part in parts {
      let input = try view(part)
      let place = output.sliced(axis: axis, start: start, count: input.extents[axis])
      start += input.extents[axis]
      if input != place { try copy(input, to: place) }
    }
    views[result.index] = output
  }

  private func lower(
    _ split: Movement.Split, _ node: Node, _ source: Value.ID
  ) throws(ExecutionError) {
    let input = try view(source)
    let axis = split.axis < 0 ? split.axis + input.rank : split.axis
    var start = 0
    for output in node.outputs {
      guard let output, let extents = graph[output].type?.dimensions else {
        return try lowerByReference(node)
      }
      views[output.index] = input.sliced(axis: axis, start: start, count: extents[axis])
      start += extents[axis]
    }
  }

  private func lower(
    _ slice: Movement.Slice, _ node: Node, _ source: Value.ID, _ result: Value.ID
  ) throws(ExecutionError) {
    var input = try view(source)
    guard let operands = graph.operandTypes(of: node), let type = graph[source].type,
      let ranges = try? slice.ranges(of: type, operands)
    else { return try lowerByReference(node) }
    for (axis, range) in ranges.enumerated() {
      input = input.sliced(axis: axis, start: range.start, count: range.count, step: range.step)
    }
    views[result.index] = input
  }

  private func lowerTiling(
    _ node: Node, _ source: Value.ID, _ result: Value.ID, _ type: TensorType
  ) throws(ExecutionError) {
    let input = try view(source)
    guard input.elementCount > 0, type.elementCount > 0 else { return try lowerByReference(node) }
    let output = allocate(for: result, type) { $0.isRowMajor }
    // Each axis as repeats × extent, the repeats reading the same elements.
    var (from, to) = (input, output)
    (from.extents, from.strides, to.extents, to.strides) = ([], [], [], [])
    for axis in input.extents.indices {
      let extent = input.extents[axis]
      from.extents += [type.dimensions[axis] / extent, extent]
      from.strides += [0, input.strides[axis]]
      to.strides += [output.strides[axis] * extent, output.strides[axis]]
    }
    to.extents = from.extents
    guard CopyInstruction(from, to: to) != nil else { return try lowerByReference(node) }
    try copy(from, to: to)
    views[result.index] = output
  }

  private func lowerBlocks(
    _ movement: Movement, _ node: Node, _ source: Value.ID, _ result: Value.ID,
    _ type: TensorType
  ) throws(ExecutionError) {
    let input = try view(source)
    guard input.rank == 4, type.elementCount > 0 else { return try lowerByReference(node) }
    let (n, h, w) = (input.extents[0], input.extents[2], input.extents[3])
    let split: [Int]
    let order: [Int]
    switch movement {
    case .depthToSpace(let size, channelsLast: false, let channelsOutermost):
      split =
        channelsOutermost
        ? [n, type.dimensions[1], size, size, h, w] : [n, size, size, type.dimensions[1], h, w]
      order = channelsOutermost ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]
    case .spaceToDepth(let size, channelsLast: false, let channelsOutermost):
      split = [n, input.extents[1], h / size, size, w / size, size]
      order = channelsOutermost ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4]
    default: return try lowerByReference(node)
    }
    guard let blocks = input.reshaped(split) else {
      let copied = try rowMajor(input)
      guard let blocks = copied.reshaped(split) else { return try lowerByReference(node) }
      return try finishBlocks(blocks.transposed(order), result, type)
    }
    try finishBlocks(blocks.transposed(order), result, type)
  }

  private func finishBlocks(
    _ blocks: TensorView, _ result: Value.ID, _ type: TensorType
  ) throws(ExecutionError) {
    if let view = blocks.reshaped(type.dimensions) {
      views[result.index] = view
      return
    }
    let output = allocate(
      for: result, type,
      order: uses.prefersChannelsLast[result.index] ? channelsLastOrder(rank: type.rank) : nil
    ) { $0.reshaped(blocks.extents) != nil }
    guard let place = output.reshaped(blocks.extents) else {
      throw nodeError(.inconsistent("a block that does not fit"))
    }
    try copy(blocks, to: place)
    views[result.index] = output
  }

  private func lowerCast(
    _ node: Node, _ source: Value.ID, _ result: Value.ID, _ type: TensorType
  ) throws(ExecutionError) {
    if graph[source].type?.dtype == type.dtype {
      views[result.index] = try view(source)
      return
    }
    try lowerByReference(node)
  }
}
