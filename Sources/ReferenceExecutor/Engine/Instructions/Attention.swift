import CKernels
import ModelIR
import TensorTypes

/// softmax(scale · Q · Kᵀ + mask) · V without the scores in memory.
struct AttentionInstruction: Instruction {
  let shape: bf_attention
  let query: Address
  let key: Address
  let value: Address
  var mask: Address?
  let output: Address

  func run(_ machine: Machine) {
    unsafe withUnsafePointer(to: shape) { shape in
      unsafe bf_f32_attention(
        machine.pool, shape, machine.floats(query), machine.floats(key), machine.floats(value),
        machine.floats(mask), machine.floats(output), machine.scratch)
    }
  }
}

/// The operands of attention: `[…, rows, elements]` each, with at most two axes before.
struct AttentionOperands {
  var query: TensorView
  var key: TensorView
  var value: TensorView
  /// Broadcasts to the scores.
  var mask: TensorView?
  var scale: Double
  var softcap = 0.0
  /// How many keys stand before that of the first query, where queries see none behind their own.
  var causalStart: Int?
  /// Whether a query that sees no key has the result 0; else it has what softmax has, no number.
  var blindGetZero = false
}

extension Lowering {
  func lower(_ pattern: AttentionPattern, result: Value.ID) throws(ExecutionError) {
    guard let type = graph[result].type else { throw .unknownType(value: graph[result].name) }
    var key = try view(pattern.key)
    if pattern.isKeyTransposed { key = key.exchangingLastAxes }
    let operands = AttentionOperands(
      query: try view(pattern.query), key: key, value: try view(pattern.value),
      mask: try pattern.mask.map { (id) throws(ExecutionError) in try view(id) },
      scale: pattern.scale)
    views[result.index] = try lower(
      operands, result: result, type, order: transposeOrder(of: result, type))
  }

  /// Attention with results `[…, rows, elements]` of `type`, laid out in `order`.
  func lower(
    _ operands: AttentionOperands, result: Value.ID, _ type: TensorType, order: [Int]?
  ) throws(ExecutionError) -> TensorView {
    let output = allocate(for: result, type, order: order) {
      $0.strides[$0.rank - 1] == 1 || $0.extents[$0.rank - 1] == 1
    }
    try emit(operands, into: output)
    return output
  }

  func emit(
    _ operands: AttentionOperands, into output: TensorView
  ) throws(ExecutionError) {
    func elementsTogether(_ view: TensorView) throws(ExecutionError) -> TensorView {
      view.extents[view.rank - 1] == 1 || view.strides[view.rank - 1] == 1
        ? view : try rowMajor(view)
    }
    let query = try elementsTogether(operands.query)
    let value = try elementsTogether(operands.value)
    var key = operands.key
    let isTransposed =
      key.strides[key.rank - 1] != 1 && key.strides[key.rank - 2] == 1
      && key.extents[key.rank - 1] != 1
    if !isTransposed { key = try elementsTogether(key) }
    var shape = bf_attention()
    let heads = output.heads
    shape.batch = heads.batch
    shape.query_heads = heads.count
    shape.key_value_heads = key.heads.count
    shape.query_length = query.extents[query.rank - 2]
    shape.key_length = key.extents[key.rank - 2]
    shape.head_size = query.extents[query.rank - 1]
    shape.value_size = value.extents[value.rank - 1]
    shape.scale = Float(operands.scale)
    shape.softcap = Float(operands.softcap)
    shape.is_causal = operands.causalStart != nil
    shape.causal_start = operands.causalStart ?? 0
    shape.blind_get_zero = operands.blindGetZero
    shape.query = query.heads.strides
    shape.key = key.heads.strides
    shape.value = value.heads.strides
    shape.output = output.heads.strides
    shape.key_is_transposed = isTransposed
    if isTransposed { shape.key.row = key.strides[key.rank - 1] }
    var mask: TensorView?
    if let stated = operands.mask {
      let scores = Array(output.extents.dropLast()) + [shape.key_length]
      var rows = stated
      if rows.rank == 0 || rows.extents[rows.rank - 1] != shape.key_length
        || rows.strides[rows.rank - 1] != 1 && shape.key_length != 1
      {
        rows = try rowMajor(
          rows.broadcast(to: Array(rows.extents.dropLast()) + [shape.key_length]))
      }
      let whole = rows.broadcast(to: scores)
      mask = whole
      shape.mask = whole.heads.strides
    }
    let scratch = unsafe bf_f32_attention_scratch(&shape, machine.threads)
    try emit(
      AttentionInstruction(
        shape: shape, query: query.address, key: key.address, value: value.address,
        mask: mask?.address, output: output.address),
      kernel: "attention.f32",
      reads: [query.storage, key.storage, value.storage] + [mask?.storage].compactMap { $0 },
      writes: [output.storage], scratch: scratch)
  }
}

extension TensorView {
  var exchangingLastAxes: TensorView {
    var order = Array(extents.indices)
    order.swapAt(rank - 1, rank - 2)
    return transposed(order)
  }

  /// The axes before the last two as batch and heads, with their strides and that of rows; strides
  /// of extents of 1 are 0, so that they broadcast.
  fileprivate var heads: (batch: Int, count: Int, strides: bf_heads) {
    func stride(_ axis: Int) -> Int { extents[axis] == 1 ? 0 : strides[axis] }
    let row = strides[rank - 2]
    switch rank {
    case 2: return (1, 1, bf_heads(batch: 0, head: 0, row: row))
    case 3: return (extents[0], 1, bf_heads(batch: stride(0), head: 0, row: row))
    default:
      return (
        extents[0], extents[1], bf_heads(batch: stride(0), head: stride(1), row: row)
      )
    }
  }
}
