import ModelIR
import TensorTypes

extension Grouping {
  /// The nodes that apply a function to every element of a value and are its only readers.
  func activation(
    of value: Value.ID
  ) throws(ExecutionError) -> (nodes: [Node.ID], activation: Activation)? {
    guard !uses.isOutput[value.index], isFloat(value) else { return nil }
    if let id = uses.onlyConsumer(of: value), isFree(id),
      let activation = try Self.activation(graph[id], of: value, lowering)
    {
      return ([id], activation)
    }
    return try composite(of: value)
  }

  /// The function of a node of one operand.
  static func activation(
    _ node: Node, of value: Value.ID, _ lowering: Lowering
  ) throws(ExecutionError) -> Activation? {
    guard case .elementwise(let elementwise) = node.op, node.inputs.first == value else {
      return nil
    }
    if case .clip(let least, let greatest) = elementwise.function {
      let bounds = node.inputs.dropFirst()
      guard bounds.allSatisfy({ $0.map { lowering.uses.isConstant[$0.index] } ?? true })
      else { return nil }
      var (low, high) = (least, greatest)
      if low == nil { low = try lowering.scalar(bounds.first ?? nil) }
      if high == nil { high = try lowering.scalar(bounds.dropFirst().first ?? nil) }
      return Activation(elementwise.function, clip: (low, high))
    }
    guard node.inputs.dropFirst().allSatisfy({ $0 == nil }) else { return nil }
    return Activation(elementwise.function)
  }

  /// A closed region of elementwise nodes that depend on one value alone, known by its values.
  private func composite(
    of value: Value.ID
  ) throws(ExecutionError) -> (nodes: [Node.ID], activation: Activation)? {
    let limit = 10
    var values: [Value.ID: [Double]] = [value: CompositeActivation.samples]
    var members: [Node.ID] = []
    var next = Set(uses.consumers[value.index])
    while let id = next.min(), members.count < limit {
      next.remove(id)
      let node = graph[id]
      guard isFree(id), case .elementwise = node.op, node.outputs.count == 1,
        let result = node.outputs[0]
      else { return nil }
      var operands: [[Double]?] = []
      for input in node.inputs {
        if let input, let known = values[input] {
          operands.append(known)
        } else if let input {
          guard let scalar = try lowering.scalar(input) else { return nil }
          operands.append([scalar])
        } else {
          operands.append(nil)
        }
      }
      guard let computed = CompositeActivation.values(of: node.op, operands),
        graph[result].type == graph[value].type
      else { return nil }
      values[result] = computed
      members.append(id)
      if next.isEmpty, members.count > 1, isClosed(members),
        let activation = CompositeActivation.recognized(computed)
      {
        return (members, activation)
      }
      if uses.isOutput[result.index] { return nil }
      next.formUnion(uses.consumers[result.index])
    }
    return nil
  }

  /// Whether only the last member's result is needed outside.
  func isClosed(_ members: [Node.ID]) -> Bool {
    members.dropLast().allSatisfy { member in
      graph[member].outputs.allSatisfy { output in
        guard let output else { return true }
        return !uses.isOutput[output.index]
          && uses.consumers[output.index].allSatisfy(members.contains)
      }
    }
  }
}
