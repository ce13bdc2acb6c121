import ModelIR
import Quantities
import TensorTypes

extension Engine: ObservableModel {
  /// Tells of the results of fused groups, copied in the order of the axes right after the step that
  /// made them. Values inside a group, and those of the graphs inside a node, are never told of.
  public func run(
    _ inputs: [Tensor], observing observe: (_ value: String, _ tensor: Tensor) -> Void
  ) throws(ExecutionError) -> [Tensor] {
    try begin(inputs)
    for index in steps.indices {
      try step(index)
      for observation in observations[index] ?? [] {
        guard let tensor = tensor(observation) else { continue }
        observe(graph[observation.value].name, tensor)
      }
    }
    return try collected(inputs)
  }

  private func tensor(_ observation: Observation) -> Tensor? {
    switch observation.place {
    case .dynamic: return machine.tensors[observation.value.index]
    case .stored(let view):
      if view.isRowMajor {
        return unsafe Tensor(view.type) { bytes in
          if let base = bytes.baseAddress {
            unsafe base.copyMemory(
              from: machine.pointer(view.address), byteCount: view.type.storageSize.rawValue)
          }
        }
      }
      guard let copy = CopyInstruction(view, to: TensorView(view.type, storage: copyStorage))
      else { return nil }
      return unsafe Tensor(view.type) { bytes in
        unsafe machine.setBase(of: copyStorage, bytes.baseAddress)
        copy.run(machine)
      }
    }
  }
}
