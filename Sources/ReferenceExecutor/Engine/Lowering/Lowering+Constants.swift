import ModelIR
import Quantities
import TensorTypes

extension Lowering {
  /// The view of a weight, a literal, or a value computed from such; `nil` for others.
  func constantView(_ id: Value.ID) throws(ExecutionError) -> TensorView? {
    guard uses.isConstant[id.index] else { return nil }
    let value = graph[id]
    if let literal = value.literal, let numbers = ReferenceTensor<Double>(literal),
      let tensor = Tensor(numbers)
    {
      return view(of: tensor, isComputed: true)
    }
    switch value.origin {
    case .weight:
      return view(of: try storedTensor(value), isComputed: false)
    case .node(let id):
      let node = graph[id]
      let outer = current
      current = [node]
      defer { current = outer }
      try lowerSingle(node)
      return views[value.id.index]
    case .input, .captured:
      return nil
    }
  }

  func view(of tensor: Tensor, isComputed: Bool) -> TensorView {
    var memory = tensor.storage
    var isComputed = isComputed
    let alignment = max(tensor.type.dtype.block.bytes.rawValue, 1)
    if unsafe Int(bitPattern: memory.bytes.baseAddress) % alignment != 0 {
      memory = unsafe TensorStorage(byteCount: memory.bytes.count)
      unsafe memory.bytes.copyMemory(from: UnsafeRawBufferPointer(tensor.storage.bytes))
      isComputed = true
    }
    let storage = addStorage(bytes: tensor.type.storageSize.rawValue, .constant(memory))
    storages[storage].isComputed = isComputed
    return TensorView(tensor.type, storage: storage)
  }

  /// A weight as stored, or random numbers where the model comes without it.
  private func storedTensor(_ value: Value) throws(ExecutionError) -> Tensor {
    guard let type = value.type else { throw .unknownType(value: value.name) }
    if let tensor = try weights.tensor(of: value) {
      guard tensor.type == type else {
        throw .weights(value: value.name, reason: "is \(tensor.type), expected \(type)")
      }
      return tensor
    }
    guard let tensor = Tensor(randomWeight: type, named: value.name, seed: options.seed) else {
      throw .weights(value: value.name, reason: "has no elements, and \(type) cannot be drawn")
    }
    randomCount += 1
    return tensor
  }

  /// The elements of a constant of float32, in the order of the axes.
  func floats(_ view: TensorView) throws(ExecutionError) -> [Float] {
    let dense = try rowMajor(view)
    guard storages[dense.storage].isConstant, dense.dtype == .float32 else { return [] }
    return unsafe Array(
      UnsafeBufferPointer(start: machine.floats(dense.address), count: dense.elementCount))
  }

  /// The one number that a constant has in all its elements.
  func scalar(_ id: Value.ID?) throws(ExecutionError) -> Double? {
    guard let id, uses.isConstant[id.index], graph[id].type?.elementCount == 1 else { return nil }
    if let literal = graph[id].literal { return literal.reals.first }
    let view = try view(id)
    guard view.dtype == .float32 else { return nil }
    return try floats(view).first.map(Double.init)
  }
}
