import CKernels
import ModelIR
import TensorTypes

/// A product with a packed matrix.
struct PackedProductInstruction: Instruction {
  let rows: Int
  let columns: Int
  let depth: Int
  let left: Address
  let leftStride: Int
  let packed: Address
  let output: Address
  let outputStride: Int
  let epilogue: Epilogue

  func run(_ machine: Machine) {
    unsafe epilogue.with(machine) { epilogue in
      unsafe bf_f32_gemm(
        machine.pool, rows, columns, depth, machine.floats(left), leftStride,
        machine.floats(packed), machine.floats(output), outputStride, epilogue)
    }
  }
}

/// Products of matrices that both come with the run.
struct BatchedProductInstruction: Instruction {
  let shape: bf_batched_gemm
  let left: Address
  let right: Address
  let output: Address
  let epilogue: Epilogue

  func run(_ machine: Machine) {
    unsafe epilogue.with(machine) { epilogue in
      unsafe withUnsafePointer(to: shape) { shape in
        unsafe bf_f32_batched_gemm(
          machine.pool, shape, machine.floats(left), machine.floats(right),
          machine.floats(output), epilogue, machine.scratch)
      }
    }
  }
}

extension Lowering {
  /// A matrix product of float32 and what follows it.
  func lower(
    _ product: MatrixProduct, _ node: Node, _ stages: [EpilogueStage], result: Value.ID
  ) throws(ExecutionError) {
    guard let first = node.inputs[0], let second = node.inputs[1], let own = node.outputs[0],
      let type = graph[own].type, let columns = type.dimensions.last
    else { throw .unknownType(value: node.name) }
    var (left, right) = (try view(first), try view(second))
    var (alpha, bias): (Float, [Float]) = (1, [])
    if case .gemm(let gemm) = product.function {
      if gemm.transposesA { left = left.transposed([1, 0]) }
      if gemm.transposesB { right = right.transposed([1, 0]) }
      alpha = Float(gemm.alpha)
      if node.inputs.count > 2, let id = node.inputs[2] {
        bias = try perChannel(id, columns).map { $0 * Float(gemm.beta) }
      }
    }
    let numbers = try numbers(of: stages, channels: columns, bias: bias)
    if storages[right.storage].isConstant, right.rank == 2 {
      try lowerPacked(left, right, alpha, numbers, type, result)
    } else {
      try lowerBatched(left, right, alpha, numbers, type, result)
    }
  }

  private func lowerPacked(
    _ operand: TensorView, _ right: TensorView, _ alpha: Float, _ numbers: EpilogueNumbers,
    _ type: TensorType, _ result: Value.ID
  ) throws(ExecutionError) {
    let (depth, columns) = (right.extents[0], right.extents[1])
    var left = operand
    if left.rowStride == nil { left = try rowMajor(left) }
    let rows = left.elementCount / max(depth, 1)
    let output = allocate(for: result, type) { $0.rowStride != nil }
    let packed: Address
    if numbers.factors.isEmpty && alpha == 1 {
      packed = unsafe constant(bytes: bf_f32_packed_bytes(depth, columns)) { destination in
        unsafe bf_f32_pack(
          machine.floats(right.address), right.strides[0], right.strides[1], depth, columns,
          destination.assumingMemoryBound(to: Float.self))
      }
    } else {
      let weights = unsafe machine.floats(try scratchCopy(right))
      for index in 0..<depth * columns {
        unsafe weights[index] *=
          alpha * (numbers.factors.isEmpty ? 1 : numbers.factors[index % columns])
      }
      packed = unsafe constant(bytes: bf_f32_packed_bytes(depth, columns)) { destination in
        unsafe bf_f32_pack(
          weights, columns, 1, depth, columns,
          destination.assumingMemoryBound(to: Float.self))
      }
    }
    let (epilogue, reads) = try rowEpilogue(numbers)
    try emit(
      PackedProductInstruction(
        rows: rows, columns: columns, depth: depth, left: left.address,
        leftStride: left.rowStride ?? depth, packed: packed, output: output.address,
        outputStride: output.rowStride ?? columns, epilogue: epilogue),
      kernel: rows == 1 ? "gemv.f32" : "gemm.f32",
      reads: [left.storage, packed.storage] + reads, writes: [output.storage])
    views[result.index] = output
  }

