import CKernels
import ModelIR
import TensorTypes

extension Lowering {
  /// Instructions for what runs on bytes; `result` is the value after the last node.
  func lower(
    _ pattern: QuantizedPattern, _ group: KernelGroup, result: Value.ID
  ) throws(ExecutionError) {
    let node = graph[group.nodes[0]]
    guard let source = node.inputs.first ?? nil, let type = graph[result].type else {
      throw .unknownType(value: node.name)
    }
    switch pattern {
    case .product(let stages): try lower(stages, node, result: result)
    case .binary(let multiplies, let bounds, let output):
      guard let other = node.inputs[1] else { throw .unknownType(value: node.name) }
      let bytes = try combined(
        multiplies, try quantizedView(source), try quantizedView(other), output, result)
      views[result.index] = try clamped(bytes, bounds, output)
    case .table(let source, let output):
      let known = try quantizedView(source)
      let table = try table(group.nodes, source, known.affine, output)
      var bytes = known.bytes
      if bytes.reshaped(type.dimensions) == nil { bytes = try rowMajor(bytes) }
      bytes = bytes.reshaped(type.dimensions) ?? bytes
      views[result.index] = try lowerTable(table, bytes, dtype: output.dtype, result: result)
    case .average(let output):
      guard case .pooling(let pooling) = node.op,
        let average = try averaged(
          pooling, try quantizedView(source), output, result, type.dimensions)
      else { throw nodeError(.notEvaluated("pooling of \(type)")) }
      views[result.index] = average
    case .concatenation(let output):
      guard case .movement(.concat(let axis)) = node.op else { return }
      views[result.index] = try concatenated(
        node, axis, output, result, type.dimensions, isWanted: true)
    }
  }

  /// The bytes of two values of one shape, element beside element.
  private func laidOutAlike(
    _ left: TensorView, _ right: TensorView
  ) throws(ExecutionError) -> (TensorView, TensorView) {
    let x = try dense(left)
    return (x, right.isLaidOutLike(x) ? right : try contiguous(right, order: x.memoryOrder))
  }

  /// The sum or product of two values of one shape.
  func combined(
    _ multiplies: Bool, _ left: QuantizedView, _ right: QuantizedView, _ affine: ByteAffine,
    _ result: Value.ID
  ) throws(ExecutionError) -> TensorView {
    let (x, y) = try laidOutAlike(left.bytes, right.bytes)
    let output = allocate(alike: x, affine.dtype, for: result)
    try emit(
      ByteBinaryInstruction(
        count: x.elementCount, multiplies: multiplies, left: (x.address, left.affine),
        right: (y.address, right.affine), output: (output.address, affine)),
      kernel: multiplies ? "multiply.q8" : "add.q8", reads: [x.storage, y.storage],
      writes: [output.storage])
    return output
  }

  /// The same in fixed point.
  func combinedInFixedPoint(
    _ multiplies: Bool, _ left: QuantizedView, _ right: QuantizedView, _ affine: ByteAffine,
    _ result: Value.ID
  ) throws(ExecutionError) -> TensorView {
    let (x, y) = try laidOutAlike(left.bytes, right.bytes)
    let combine = FixedPointBinary(
      multiplies: multiplies, left: (left.affine.scale, left.affine.zeroPoint),
      right: (right.affine.scale, right.affine.zeroPoint), resultScale: affine.scale)
    let bytes = (0...255).map { UInt8($0) }
    let leftTerms = constant(bytes.map { combine.leftTerm(left.affine.number($0)) })
    let rightTerms = constant(bytes.map { combine.rightTerm(right.affine.number($0)) })
    let output = allocate(alike: x, affine.dtype, for: result)
    try emit(
      FixedPointBinaryInstruction(
        count: x.elementCount, multiplies: multiplies, left: (x.address, leftTerms),
        right: (y.address, rightTerms), scale: combine.result, output: (output.address, affine)),
      kernel: multiplies ? "multiply.q8" : "add.q8",
      reads: [x.storage, y.storage, leftTerms.storage, rightTerms.storage],
      writes: [output.storage])
    return output
  }

  /// Bytes held within the bytes of real bounds: rounding keeps the order, so it is the same as
  /// before rounding.
  private func clamped(
    _ bytes: TensorView, _ bounds: ClosedRange<Float>, _ affine: ByteAffine
  ) throws(ExecutionError) -> TensorView {
    let table = (0...255).map { byte in
      let real = affine.real(UInt8(byte))
      if bounds.contains(real) { return UInt8(byte) }
      return affine.bits(real < bounds.lowerBound ? bounds.lowerBound : bounds.upperBound)
    }
    if table == Array(0...255) { return bytes }
    return try lowerTable(table, bytes, dtype: affine.dtype, result: nil)
  }

