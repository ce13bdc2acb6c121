import ModelIR
import Quantities
import TensorTypes

/// A node on its reference kernel.
struct ReferenceInstruction: Instruction {
  /// Where an operand or a result is: in a storage, in the order of the axes, or among the values
  /// whose extents only a run tells.
  enum Place {
    case stored(TensorType, Address)
    case dynamic(Value.ID)
  }

  let op: Operator
  let inputs: [Place?]
  let outputs: [Place?]

  func run(_ machine: Machine) throws(ReferenceError) {
    var tensors: [Tensor?] = []
    for place in inputs { tensors.append(try machine.tensor(place)) }
    let results = try op.evaluate(tensors, outputCount: outputs.count)
    try machine.store(results, outputs)
  }
}

extension Machine {
  func tensor(_ place: ReferenceInstruction.Place?) throws(ReferenceError) -> Tensor? {
    switch place {
    case nil: return nil
    case .dynamic(let id):
      guard let tensor = tensors[id.index] else { throw .inconsistent("no value") }
      return tensor
    case .stored(let type, let address):
      return unsafe Tensor(type) { bytes in
        if let base = bytes.baseAddress {
          unsafe base.copyMemory(from: pointer(address), byteCount: type.storageSize.rawValue)
        }
      }
    }
  }

  func store(
    _ results: [Tensor], _ places: [ReferenceInstruction.Place?]
  ) throws(ReferenceError) {
    for (position, place) in places.enumerated() {
      guard let place else { continue }
      guard position < results.count else {
        throw .inconsistent("\(results.count) of \(places.count) results")
      }
      let tensor = results[position]
      switch place {
      case .dynamic(let id): tensors[id.index] = tensor
      case .stored(let type, let address):
        guard tensor.type == type else {
          throw .inconsistent("\(tensor.type) where \(type) was inferred")
        }
        unsafe tensor.withUnsafeBytes { bytes in
          if let base = bytes.baseAddress {
            unsafe pointer(address).copyMemory(from: base, byteCount: type.storageSize.rawValue)
          }
        }
      }
    }
  }
}

extension Lowering {
  func lowerByReference(_ node: Node) throws(ExecutionError) {
    if case .opaque = node.op {
      throw .notExecutable(node: node.name, operatorName: node.op.name, reason: "has no kernel")
    }
    current = [node]
    var inputs: [ReferenceInstruction.Place?] = []
    var reads: [Int] = []
    var isDynamic = false
    for input in node.inputs {
      guard let input else {
        inputs.append(nil)
        continue
      }
      if isDynamicValue(input) {
        inputs.append(.dynamic(input))
        isDynamic = true
        continue
      }
      let view = try rowMajor(try view(input))
      inputs.append(.stored(view.type, view.address))
      reads.append(view.storage)
    }
    var outputs: [ReferenceInstruction.Place?] = []
    var writes: [Int] = []
    for output in node.outputs {
      guard let output else {
        outputs.append(nil)
        continue
      }
      guard let type = graph[output].type, !isDynamicValue(output) else {
        outputs.append(.dynamic(output))
        isDynamic = true
        continue
      }
      let view = allocate(for: output, type) { $0.isRowMajor && $0.offset == 0 }
      views[output.index] = view
      outputs.append(.stored(type, view.address))
      writes.append(view.storage)
    }
    let instruction: any Instruction
    if node.op.definition == nil {
      let plan = try interpretedPlan(node)
      instruction = ControlFlowInstruction(
        plan: plan, inputs: inputs.filter { $0 != nil }, outputs: outputs.filter { $0 != nil })
    } else {
      instruction = ReferenceInstruction(op: node.op, inputs: inputs, outputs: outputs)
    }
    let count = steps.count
    try emit(
      instruction, kernel: "reference.\(node.op.name)", reads: reads, writes: writes,
      isPure: !isDynamic && node.op.definition != nil && !node.op.drawsRandomNumbers)
    if steps.count > count { referenceNodes.append(node) }
  }

  /// Whether only a run tells the extents of a value.
  func isDynamicValue(_ value: Value.ID) -> Bool { uses.isDynamic[value.index] }
}
