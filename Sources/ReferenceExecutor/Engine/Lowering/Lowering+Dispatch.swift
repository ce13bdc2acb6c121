import ModelIR
import Quantities
import TensorTypes

extension Lowering {
  /// Instructions for a group of nodes.
  func lower(_ group: KernelGroup) throws(ExecutionError) {
    current = group.nodes.map { graph[$0] }
    let node = current[0]
    switch group.form {
    case .single: try lowerSingle(node)
    case .chain(let program): try lower(program)
    case .quantized(let pattern):
      guard let result = graph[group.last].outputs.first ?? nil else { return }
      try lower(pattern, group, result: result)
    case .attention(let pattern):
      guard let result = graph[group.last].outputs.first ?? nil else { return }
      try lower(pattern, result: result)
    case .normalization(let pattern):
      guard let result = graph[group.last].outputs.first ?? nil else { return }
      try lower(pattern, result: result)
    case .contraction(let stages):
      guard let result = graph[group.last].outputs.first ?? nil else { return }
      switch node.op {
      case .convolution(let convolution):
        try lower(convolution, node, stages, result: result)
      case .matrixProduct(let product): try lower(product, node, stages, result: result)
      case .elementwise, .einsum, .pooling, .normalization, .softmax, .reduction, .quantization,
        .attention, .recurrent, .view, .movement, .indexing, .generator, .signal, .geometry,
        .conditional, .loop, .scan, .opaque:
        try lowerSingle(node)
      }
    }
  }

  /// Instructions for a node by itself.
  func lowerSingle(_ node: Node) throws(ExecutionError) {
    current = [node]
    guard (node.inputs + node.outputs).allSatisfy({ $0.map { !isDynamicValue($0) } ?? true })
    else { return try lowerByReference(node) }
    if try lowerOnBytes(node) { return }
    switch node.op {
    case .view(let view): try lower(view, node)
    case .movement(let movement): try lower(movement, node)
    case .pooling(let pooling): try lower(pooling, node)
    case .softmax(let softmax): try lower(softmax, node)
    case .reduction(let reduction): try lower(reduction, node)
    case .normalization(let normalization): try lower(normalization, node)
    case .indexing(.gather(let axis)): try lowerGather(axis: axis, node)
    case .recurrent(let recurrent): try lower(recurrent, node)
    case .generator(.constantOfShape): try lowerFilling(node)
    case .quantization(let quantization): try lower(quantization, node)
    case .matrixProduct(let product): try lowerBlockQuantized(product, node)
    case .attention(let attention): try lower(attention, node)
    case .elementwise, .einsum, .convolution, .indexing, .generator,
      .signal, .geometry, .conditional, .loop, .scan, .opaque:
      try lowerByReference(node)
    }
  }

  /// A constant of one value everywhere.
  private func lowerFilling(_ node: Node) throws(ExecutionError) {
    guard case .generator(.constantOfShape(let dtype, let value)) = node.op,
      let result = node.outputs[0], let type = graph[result].type, dtype.block.elements == 1,
      dtype == .float32 || value == nil || value?.reals == [0], dtype != .string
    else { return try lowerByReference(node) }
    let bits = value.flatMap(\.reals.first).map { Float($0).bitPattern } ?? 0
    let output = allocate(type)
    let size = dtype.block.bytes.rawValue
    guard size <= 16 else { return try lowerByReference(node) }
    try emit(
      FillInstruction(
        count: type.elementCount, elementSize: size,
        value: (dtype == .float32 ? UInt64(bits) : 0, 0), output: output.address),
      kernel: "fill", reads: [], writes: [output.storage])
    views[result.index] = output
  }
}
