import ModelIR
import TensorTypes

extension Grouping {
  /// Elementwise nodes of one shape that hang together and hand on one result.
  func chain(from first: Node) throws(ExecutionError) -> KernelGroup? {
    guard Self.isPointwise(first.op), let output = first.outputs.first ?? nil,
      let shape = graph[output].type?.dimensions, shape.allSatisfy({ $0 > 0 })
    else { return nil }
    var program = ChainProgram(lowering, result: output)
    guard try program.append(first), !program.inputs.isEmpty else { return nil }
    var best = KernelGroup(nodes: [first.id], form: .chain(program))
    var members = [first.id]
    var next = Set(uses.consumers[output.index])
    while let id = next.min() {
      next.remove(id)
      let node = graph[id]
      guard isFree(id), id > members[members.count - 1], Self.isPointwise(node.op),
        let result = node.outputs.first ?? nil, graph[result].type?.dimensions == shape,
        try program.append(node)
      else { continue }
      members.append(id)
      next.formUnion(uses.consumers[result.index])
      if isClosed(members) { best = KernelGroup(nodes: members, form: .chain(program)) }
    }
    return best
  }

  static func isPointwise(_ op: Operator) -> Bool {
    switch op {
    case .elementwise, .movement(.cast): true
    default: false
    }
  }
}
