import ModelIR
import TensorTypes

/// A control-flow node: the interpreter runs its graphs, which may grow values as they run.
struct ControlFlowInstruction: Instruction {
  let plan: GraphPlan
  let inputs: [ReferenceInstruction.Place?]
  let outputs: [ReferenceInstruction.Place?]

  func run(_ machine: Machine) throws(ReferenceError) {
    var tensors: [Tensor?] = []
    for place in inputs { tensors.append(try machine.tensor(place)) }
    var run = InterpreterRun(times: nil)
    let results: [Tensor]
    do throws(ExecutionError) {
      results = try run.outputs(of: plan, tensors)
    } catch {
      if case .node(_, _, let error) = error { throw error }
      throw .notEvaluated("\(error): the graph inside")
    }
    try machine.store(results, outputs)
  }
}

extension Lowering {
  /// A graph of one control-flow node, ready for the interpreter.
  func interpretedPlan(_ node: Node) throws(ExecutionError) -> GraphPlan {
    var single = Graph(name: node.name)
    func add(_ id: Value.ID?, _ origin: Value.Origin) -> Value.ID? {
      guard let id else { return nil }
      let own = Value.ID(single.values.count)
      single.values.append(Value(id: own, name: graph[id].name, origin: origin))
      return own
    }
    var inner = node
    inner.inputs = node.inputs.map { add($0, .input) }
    inner.outputs = node.outputs.map { add($0, .node(Node.ID(0))) }
    inner = Node(
      id: Node.ID(0), name: node.name, op: node.op, inputs: inner.inputs, outputs: inner.outputs)
    single.nodes = [inner]
    single.inputs = inner.inputs.compactMap { $0 }.map {
      GraphInput(value: $0, dtype: nil, shape: nil)
    }
    single.outputs = inner.outputs.compactMap { $0 }
    var loader = Loader(weights: weights, seed: options.seed)
    return try loader.plan(single, depth: 0)
  }
}
