import CKernels
import ModelIR
import TensorTypes

extension Lowering {
  /// Attention that a model has as one operator, in single precision, where nobody asks for the
  /// scores and every query sees all keys before its own place, or all.
  func lower(_ attention: Attention, _ node: Node) throws(ExecutionError) {
    let operands: AttentionOperands?
    switch attention.function {
    case .scaledDotProduct(let queryHeads, let keyValueHeads, let scoring):
      operands = try scaledDotProduct(node, queryHeads, keyValueHeads, scoring)
    case .multiHead(let heads, let scoring):
      operands = try multiHead(node, heads, scoring)
    case .projected, .quantizedProjected, .groupQuery, .rotaryEmbedding, .linear,
      .embedLayerNormalization:
      operands = nil
    }
    guard let operands, let result = node.outputs.first ?? nil, let type = graph[result].type
    else { return try lowerByReference(node) }
    let hasHeadAxis = type.rank == 4
    let heads = operands.query.extents[1]
    let output = allocate(for: result, type) { $0.isRowMajor }
    guard let rows = hasHeadAxis ? output : output.split(heads: heads) else {
      return try lowerByReference(node)
    }
    try emit(operands, into: rows)
    views[result.index] = output
  }

  /// `nil` for a form that has no kernel.
  private func scaledDotProduct(
    _ node: Node, _ queryHeads: Int?, _ keyValueHeads: Int?, _ scoring: Attention.Scoring
  ) throws(ExecutionError) -> AttentionOperands? {
    guard isPlain(scoring), node.inputs.element(6) ?? nil == nil, isUnused(3, of: node),
      let query = try heads(0, of: node, queryHeads),
      let key = try heads(1, of: node, keyValueHeads),
      let value = try heads(2, of: node, keyValueHeads)
    else { return nil }
    return try operands(
      node, query, key, value, mask: 3, past: (4, 5), scoring)
  }

  private func multiHead(
    _ node: Node, _ count: Int, _ scoring: Attention.Scoring
  ) throws(ExecutionError) -> AttentionOperands? {
    // A bias, padding, and a buffer that past and present share have their own rules.
    guard isPlain(scoring), isUnused(3, of: node),
      [3, 4, 8, 9].allSatisfy({ node.inputs.element($0) ?? nil == nil }),
      let query = try heads(0, of: node, count), let key = try heads(1, of: node, count),
      let value = try heads(2, of: node, count)
    else { return nil }
    return try operands(node, query, key, value, mask: 5, past: (6, 7), scoring)
  }

  private func isPlain(_ scoring: Attention.Scoring) -> Bool {
    scoring.lookback == nil && scoring.lookahead == nil
  }

  private func isUnused(_ output: Int, of node: Node) -> Bool {
    guard let value = node.outputs.element(output) ?? nil else { return true }
    return uses.consumers[value.index].isEmpty && !uses.isOutput[value.index]
  }

  /// Queries, keys or values as `[batch, heads, length, size]`.
  private func heads(
    _ input: Int, of node: Node, _ count: Int?
  ) throws(ExecutionError) -> TensorView? {
    guard let id = node.inputs.element(input) ?? nil, graph[id].type?.dtype == .float32 else {
      return nil
    }
    let view = try view(id)
    switch view.rank {
    case 4: return view
    case 3:
      guard let count, count > 0, view.extents[2] % count == 0 else { return nil }
      if let split = view.split(heads: count) { return split }
      return try rowMajor(view).split(heads: count)
    default: return nil
    }
  }

