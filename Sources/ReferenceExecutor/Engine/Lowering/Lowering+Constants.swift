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
      return view(of: tensor)
    }
    switch value.origin {
    case .weight:
      return view(of: try storedTensor(value))
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

  func view(of tensor: Tensor) -> TensorView {
    var memory = tensor.storage
    let alignment = max(tensor.type.dtype.block.bytes.rawValue, 1)
    if unsafe Int(bitPattern: memory.bytes.baseAddress) % alignment != 0 {
      memory = unsafe TensorStorage(byteCount: memory.bytes.count)
      Self.copy(tensor.storage, to: memory)
    }
    let storage = addStorage(bytes: tensor.type.storageSize.rawValue, .constant(memory))
    return TensorView(tensor.type, storage: storage)
  }

  private static let copiedPart = 8 << 20

  /// Holds no more of a mapped file in memory than a few megabytes at a time.
  private static func copy(_ source: TensorStorage, to destination: TensorStorage) {
    let (from, to) = unsafe (source.bytes, destination.bytes)
    for start in stride(from: 0, to: from.count, by: copiedPart) {
      let range = start..<min(start + copiedPart, from.count)
      unsafe UnsafeMutableRawBufferPointer(rebasing: to[range]).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: from[range]))
      source.giveBack(range)
    }
  }

  /// A weight where it is stored, at whatever alignment, for who reads it by the byte; `nil` for
  /// other values.
  func storedView(_ id: Value.ID) throws(ExecutionError) -> TensorView? {
    let value = graph[id]
    guard uses.isConstant[id.index], value.literal == nil, views[id.index] == nil,
      case .weight = value.origin
    else { return nil }
    let tensor = try storedTensor(value)
    let storage = addStorage(
      bytes: tensor.type.storageSize.rawValue, .constant(tensor.storage))
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
    randomWeights.insert(value.id)
    return tensor
  }

  /// A copy of a constant's elements, in the order of the axes, to be changed and packed.
  func scratchCopy(_ view: TensorView) throws(ExecutionError) -> Address {
    let dense = try rowMajor(view)
    guard storages[dense.storage].isConstant else {
      throw nodeError(.inconsistent("weights that come with the run"))
    }
    let size = dense.type.storageSize.rawValue
    return unsafe constant(bytes: size) { copy in
      unsafe copy.copyMemory(from: machine.pointer(dense.address), byteCount: size)
    }
  }

  /// Lets go of the constants that were made since `firstStorage` and that no instruction since
  /// `firstStep` reads: weights that are packed by now, and what they were folded from. Who needs
  /// one later reads or computes it again.
  func releaseConstants(madeSince firstStorage: Int, readSince firstStep: Int) {
    var isKept = Array(repeating: false, count: storages.count)
    for step in steps[firstStep...] { for storage in step.reads { isKept[storage] = true } }
    for (value, view) in zip(graph.values, views) {
      if let view, !uses.isConstant[value.id.index] { isKept[view.storage] = true }
    }
    for case let quantized? in quantized { isKept[quantized.bytes.storage] = true }
    var isReleased = Array(repeating: false, count: storages.count)
    for index in firstStorage..<storages.count where !isKept[index] {
      guard case .constant(let memory) = storages[index].home else { continue }
      memory.giveBack()
      storages[index].home = .released
      isReleased[index] = true
    }
    guard isReleased.contains(true) else { return }
    for index in views.indices {
      if let view = views[index], isReleased[view.storage] { views[index] = nil }
    }
    for (source, orders) in copies {
      copies[source] =
        isReleased[source.storage] ? nil : orders.filter { !isReleased[$0.value.storage] }
    }
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
