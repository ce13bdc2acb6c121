import CKernels
import ModelIR
import TensorTypes

/// Operators whose operands are bytes with their scales.
extension Lowering {
  func lowerQuantized(
    _ elementwise: Elementwise, _ node: Node, _ source: Value.ID, _ result: Value.ID,
    _ type: TensorType
  ) throws(ExecutionError) -> Bool {
    switch elementwise.function {
    case .qLinearAdd, .qLinearMul:
      guard let other = node.input(3), graph[other].type?.dimensions == type.dimensions,
        graph[source].type?.dimensions == type.dimensions,
        let left = try operand(node, 0), let right = try operand(node, 3),
        let output = try affine(
          scale: node.input(6), zeroPoint: node.input(7), dtype: type.dtype)
      else { return false }
      let multiplies = elementwise.function == .qLinearMul
      views[result.index] =
        elementwise.requantization == .fixedPoint
        ? try combinedInFixedPoint(multiplies, left, right, output, result)
        : try combined(multiplies, left, right, output, result)
    case .qLinearSigmoid:
      try lowerFunction(.sigmoid, node, result, type)
    case .qLinearLeakyRelu(let alpha):
      if elementwise.requantization == .fixedPoint {
        try lowerLeakyInFixedPoint(alpha, node, result, type)
      } else {
        try lowerFunction(.leakyRelu(alpha: alpha), node, result, type)
      }
    case .clip(let least?, let greatest?):
      // Bounds of stored numbers, whatever they stand for.
      guard type.dtype.isByte, graph[source].type?.dtype == type.dtype,
        Int(exactly: least) != nil, Int(exactly: greatest) != nil
      else { return false }
      let stored = ByteAffine(isSigned: type.dtype == .int8, scale: 1, zeroPoint: 0)
      let table = (0...255).map { byte in
        stored.bits(Float(min(max(Double(stored.number(UInt8(byte))), least), greatest)))
      }
      views[result.index] = try lowerTable(
        table, try view(source), dtype: type.dtype, result: result)
    default: return false
    }
    return views[result.index] != nil
  }

  private func lowerFunction(
    _ function: Elementwise.Function, _ node: Node, _ result: Value.ID, _ type: TensorType
  ) throws(ExecutionError) {
    guard let input = try operand(node, 0),
      let output = try affine(scale: node.input(3), zeroPoint: node.input(4), dtype: type.dtype)
    else { return }
    let bytes = (0...255).map { UInt8($0) }
    let operand = tensor(bytes.map(input.affine.real))
    let values: [Tensor]
    do throws(ReferenceError) {
      values = try Operator.elementwise(Elementwise(function)).evaluate([operand])
    } catch { throw nodeError(error) }
    let table = (values.first?.reals?.elements ?? []).map { output.bits(Float($0)) }
    views[result.index] = try lowerTable(table, input.bytes, dtype: output.dtype, result: result)
  }

  private func lowerLeakyInFixedPoint(
    _ alpha: Double, _ node: Node, _ result: Value.ID, _ type: TensorType
  ) throws(ExecutionError) {
    guard let input = try operand(node, 0),
      let output = try affine(scale: node.input(3), zeroPoint: node.input(4), dtype: type.dtype)
    else { return }
    let rectify = FixedPointLeakyRelu(
      alpha: alpha, scale: input.affine.scale, zeroPoint: input.affine.zeroPoint,
      resultScale: output.scale)
    let table = (0...255).map { output.bits(stored: rectify(input.affine.number(UInt8($0)))) }
    views[result.index] = try lowerTable(table, input.bytes, dtype: output.dtype, result: result)
  }

  /// Bytes, their scale and their zero point at `position`; `nil` when these are not constant.
  private func operand(_ node: Node, _ position: Int) throws(ExecutionError) -> QuantizedView? {
    guard let source = node.input(position), let type = graph[source].type,
      let affine = try affine(
        scale: node.input(position + 1), zeroPoint: node.input(position + 2), dtype: type.dtype)
    else { return nil }
    return QuantizedView(bytes: try view(source), affine: affine)
  }

  func lowerQuantized(
    _ pooling: Pooling, _ node: Node, _ source: Value.ID, _ result: Value.ID, _ type: TensorType
  ) throws(ExecutionError) -> Bool {
    guard node.outputs.count == 1, (3...4).contains(type.rank) else { return false }
    switch pooling.function {
    case .max(let sliding, _):
      guard type.dtype.isByte else { return false }
      let affine = ByteAffine(isSigned: type.dtype == .int8, scale: 1, zeroPoint: 0)
      let input = QuantizedView(bytes: try view(source), affine: affine)
      guard let output = try pooled(sliding, BF_POOL_MAX, input, affine, result, type.dimensions)
      else { return false }
      views[result.index] = output
    case .qLinearAverage, .qLinearGlobalAverage:
      guard let input = try operand(node, 0),
        let affine = try affine(scale: node.input(3), zeroPoint: node.input(4), dtype: type.dtype),
        let output = try averaged(pooling, input, affine, result, type.dimensions)
      else { return false }
      views[result.index] = output
    default: return false
    }
    return true
  }