  private func operands(
    _ node: Node, _ query: TensorView, _ newKey: TensorView, _ newValue: TensorView, mask: Int,
    past: (key: Int, value: Int), _ scoring: Attention.Scoring
  ) throws(ExecutionError) -> AttentionOperands? {
    let pastKey = node.inputs.element(past.key) ?? nil
    let pastValue = node.inputs.element(past.value) ?? nil
    let before = pastKey.flatMap { graph[$0].type?.dimensions.element(2) } ?? 0
    let keyLength = before + newKey.extents[2]
    guard (pastKey == nil) == (pastValue == nil),
      [pastKey, pastValue].allSatisfy({ $0.map { graph[$0].type?.dtype == .float32 } ?? true }),
      query.elementCount > 0, keyLength > 0, newValue.extents[3] > 0, newKey.extents[1] > 0,
      query.extents[1] % newKey.extents[1] == 0,
      newKey.extents[..<2] == newValue.extents[..<2], newKey.extents[0] == query.extents[0],
      newKey.extents[2] == newValue.extents[2], newKey.extents[3] == query.extents[3]
    else { return nil }
    var addend: TensorView?
    if let id = node.inputs.element(mask) ?? nil {
      let scores = [query.extents[0], query.extents[1], query.extents[2], keyLength]
      guard let type = graph[id].type, type.rank <= 4, [.float32, .bool].contains(type.dtype),
        zip(type.dimensions.reversed(), scores.reversed()).allSatisfy({ $0 == 1 || $0 == $1 })
      else { return nil }
      let view = try view(id)
      addend = type.dtype == .bool ? try hidden(by: view) : view
    }
    return AttentionOperands(
      query: query, key: try present(newKey, after: pastKey, output: 1, of: node),
      value: try present(newValue, after: pastValue, output: 2, of: node), mask: addend,
      scale: scoring.scale ?? 1 / Double(query.extents[3]).squareRoot(), softcap: scoring.softcap,
      causalStart: scoring.isCausal ? before : nil, blindGetZero: true)
  }

  /// Keys or values with the new ones behind the past ones, where the node's output has them if it
  /// has one that is needed.
  private func present(
    _ new: TensorView, after past: Value.ID?, output: Int, of node: Node
  ) throws(ExecutionError) -> TensorView {
    let result = isUnused(output, of: node) ? nil : node.outputs[output]
    guard let past else {
      if let result { views[result.index] = new }
      return new
    }
    let older = try view(past)
    var extents = new.extents
    extents[2] += older.extents[2]
    let type = TensorType(.float32, extents)
    let whole: TensorView
    if let result, let wanted = assembly(of: result) {
      whole = wanted
    } else {
      whole = allocate(type)
      storages[whole.storage].isAssembled = true
    }
    let count = older.extents[2]
    try copy(older, to: whole.sliced(axis: 2, start: 0, count: count))
    try copy(new, to: whole.sliced(axis: 2, start: count, count: new.extents[2]))
    if let result { views[result.index] = whole }
    return whole
  }

  /// A mask of truth values as what is added to scores: 0 where a key is seen, −∞ where not.
  private func hidden(by mask: TensorView) throws(ExecutionError) -> TensorView {
    let mask = try rowMajor(mask)
    let output = allocate(TensorType(.float32, mask.extents))
    try emit(
      HidingInstruction(count: mask.elementCount, mask: mask.address, output: output.address),
      kernel: "mask.f32", reads: [mask.storage], writes: [output.storage])
    return output
  }
}

/// 0 for true, −∞ for false.
struct HidingInstruction: Instruction {
  let count: Int
  let mask: Address
  let output: Address

  func run(_ machine: Machine) {
    let from = unsafe machine.pointer(mask).assumingMemoryBound(to: UInt8.self)
    let to = unsafe machine.pointer(output).assumingMemoryBound(to: Float.self)
    for index in 0..<count { unsafe to[index] = from[index] != 0 ? 0 : -.infinity }
  }
}

extension TensorView {
  /// `[batch, length, heads · size]` as `[batch, heads, length, size]`; `nil` where strides cannot
  /// say that.
  fileprivate func split(heads: Int) -> TensorView? {
    reshaped([extents[0], extents[1], heads, extents[2] / heads])?.transposed([0, 2, 1, 3])
  }
}
