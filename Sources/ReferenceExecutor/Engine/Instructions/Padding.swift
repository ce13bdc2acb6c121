import CKernels
import ModelIR
import TensorTypes

/// One value everywhere in a run of elements.
struct FillInstruction: Instruction {
  let count: Int
  let elementSize: Int
  /// The value's bytes.
  let value: (UInt64, UInt64)
  let output: Address

  func run(_ machine: Machine) {
    unsafe withUnsafeBytes(of: value) { value in
      unsafe bf_fill(
        machine.pool, count, elementSize, value.baseAddress, machine.pointer(output))
    }
  }
}

extension Lowering {
  /// A constant value around: the whole is filled, then the middle copied into it.
  func lowerPadding(
    _ attribute: [Int]?, _ filling: Movement.Filling, _ node: Node, _ source: Value.ID,
    _ result: Value.ID, _ type: TensorType
  ) throws(ExecutionError) {
    let input = try view(source)
    guard let pads = try padding(attribute, node, rank: input.rank), input.elementCount > 0,
      type.elementCount > 0, case .value(let stated) = filling, input.elementSize <= 8,
      stated == 0 || input.dtype == .float32
    else { return try lowerByReference(node) }
    var bits = input.dtype == .float32 ? UInt64(Float(stated).bitPattern) : 0
    if node.inputs.count > 2, let id = node.inputs[2] {
      guard uses.isConstant[id.index] else { return try lowerByReference(node) }
      let value = try view(id)
      guard storages[value.storage].isConstant, value.elementCount > 0, value.dtype == input.dtype
      else { return try lowerByReference(node) }
      unsafe withUnsafeMutableBytes(of: &bits) {
        unsafe $0.baseAddress?.copyMemory(
          from: machine.pointer(value.address), byteCount: value.elementSize)
      }
    }
    let order = input.isDense ? input.memoryOrder : Array(0..<input.rank)
    let output = allocate(type, order: order)
    storages[output.storage].isAssembled = !storages[input.storage].isConstant
    try emit(
      FillInstruction(
        count: type.elementCount, elementSize: input.elementSize, value: (bits, 0),
        output: output.address),
      kernel: "fill", reads: [], writes: [output.storage])
    var (from, to) = (input, output)
    for axis in input.extents.indices {
      let (begin, end) = (pads[axis], pads[input.rank + axis])
      let kept = input.extents[axis] + min(begin, 0) + min(end, 0)
      guard kept > 0 else {
        views[result.index] = output
        return
      }
      from = from.sliced(axis: axis, start: max(-begin, 0), count: kept)
      to = to.sliced(axis: axis, start: max(begin, 0), count: kept)
    }
    try copy(from, to: to)
    views[result.index] = output
  }

  /// All begins, then all ends; `nil` when only a run tells.
  func padding(_ attribute: [Int]?, _ node: Node, rank: Int) throws(ExecutionError) -> [Int]? {
    var stated = attribute
    if stated == nil, node.inputs.count > 1, let id = node.inputs[1] {
      stated = graph[id].literal?.integers
    }
    guard let stated else { return nil }
    var axes = Array(0..<rank)
    if node.inputs.count > 3, let id = node.inputs[3] {
      guard let literal = graph[id].literal?.integers else { return nil }
      axes = literal.map { $0 < 0 ? $0 + rank : $0 }
    }
    guard stated.count == 2 * axes.count, axes.allSatisfy({ (0..<rank).contains($0) }) else {
      return nil
    }
    var pads = Array(repeating: 0, count: 2 * rank)
    for (place, axis) in axes.enumerated() {
      pads[axis] = stated[place]
      pads[rank + axis] = stated[axes.count + place]
    }
    return pads
  }
}
