import ModelIR
import TensorTypes

/// Subgraphs that operators run: one that is called stands inline, a branch or a loop's body is a
/// graph inside a node.
extension TFLiteBuilder {
  /// `false` for operators that run no subgraph.
  mutating func addControlFlow(_ node: TFLiteNode) throws(ImportError.Cause) -> Bool {
    guard !node.isCustom else { return false }
    switch node.operatorType {
    case "CALL": try addCall(node, node.int(0))
    // Its decomposition is what runs where nobody knows the whole.
    case "STABLEHLO_COMPOSITE": try addCall(node, node.int(1))
    // Fills tables and variables before the first run.
    case "CALL_ONCE": _ = try subgraph(node.int(0), node)
    case "IF": try addConditional(node)
    case "WHILE": try addLoop(node)
    default: return false
    }
    return true
  }

  private func subgraph(
    _ index: Int, _ node: TFLiteNode
  ) throws(ImportError.Cause) -> TFLiteSubgraph {
    guard model.subgraphs.indices.contains(index) else {
      throw .graph(
        GraphError(node: node.name, .subgraphIndex(index, count: model.subgraphs.count)))
    }
    guard !activeSubgraphs.contains(index) else {
      throw .graph(
        GraphError(node: node.name, .recursiveFunction(name: model.subgraphs[index].name)))
    }
    guard activeSubgraphs.count < Limit.nesting else {
      throw .graph(GraphError(node: node.name, .nestedTooDeeply(limit: Limit.nesting)))
    }
    return model.subgraphs[index]
  }

  private func expect(
    _ actual: Int, toBe expected: Int, _ what: String, _ node: TFLiteNode
  ) throws(ImportError.Cause) {
    guard actual == expected else {
      throw .graph(
        GraphError(
          node: node.name, .bodyMismatch(what: what, expected: expected, actual: actual)))
    }
  }

  /// Adds a subgraph's nodes to the innermost graph, with `arguments` for its inputs, and gives its
  /// results.
  private mutating func inline(
    _ index: Int, _ arguments: [Value.ID], _ node: TFLiteNode, as part: String
  ) throws(ImportError.Cause) -> [Value.ID] {
    let subgraph = try subgraph(index, node)
    try expect(arguments.count, toBe: subgraph.inputs.count, "inputs of a subgraph", node)
    let outer = prefix
    prefix = "\(node.name)/\(part)"
    activeSubgraphs.append(index)
    defer {
      prefix = outer
      activeSubgraphs.removeLast()
    }
    let base = try addTensors(of: index)
    for (position, (input, argument)) in zip(subgraph.inputs, arguments).enumerated() {
      let id = try tensor(input, of: subgraph, base, in: .inputs)
      guard !frame.isDefined[id.index] else { continue }
      append(.view(.identity), named: "\(prefix)input_\(position)", [argument], [id])
    }
    try addOperators(of: index, base)
    return try outputs(of: subgraph, base)
  }

  private func arguments(
    _ node: TFLiteNode, from first: Int = 0
  ) throws(ImportError.Cause) -> [Value.ID] {
    var ids: [Value.ID] = []
    for (position, input) in node.inputs.enumerated().dropFirst(first) {
      guard let input else { throw .node(node.error(.missingInput(position))) }
      ids.append(input)
    }
    return ids
  }

  private mutating func addCall(
    _ node: TFLiteNode, _ index: Int
  ) throws(ImportError.Cause) {
    let results = try inline(index, try arguments(node), node, as: "")
    try expect(results.count, toBe: node.outputs.count, "outputs of a subgraph", node)
    for (result, output) in zip(results, node.outputs) {
      let name = "\(node.name)/\(frame.graph[output].name)"
      append(.view(.identity), named: name, [result], [output])
    }
  }

  /// A graph of its own around what `body` adds; `outer` are the values of the enclosing graph that
  /// it sees as its captures.
  private mutating func nested(
    _ name: String, seeing outer: [Value.ID],
    _ body: (inout Self, [Value.ID]) throws(ImportError.Cause) -> [Value.ID]
  ) throws(ImportError.Cause) -> Subgraph {
    let enclosing = frame
    frames.append(Frame(graph: Graph(name: name)))
    var inner: [Value.ID] = []
    for id in outer {
      let source = enclosing.graph[id]
      let copy = addValue(
        source.name, origin: .captured, type: source.type, literal: source.literal)
      frame.graph[copy].isConstant = source.isConstant
      frame.facts[copy.index] = enclosing.facts[id.index]
      inner.append(copy)
    }
    let results = try body(&self, inner)
    let frame = frames.removeLast()
    var graph = frame.graph
    graph.outputs = results
    return Subgraph(body: graph, captures: inner)
  }

  private mutating func addConditional(_ node: TFLiteNode) throws(ImportError.Cause) {
    let arguments = try arguments(node, from: 1)
    guard let condition = node.input(0) else { throw .node(node.error(.missingInput(0))) }
    var branches: [Subgraph] = []
    for (field, part) in [(0, "then/"), (1, "else/")] {
      let branch = try nested(part, seeing: arguments) {
        builder, inner throws(ImportError.Cause) in
        try builder.inline(node.int(field), inner, node, as: part)
      }
      try expect(branch.body.outputs.count, toBe: node.outputs.count, "outputs of a branch", node)
      branches.append(branch)
    }
    append(
      .conditional(Conditional(thenBranch: branches[0], elseBranch: branches[1])),
      named: node.name, [condition] + arguments + arguments, node.outputs)
  }

  /// The condition is a subgraph too: computed once before the loop, and at the end of each turn.
  private mutating func addLoop(_ node: TFLiteNode) throws(ImportError.Cause) {
    let carried = try arguments(node)
    try expect(node.outputs.count, toBe: carried.count, "outputs of the loop", node)
    let (condition, turn) = (node.int(0), node.int(1))
    let first = try inline(condition, carried, node, as: "first_condition/")
    try expect(first.count, toBe: 1, "outputs of the condition", node)
    let facts = carried.map { frame.facts[$0.index] }
    let types = carried.map { frame.graph[$0].type }
    let body = try nested("body", seeing: []) { builder, _ throws(ImportError.Cause) in
      var formals: [Value.ID] = []
      let last = builder.frames.count - 1
      func input(_ name: String, _ dtype: DType?) {
        let id = builder.addValue(name, origin: .input)
        builder.frames[last].graph.inputs.append(
          GraphInput(value: id, dtype: dtype, shape: nil))
        formals.append(id)
      }
      input("\(node.name)/iteration", .int64)
      input("\(node.name)/continue", .bool)
      for (index, fact) in facts.enumerated() {
        input("\(node.name)/carried_\(index)", fact?.type?.dtype ?? types[index]?.dtype)
        builder.frames[last].facts[formals[index + 2].index] = fact
      }
      let results = try builder.inline(
        turn, Array(formals.dropFirst(2)), node, as: "body/")
      try builder.expect(results.count, toBe: facts.count, "outputs of the loop body", node)
      let next = try builder.inline(condition, results, node, as: "condition/")
      try builder.expect(next.count, toBe: 1, "outputs of the condition", node)
      return next + results
    }
    append(
      .loop(Loop(body: body)), named: node.name, [nil, first[0]] + carried, node.outputs)
  }
}