  func lowerQuantizedConcatenation(
    _ axis: Int, _ node: Node, _ result: Value.ID, _ type: TensorType
  ) throws(ExecutionError) -> Bool {
    guard node.inputs.count > 2, (node.inputs.count - 2) % 3 == 0,
      let affine = try affine(scale: node.input(0), zeroPoint: node.input(1), dtype: type.dtype),
      !uses.isConstant[result.index]
    else { return false }
    var parts: [QuantizedView] = []
    for position in stride(from: 2, to: node.inputs.count, by: 3) {
      guard let part = try operand(node, position) else { return false }
      parts.append(part)
    }
    views[result.index] = try concatenated(parts, axis, affine, result, result, type.dimensions)
    return true
  }

  /// In real numbers between bytes.
  func lowerQuantized(
    _ softmax: Softmax, _ node: Node, _ source: Value.ID, _ result: Value.ID, _ type: TensorType
  ) throws(ExecutionError) -> Bool {
    guard let input = try operand(node, 0),
      let output = try affine(scale: node.input(3), zeroPoint: node.input(4), dtype: type.dtype)
    else { return false }
    let real = try rowMajor(try dequantized(input))
    let split = AxisSplit(
      type.dimensions, axis: softmax.axis < 0 ? softmax.axis + type.rank : softmax.axis)
    let isFlat = softmax.flattensTrailingAxes
    let values = allocate(real.type)
    try emit(
      SoftmaxInstruction(
        outer: split.outer, extent: isFlat ? split.extent * split.inner : split.extent,
        inner: isFlat ? 1 : split.inner, isLogarithm: false, input: real.address,
        output: values.address),
      kernel: "softmax.f32", reads: [real.storage], writes: [values.storage])
    views[result.index] = try quantize(values, output, result: result)
    return true
  }

  /// Weights of few bits in blocks.
  func lowerBlockQuantized(_ product: MatrixProduct, _ node: Node) throws(ExecutionError) {
    guard case .matMulNBits(let weights) = product.function, [4, 8].contains(weights.bits),
      weights.blockSize >= 16, weights.blockSize.nonzeroBitCount == 1, weights.inputSize > 0,
      weights.outputSize > 0, let source = node.input(0),
      graph[source].type?.dtype == .float32, let result = node.outputs[0],
      let type = graph[result].type, type.elementCount > 0, let packed = node.input(1),
      uses.isConstant[packed.index], let scales = node.input(2), uses.isConstant[scales.index],
      graph[scales].type?.dtype == .float32, node.input(4) == nil
    else { return try lowerByReference(node) }
    let blocks = (weights.inputSize - 1) / weights.blockSize + 1
    let bytes = try rowMajor(try view(packed))
    let factors = try floats(try view(scales))
    guard bytes.dtype == .uint8, factors.count == weights.outputSize * blocks,
      bytes.elementCount == factors.count * weights.blockSize * weights.bits / 8
    else { return try lowerByReference(node) }
    var zeros: [UInt8] = []
    if let id = node.input(3) {
      guard graph[id].type?.dtype == .uint8, uses.isConstant[id.index] else {
        return try lowerByReference(node)
      }
      zeros = try integers(id).map { UInt8(clamping: $0) }
      guard zeros.count == weights.outputSize * ((blocks * weights.bits - 1) / 8 + 1) else {
        return try lowerByReference(node)
      }
    }
    var bias: [Float] = []
    if let id = node.input(5) {
      guard uses.isConstant[id.index] else { return try lowerByReference(node) }
      bias = try perChannel(id, weights.outputSize)
    }
    var shape = bf_block_quantized(
      k: weights.inputSize, n: weights.outputSize, block_size: weights.blockSize,
      bits: Int32(weights.bits))
    let constant = unsafe constant(bytes: bf_block_packed_bytes(&shape)) { destination in
      unsafe zeros.withUnsafeBufferPointer { zeros in
        unsafe bf_block_pack(
          &shape, machine.pointer(bytes.address).assumingMemoryBound(to: UInt8.self), factors,
          zeros.isEmpty ? nil : zeros.baseAddress, destination)
      }
    }
    var left = try view(source)
    if left.rowStride == nil { left = try rowMajor(left) }
    let output = allocate(for: result, type) { $0.rowStride != nil }
    let (epilogue, reads) = try rowEpilogue(EpilogueNumbers(addends: bias))
    try emit(
      BlockProductInstruction(
        shape: shape, rows: left.elementCount / weights.inputSize, left: left.address,
        leftStride: left.rowStride ?? weights.inputSize, packed: constant, output: output.address,
        outputStride: output.rowStride ?? weights.outputSize, epilogue: epilogue),
      kernel: "gemm.q\(weights.bits)", reads: [left.storage, constant.storage] + reads,
      writes: [output.storage])
    views[result.index] = output
  }
}