  /// What elementwise nodes make of each byte.
  private func table(
    _ nodes: [Node.ID], _ source: Value.ID, _ input: ByteAffine, _ output: ByteAffine
  ) throws(ExecutionError) -> [UInt8] {
    let bytes = (0...255).map { UInt8($0) }
    var values: [Value.ID: Tensor] = [source: tensor(bytes.map(input.real))]
    var last = source
    for id in nodes {
      let node = graph[id]
      guard case .elementwise = node.op, let result = node.outputs[0] else { continue }
      var operands: [Tensor?] = []
      for value in node.inputs {
        guard let value else {
          operands.append(nil)
          continue
        }
        if let known = values[value] {
          operands.append(known)
        } else {
          guard let scalar = try scalar(value) else { throw .unknownType(value: graph[value].name) }
          operands.append(tensor([Float(scalar)], isScalar: true))
        }
      }
      do throws(ReferenceError) {
        values[result] = try node.op.evaluate(operands)[0]
      } catch { throw nodeError(error) }
      last = result
    }
    guard let reals = values[last]?.reals?.elements, reals.count == 256 else {
      throw nodeError(.inconsistent("a function of bytes without 256 values"))
    }
    return reals.map { output.bits(Float($0)) }
  }

  func tensor(_ numbers: [Float], isScalar: Bool = false) -> Tensor {
    unsafe Tensor(TensorType(.float32, isScalar ? [] : [numbers.count])) { bytes in
      unsafe numbers.withUnsafeBytes { unsafe bytes.copyMemory(from: $0) }
    }
  }

  /// Means as bytes; `nil` for other functions and for windows without a kernel.
  func averaged(
    _ pooling: Pooling, _ source: QuantizedView, _ affine: ByteAffine,
    _ result: Value.ID, _ extents: [Int]
  ) throws(ExecutionError) -> TensorView? {
    let isFixed = pooling.requantization == .fixedPoint
    switch pooling.function {
    case .average(let sliding, let includesPadding),
      .qLinearAverage(let sliding, let includesPadding):
      let kind =
        isFixed
        ? BF_POOL_AVERAGE_STORED
        : includesPadding ? BF_POOL_AVERAGE_WITH_PADDING : BF_POOL_AVERAGE
      return try pooled(sliding, kind, source, affine, result, extents)
    case .globalAverage, .qLinearGlobalAverage:
      let channelsLast = pooling.channelsLast
      let input = try pixels(source.bytes.channelsFirst(from: channelsLast))
      let pixels = input.extents.dropFirst(2).reduce(1, *)
      // Sums of more may not fit the kernel's fixed point.
      guard !isFixed || pixels < 1 << 22 else { return nil }
      let output = allocate(TensorType(affine.dtype, extents))
      let ratio = FixedPointScale(Double(source.affine.scale) / Double(affine.scale))
      try emit(
        ByteGlobalAverageInstruction(
          batch: input.extents[0], pixels: pixels,
          channels: input.extents[1], stride: input.pixelStride ?? input.extents[1],
          input: (input.address, source.affine), output: (output.address, affine),
          fixedPoint: isFixed ? ratio.divided(by: pixels) : nil),
        kernel: "global-average.q8", reads: [input.storage], writes: [output.storage])
      return output
    case .max, .lp, .globalMax, .globalLp, .maxRegion, .maxUnpool, .regionAlign: return nil
    }
  }

  func pooled(
    _ sliding: Pooling.Sliding, _ kind: bf_pooling, _ source: QuantizedView,
    _ affine: ByteAffine, _ result: Value.ID?, _ extents: [Int]
  ) throws(ExecutionError) -> TensorView? {
    let channelsLast = sliding.channelsLast
    let input = try pixels(source.bytes.channelsFirst(from: channelsLast))
    let type = TensorType(affine.dtype, extents)
    guard
      let windows = try windows(
        of: sliding, input, type.channelsFirst(from: channelsLast).dimensions)
    else { return nil }
    var shape = windows.shape
    let output =
      if let result {
        allocatePixels(for: result, type, channelsLast: channelsLast)
      } else {
        allocate(type, order: channelsLast ? nil : channelsLastOrder(rank: extents.count))
          .channelsFirst(from: channelsLast)
      }
    shape.out_stride = output.pixelStride ?? shape.out_stride
    try emit(
      BytePoolingInstruction(
        kind: kind, shape: shape, padBottom: windows.padBottom, padRight: windows.padRight,
        input: (input.address, source.affine), output: (output.address, affine)),
      kernel: kind == BF_POOL_MAX ? "max-pool.q8" : "average-pool.q8", reads: [input.storage],
      writes: [output.storage])
    return output.channelsLast(channelsLast)
  }
}