  private func lowerBatched(
    _ left: TensorView, _ right: TensorView, _ alpha: Float, _ numbers: EpilogueNumbers,
    _ type: TensorType, _ result: Value.ID
  ) throws(ExecutionError) {
    let order = transposeOrder(of: result, type) ?? Array(0..<type.rank)
    let output = allocate(for: result, type, order: order) {
      $0.strides[$0.rank - 1] == 1 || $0.extents[$0.rank - 1] == 1
    }
    guard let shape = BatchedShape(left, right, output) else {
      return try lowerBatched(
        try rowMajor(left), try rowMajor(right), alpha, numbers, type, result)
    }
    var epilogue = try rowEpilogue(numbers)
    if numbers.residual != nil { epilogue.epilogue.residual = nil }
    var gemm = shape.gemm
    gemm.scale = alpha
    let scratch = unsafe bf_f32_batched_gemm_scratch(&gemm, machine.threads)
    try emit(
      BatchedProductInstruction(
        shape: gemm, left: left.address, right: right.address, output: output.address,
        epilogue: epilogue.epilogue),
      kernel: "batched-gemm.f32", reads: [left.storage, right.storage] + epilogue.reads,
      writes: [output.storage], scratch: scratch)
    views[result.index] = output
  }

  /// The epilogue of results in rows.
  func rowEpilogue(
    _ numbers: EpilogueNumbers
  ) throws(ExecutionError) -> (epilogue: Epilogue, reads: [Int]) {
    var epilogue = Epilogue(
      activation: numbers.activation, residualActivation: numbers.residualActivation)
    var reads: [Int] = []
    if !numbers.addends.isEmpty {
      let bias = constant(numbers.addends)
      epilogue.bias = bias
      reads.append(bias.storage)
    }
    if let value = numbers.residual {
      var residual = try view(value)
      if residual.rowStride == nil { residual = try rowMajor(residual) }
      epilogue.residual = residual.address
      epilogue.residualStride = residual.rowStride ?? 0
      reads.append(residual.storage)
    }
    return (epilogue, reads)
  }

  /// The memory order that makes the only reader, a transpose, a matter of names; `nil` when it
  /// moves the last axis.
  func transposeOrder(of value: Value.ID, _ type: TensorType) -> [Int]? {
    guard let reader = uses.onlyConsumer(of: value),
      case .movement(.transpose(let permutation)) = graph[reader].op, let permutation,
      permutation.count == type.rank, permutation.last == type.rank - 1
    else { return nil }
    return permutation
  }
}

/// The strides of a product of stacks of matrices, broadcast by numpy's rule.
struct BatchedShape {
  var gemm = bf_batched_gemm()

  /// `nil` when the stacks do not fold into two axes.
  init?(_ left: TensorView, _ right: TensorView, _ output: TensorView) {
    // A vector is a matrix of one row or column, and the result lacks that axis.
    let matrixLeft = left.rank == 1 ? left.withAxis(at: 0) : left
    let matrixRight = right.rank == 1 ? right.withAxis(at: 1) : right
    var result = output
    if right.rank == 1 { result = result.withAxis(at: result.rank) }
    if left.rank == 1 { result = result.withAxis(at: result.rank - 1) }
    guard result.rank >= 2 else { return nil }
    let batch = Array(result.extents.dropLast(2))
    let operands =
      [matrixLeft, matrixRight].map { operand in
        operand.broadcast(to: batch + operand.extents.suffix(2))
      } + [result]
    var groups: [(extent: Int, strides: [Int])] = []
    for axis in batch.indices where batch[axis] != 1 {
      let next = operands.map { $0.strides[axis] }
      if let last = groups.last, zip(last.strides, next).allSatisfy({ $0 == $1 * batch[axis] }) {
        groups[groups.count - 1] = (last.extent * batch[axis], next)
      } else {
        groups.append((batch[axis], next))
      }
    }
    guard groups.count <= 2 else { return nil }
    while groups.count < 2 { groups.insert((1, [0, 0, 0]), at: 0) }
    let rank = result.rank
    guard result.strides[rank - 1] == 1 || result.extents[rank - 1] == 1 else { return nil }
    func strides(_ position: Int) -> bf_batch_strides {
      let operand = operands[position]
      return bf_batch_strides(
        outer: groups[0].strides[position], inner: groups[1].strides[position],
        row: operand.strides[operand.rank - 2], column: operand.strides[operand.rank - 1])
    }
    gemm.outer = groups[0].extent
    gemm.inner = groups[1].extent
    gemm.m = result.extents[rank - 2]
    gemm.n = result.extents[rank - 1]
    gemm.k = matrixLeft.extents[matrixLeft.rank - 1]
    gemm.a = strides(0)
    gemm.b = strides(1)
    gemm.c = strides(2)
    gemm.c.column = 1
  }
}

extension TensorView {
  func withAxis(at position: Int) -> TensorView {
    var view = self
    view.extents.insert(1, at: position)
    view.strides.insert(1, at: position)
    return view
  }
}
