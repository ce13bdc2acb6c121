import CKernels
import ModelIR
import TensorTypes

/// What the bytes of a tensor stand for: `scale · (byte − zero point)`, alike for all elements.
struct ByteAffine: Hashable {
  var isSigned: Bool
  var scale: Float
  var zeroPoint: Int32

  var dtype: DType { isSigned ? .int8 : .uint8 }
  var kernelType: bf_byte { isSigned ? BF_S8 : BF_U8 }
  var parameters: bf_affine {
    bf_affine(type: kernelType, scale: scale, zero_point: zeroPoint)
  }

  var range: ClosedRange<Float> { isSigned ? -128...127 : 0...255 }

  /// The real number of a byte's bits.
  func real(_ bits: UInt8) -> Float { Float(number(bits) - zeroPoint) * scale }

  /// The number that a byte's bits store.
  func number(_ bits: UInt8) -> Int32 {
    isSigned ? Int32(Int8(bitPattern: bits)) : Int32(bits)
  }

  /// The bits of the byte nearest to a real number.
  func bits(_ real: Float) -> UInt8 {
    let rounded = (real / scale).rounded(.toNearestOrEven) + Float(zeroPoint)
    let clamped =
      rounded.isNaN ? Float(zeroPoint) : min(max(rounded, range.lowerBound), range.upperBound)
    return isSigned ? UInt8(bitPattern: Int8(clamped)) : UInt8(clamped)
  }
}

extension ByteAffine {
  /// The bits of the byte nearest to a whole number that has no zero point yet.
  func bits(stored number: Int32) -> UInt8 {
    let bounds = isSigned ? Int64(-128)...127 : 0...255
    let whole = min(
      max(Int64(number) + Int64(zeroPoint), bounds.lowerBound), bounds.upperBound)
    return UInt8(truncatingIfNeeded: whole)
  }
}

/// Real numbers that exist only as bytes until somebody needs them otherwise.
struct QuantizedView {
  var bytes: TensorView
  var affine: ByteAffine
}

extension DType {
  var isByte: Bool { self == .uint8 || self == .int8 }
}

extension Lowering {
  /// The scale and the zero point of a node's inputs when they are constant, serve the whole tensor
  /// and belong to bytes; `nil` otherwise.
  func affine(
    scale: Value.ID?, zeroPoint: Value.ID?, dtype: DType
  ) throws(ExecutionError) -> ByteAffine? {
    guard dtype.isByte, let scale, graph[scale].type?.dtype == .float32,
      let value = try scalar(scale), value > 0, value.isFinite
    else { return nil }
    var zero: Int32 = 0
    if let zeroPoint {
      guard uses.isConstant[zeroPoint.index], graph[zeroPoint].type?.elementCount == 1,
        graph[zeroPoint].type?.dtype == dtype, let number = try integers(zeroPoint).first
      else { return nil }
      zero = number
    }
    return ByteAffine(isSigned: dtype == .int8, scale: Float(value), zeroPoint: zero)
  }

  /// The scale and the zero point of QuantizeLinear or DequantizeLinear.
  func affine(of node: Node) throws(ExecutionError) -> ByteAffine? {
    guard case .quantization(let quantization) = node.op, node.inputs.count >= 2 else { return nil }
    let byte: Value.ID?
    let granularity: QuantizationOperator.Granularity
    switch quantization.function {
    case .quantizeLinear(let stated, _, _, let precision):
      guard precision == nil || precision == .float32, let input = node.inputs[0],
        graph[input].type?.dtype == .float32
      else { return nil }
      (byte, granularity) = (node.outputs.first ?? nil, stated)
    case .dequantizeLinear(let stated, let output):
      guard output == nil || output == .float32 else { return nil }
      (byte, granularity) = (node.inputs[0], stated)
    case .dynamicQuantizeLinear: return nil
    }
    guard granularity.blockSize == 0, let byte, let dtype = graph[byte].type?.dtype else {
      return nil
    }
    return try affine(
      scale: node.inputs[1], zeroPoint: node.inputs.count > 2 ? node.inputs[2] : nil, dtype: dtype)
  }

  /// The elements of a constant of whole numbers of at most 32 bits, in the order of the axes;
  /// empty for others.
  func integers(_ id: Value.ID) throws(ExecutionError) -> [Int32] {
    guard uses.isConstant[id.index] else { return [] }
    let dense = try rowMajor(try view(id))
    guard storages[dense.storage].isConstant else { return [] }
    let bytes = unsafe UnsafeRawBufferPointer(
      start: machine.pointer(dense.address), count: dense.elementCount * dense.elementSize)
    switch dense.dtype {
    case .uint8: return unsafe bytes.map { Int32($0) }
    case .int8: return unsafe bytes.map { Int32(Int8(bitPattern: $0)) }
    case .int32:
      return (0..<dense.elementCount).map {
        unsafe bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)
      }
    default: return []
    }
  }

  /// The bytes behind a real value.
  func quantizedView(_ id: Value.ID) throws(ExecutionError) -> QuantizedView {
    if let known = quantized[id.index] { return known }
    guard let affine = affines[id.index] else {
      throw nodeError(.inconsistent("\(graph[id].name) has no bytes"))
    }
    // A move that no kernel does on bytes left multiples of the scale.
    let known = QuantizedView(
      bytes: try quantize(try view(id), affine, result: nil), affine: affine)
    quantized[id.index] = known
    return known
  }

  /// A byte for each of the 256 bytes.
  func lowerTable(
    _ table: [UInt8], _ source: TensorView, dtype: DType, result: Value.ID?
  ) throws(ExecutionError) -> TensorView {
    let input = try dense(source)
    let output = allocate(alike: input, dtype, for: result)
    let address = constant(table)
    try emit(
      ByteTableInstruction(
        count: input.elementCount, table: address, input: input.address, output: output.address),
      kernel: "table.q8", reads: [input.storage, address.storage], writes: [output.storage],
      overwritable: [input.storage])
    return output
  }

  /// The same real numbers as bytes of another scale.
  func requantized(
    _ source: QuantizedView, to affine: ByteAffine, result: Value.ID?
  ) throws(ExecutionError) -> TensorView {
    if source.affine == affine { return source.bytes }
    let table = (0...255).map { affine.bits(source.affine.real(UInt8($0))) }
    return try lowerTable(table, source.bytes, dtype: affine.dtype, result: result)
  }
}
