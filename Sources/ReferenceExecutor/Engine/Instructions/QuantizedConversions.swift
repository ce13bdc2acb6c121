import CKernels
import ModelIR
import TensorTypes

/// A function of single bytes.
struct ByteTableInstruction: Instruction {
  let count: Int
  let table: Address
  let input: Address
  let output: Address

  func run(_ machine: Machine) {
    unsafe bf_byte_table(
      machine.pool, count, machine.pointer(input),
      machine.pointer(table).assumingMemoryBound(to: UInt8.self), machine.pointer(output))
  }
}

/// Real numbers to bytes.
struct QuantizeInstruction: Instruction {
  let count: Int
  let affine: ByteAffine
  let input: Address
  let output: Address

  func run(_ machine: Machine) {
    unsafe withUnsafePointer(to: affine.parameters) { affine in
      unsafe bf_quantize(
        machine.pool, count, machine.floats(input), affine, machine.pointer(output))
    }
  }
}

/// Bytes to real numbers.
struct DequantizeInstruction: Instruction {
  let count: Int
  let affine: ByteAffine
  let input: Address
  let output: Address

  func run(_ machine: Machine) {
    unsafe withUnsafePointer(to: affine.parameters) { affine in
      unsafe bf_dequantize(
        machine.pool, count, machine.pointer(input), affine, machine.floats(output))
    }
  }
}

/// Real numbers to bytes by the range that they have in this run.
struct DynamicQuantizeInstruction: Instruction {
  let count: Int
  let input: Address
  let output: Address
  let scale: Address
  let zeroPoint: Address

  func run(_ machine: Machine) {
    var affine = bf_affine(type: BF_U8, scale: 1, zero_point: 0)
    unsafe bf_dynamic_range(
      machine.pool, count, machine.floats(input), &affine.scale, &affine.zero_point)
    unsafe bf_quantize(
      machine.pool, count, machine.floats(input), &affine, machine.pointer(output))
    unsafe machine.floats(scale).pointee = affine.scale
    unsafe machine.pointer(zeroPoint).storeBytes(
      of: UInt8(clamping: affine.zero_point), as: UInt8.self)
  }
}

extension Lowering {
  func lower(_ quantization: QuantizationOperator, _ node: Node) throws(ExecutionError) {
    guard let source = node.inputs.first ?? nil, let result = node.outputs.first ?? nil,
      let type = graph[result].type, type.elementCount > 0
    else { return try lowerByReference(node) }
    switch quantization.function {
    case .dequantizeLinear:
      guard let affine = try affine(of: node) else { return try lowerByReference(node) }
      let bytes = QuantizedView(bytes: try view(source), affine: affine)
      quantized[result.index] = bytes
      if uses.isConstant[result.index] { _ = try dequantized(result, bytes) }
    case .quantizeLinear:
      guard let affine = try affine(of: node) else { return try lowerByReference(node) }
      if let known = quantized[source.index] {
        views[result.index] = try requantized(known, to: affine, result: result)
      } else {
        views[result.index] = try quantize(try view(source), affine, result: result)
      }
    case .dynamicQuantizeLinear: try lowerDynamic(node, source, result, type)
    }
  }

  /// Memory for elements that stand as those of a dense view do, where the value `result` is
  /// wanted if it can be.
  func allocate(alike view: TensorView, _ dtype: DType, for result: Value.ID?) -> TensorView {
    let type = TensorType(dtype, view.extents)
    guard let result else { return allocate(type, order: view.memoryOrder) }
    return allocate(for: result, type, order: view.memoryOrder) { $0.isLaidOutLike(view) }
  }

  func quantize(
    _ source: TensorView, _ affine: ByteAffine, result: Value.ID?
  ) throws(ExecutionError) -> TensorView {
    let input = try dense(source)
    let output = allocate(alike: input, affine.dtype, for: result)
    try emit(
      QuantizeInstruction(
        count: input.elementCount, affine: affine, input: input.address, output: output.address),
      kernel: "quantize.q8", reads: [input.storage], writes: [output.storage])
    return output
  }

  /// The real numbers of a value that was bytes so far.
  func dequantized(
    _ value: Value.ID, _ source: QuantizedView
  ) throws(ExecutionError) -> TensorView {
    let outer = current
    if let producer = uses.producers[value.index] { current = [graph[producer]] }
    defer { current = outer }
    let output = try dequantized(source, result: value)
    views[value.index] = output
    return output
  }

  func dequantized(
    _ source: QuantizedView, result: Value.ID? = nil
  ) throws(ExecutionError) -> TensorView {
    let input = try dense(source.bytes)
    let output = allocate(alike: input, .float32, for: result)
    try emit(
      DequantizeInstruction(
        count: input.elementCount, affine: source.affine, input: input.address,
        output: output.address),
      kernel: "dequantize.q8", reads: [input.storage], writes: [output.storage])
    return output
  }

  private func lowerDynamic(
    _ node: Node, _ source: Value.ID, _ result: Value.ID, _ type: TensorType
  ) throws(ExecutionError) {
    guard graph[source].type?.dtype == .float32 else { return try lowerByReference(node) }
    let parts = try dynamicallyQuantized(try view(source))
    views[result.index] = parts.bytes
    for (position, view) in [(1, parts.scale), (2, parts.zeroPoint)]
    where position < node.outputs.count {
      if let id = node.outputs[position] { views[id.index] = view }
    }
  }

  /// Bytes, their scale and their zero point, by the range of a run.
  func dynamicallyQuantized(
    _ source: TensorView
  ) throws(ExecutionError) -> (bytes: TensorView, scale: TensorView, zeroPoint: TensorView) {
    let input = try dense(source)
    let output = allocate(TensorType(.uint8, input.extents), order: input.memoryOrder)
    let scale = allocate(TensorType(.float32, []))
    let zeroPoint = allocate(TensorType(.uint8, []))
    try emit(
      DynamicQuantizeInstruction(
        count: input.elementCount, input: input.address, output: output.address,
        scale: scale.address, zeroPoint: zeroPoint.address),
      kernel: "dynamic-quantize.q8", reads: [input.storage],
      writes: [output.storage, scale.storage, zeroPoint.storage])
    return (output, scale, zeroPoint)
  }
}
