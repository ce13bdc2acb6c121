import CKernels
import ModelIR
import TensorTypes

/// Slabs chosen by index.
struct GatherInstruction: Instruction {
  let outer: Int
  let rows: Int
  let rowBytes: Int
  let indexCount: Int
  let has64Bits: Bool
  let input: Address
  let index: Address
  let output: Address

  func run(_ machine: Machine) throws(ReferenceError) {
    let isInside = unsafe bf_gather(
      machine.pool, outer, rows, rowBytes, machine.pointer(input), indexCount,
      machine.pointer(index), has64Bits, machine.pointer(output))
    guard isInside else {
      throw .invalidElement(input: 1, reason: "holds an index beyond the \(rows) of the axis")
    }
  }
}

extension Lowering {
  func lowerGather(axis: Int, _ node: Node) throws(ExecutionError) {
    guard let source = node.inputs[0], let indices = node.inputs[1], let result = node.outputs[0],
      let type = graph[result].type, type.elementCount > 0,
      let indexType = graph[indices].type, [.int32, .int64].contains(indexType.dtype),
      type.dtype.block.elements == 1, type.dtype != .string
    else { return try lowerByReference(node) }
    let rank = graph[source].type?.rank ?? 0
    let axis = axis < 0 ? axis + rank : axis
    if uses.isConstant[indices.index], indexType.elementCount == 1,
      let position = graph[indices].literal?.integers?.first
    {
      let whole = try view(source)
      let start = position < 0 ? position + whole.extents[axis] : position
      guard (0..<whole.extents[axis]).contains(start) else { return try lowerByReference(node) }
      let slice = whole.sliced(axis: axis, start: start, count: 1)
      var picked = slice
      picked.extents.remove(at: axis)
      picked.strides.remove(at: axis)
      for _ in 0..<indexType.rank {
        picked.extents.insert(1, at: axis)
        picked.strides.insert(1, at: axis)
      }
      views[result.index] = picked
      return
    }
    let input: TensorView
    if let stored = try storedView(source) {
      input = stored
    } else {
      input = try rowMajor(try view(source))
    }
    let index = try rowMajor(try view(indices))
    let split = AxisSplit(input.extents, axis: axis)
    let output = allocate(for: result, type) { $0.isRowMajor }
    try emit(
      GatherInstruction(
        outer: split.outer, rows: split.extent, rowBytes: split.inner * input.elementSize,
        indexCount: indexType.elementCount, has64Bits: indexType.dtype == .int64,
        input: input.address, index: index.address, output: output.address),
      kernel: "gather", reads: [input.storage, index.storage], writes: [output.storage])
    views[result.index] = output
  }
}
