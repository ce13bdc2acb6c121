import ModelIR
import Quantities
import TensorTypes

extension Lowering {
  /// Lowers the whole graph, and says where each output of the model is found.
  func lowerAll() throws(ExecutionError) -> [Engine.ResultPlace] {
    for (position, input) in graph.inputs.enumerated() {
      guard let type = graph[input.value].type else { continue }
      let storage = addStorage(bytes: type.storageSize.rawValue, .input(position))
      views[input.value.index] = TensorView(type, storage: storage)
    }
    findDestinations()
    try findQuantizedValues()
    var grouping = Grouping(self)
    for group in try grouping.run() {
      let (storage, step) = (storages.count, steps.count)
      try lower(group)
      noteResults(of: group)
      releaseConstants(madeSince: storage, readSince: step)
    }
    var results: [Engine.ResultPlace] = []
    for (position, id) in graph.outputs.enumerated() {
      results.append(try result(id, at: position))
    }
    return results
  }

  /// What the user should know.
  var notes: [String] {
    var notes: [String] = []
    if !randomWeights.isEmpty {
      notes.append(noteOfRandomWeights(randomWeights.count, seed: options.seed))
    }
    var counts: [String: Int] = [:]
    for node in referenceNodes { counts[node.op.name, default: 0] += 1 }
    for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
      notes.append("\(name) has no tuned kernel here: \(count) on the reference kernel")
    }
    return notes
  }

  private func result(
    _ id: Value.ID, at position: Int
  ) throws(ExecutionError) -> Engine.ResultPlace {
    guard !isDynamicValue(id) else { return .dynamic(id) }
    let source = try view(id)
    if case .constant = storages[source.storage].home {
      let dense = try rowMajor(source)
      return .constant(
        unsafe Tensor(dense.type) { bytes in
          if let base = bytes.baseAddress {
            unsafe base.copyMemory(
              from: machine.pointer(dense.address), byteCount: dense.type.storageSize.rawValue)
          }
        })
    }
    if case .input(let input) = storages[source.storage].home, source.isRowMajor,
      source.offset == 0, source.type == graph[graph.inputs[input].value].type
    {
      return .input(input)
    }
    if case .output(position) = storages[source.storage].home, source.isRowMajor,
      source.offset == 0
    {
      return .written(source.type)
    }
    current = []
    let storage = addStorage(bytes: source.type.storageSize.rawValue, .output(position))
    try copy(source, to: TensorView(source.type, storage: storage))
    return .written(source.type)
  }
}
