import ModelIR
import TensorTypes

/// Makes graphs ready to run, outermost first.
struct Loader {
  let weights: any WeightSource
  let seed: UInt64
  private(set) var steps: [ExecutionStep] = []
  private var randomCount = 0

  init(weights: any WeightSource, seed: UInt64) {
    self.weights = weights
    self.seed = seed
  }

  var notes: [String] {
    randomCount > 0 ? [noteOfRandomWeights(randomCount, seed: seed)] : []
  }

  mutating func plan(_ graph: Graph, depth: Int) throws(ExecutionError) -> GraphPlan {
    guard depth <= 64 else {
      throw .notExecutable(
        node: graph.name, operatorName: "graph", reason: "lies in more than 64 others")
    }
    var elements: [Int: Tensor] = [:]
    for value in graph.values {
      guard case .weight = value.origin else { continue }
      elements[value.id.index] = try tensor(of: value)
    }
    var bodies: [Int: [GraphPlan]] = [:]
    var nodeSteps: [Int?] = []
    for (index, node) in graph.nodes.enumerated() {
      let subgraphs = node.op.subgraphs
      if case .opaque = node.op, depth == 0 {
        throw .notExecutable(
          node: node.name, operatorName: node.op.name, reason: "has no kernel")
      }
      guard subgraphs.isEmpty else {
        nodeSteps.append(nil)
        var plans: [GraphPlan] = []
        for subgraph in subgraphs { plans.append(try plan(subgraph.body, depth: depth + 1)) }
        bodies[index] = plans
        continue
      }
      nodeSteps.append(steps.count)
      steps.append(step(node, in: graph))
    }
    return GraphPlan(
      graph: graph, weights: elements, releases: graph.lastUses, steps: nodeSteps, bodies: bodies)
  }

  private mutating func tensor(of value: Value) throws(ExecutionError) -> Tensor {
    guard let type = value.type else { throw .unknownType(value: value.name) }
    if case .weight(.stated) = value.origin, let literal = value.literal,
      let numbers = ReferenceTensor<Double>(literal), let tensor = Tensor(numbers)
    {
      return tensor
    }
    if let tensor = try weights.tensor(of: value) {
      guard tensor.type == type else {
        throw .weights(value: value.name, reason: "is \(tensor.type), expected \(type)")
      }
      return tensor
    }
    guard let tensor = Tensor(randomWeight: type, named: value.name, seed: seed) else {
      throw .weights(value: value.name, reason: "has no elements, and \(type) cannot be drawn")
    }
    randomCount += 1
    return tensor
  }

  private func step(_ node: Node, in graph: Graph) -> ExecutionStep {
    let operands = node.inputs.map { $0.flatMap { id in graph[id].type.map { Operand($0) } } }
    let results = node.outputs.map { $0.flatMap { graph[$0].type } }
    let isTyped =
      zip(node.inputs, operands).allSatisfy { ($0 == nil) == ($1 == nil) }
      && zip(node.outputs, results).allSatisfy { ($0 == nil) == ($1 == nil) }
    return ExecutionStep(
      name: node.name, kernel: "reference.\(node.op.name)",
      operators: node.op.kind.map { [$0] } ?? [], nodes: [node.name],
      work: isTyped ? node.op.definition?.work(inputs: operands, outputs: results) : nil)
  }
}

extension Graph {
  /// For each node, the values that nothing needs after it.
  var lastUses: [[Value.ID]] {
    var isNeeded = [Bool](repeating: false, count: values.count)
    for output in outputs { isNeeded[output.index] = true }
    var releases: [[Value.ID]] = []
    for node in nodes.reversed() {
      var last: [Value.ID] = []
      for id in (node.inputs + node.outputs).compactMap({ $0 }) where !isNeeded[id.index] {
        isNeeded[id.index] = true
        last.append(id)
      }
      releases.append(last)
    }
    return releases.reversed()
  }
}
