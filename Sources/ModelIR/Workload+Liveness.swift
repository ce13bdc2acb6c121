import TensorTypes

/// Which nodes of a graph a run must execute, for the outputs that are wanted.
struct NodeLiveness {
  private var liveNodes: [Bool]
  private var neededValues: [Bool]
  /// That of the graphs inside a control-flow node, by the node's position: a body, or the
  /// branches that are not ruled out, in order.
  private var nested: [Int: [NodeLiveness?]] = [:]

  /// Whether the node at a position in ``Graph/nodes`` runs.
  func isLive(_ index: Int) -> Bool { liveNodes[index] }
  func isNeeded(_ value: Value.ID) -> Bool { neededValues[value.index] }

  /// Of a graph inside a live control-flow node: of its body, or of its branch at a position.
  func inside(_ node: Node, branch: Int = 0) -> NodeLiveness? {
    nested[node.id.index]?[branch]
  }

  /// Walks from the wanted outputs backward. A node whose outputs are all constant is computed at
  /// load, so it and what it reads need no run.
  init(_ graph: Graph, wanted: [Bool]) {
    liveNodes = [Bool](repeating: false, count: graph.nodes.count)
    neededValues = [Bool](repeating: false, count: graph.values.count)
    for (output, isWanted) in zip(graph.outputs, wanted) where isWanted {
      neededValues[output.index] = true
    }
    for index in graph.nodes.indices.reversed() {
      let node = graph.nodes[index]
      let isNeeded = node.outputs.contains { $0.map { neededValues[$0.index] } ?? false }
      guard isNeeded else { continue }
      switch node.op {
      case .conditional(let conditional):
        liveNodes[index] = true
        let needed = node.outputs.map { $0.map { neededValues[$0.index] } ?? false }
        let captures = node.captures(of: conditional)
        let picked = graph.knownBranch(of: conditional, node)
        if picked == nil { need(node.inputs.prefix(1)) }
        nested[index] = [
          picked == false
            ? nil : need(conditional.thenBranch, captures.then, wanted: needed),
          picked == true
            ? nil : need(conditional.elseBranch, captures.else, wanted: needed),
        ]
      case .loop(let loop): need(loop.body, of: node, at: index)
      case .scan(let scan): need(scan.body, of: node, at: index)
      case .opaque, .elementwise, .matrixProduct, .einsum, .convolution, .pooling, .normalization,
        .softmax, .reduction, .quantization, .attention, .recurrent, .view, .movement, .indexing,
        .generator, .signal, .geometry:
        let isComputedAtLoad = node.outputs.allSatisfy { $0.map { graph[$0].isConstant } ?? true }
        guard !isComputedAtLoad else { continue }
        liveNodes[index] = true
        need(node.inputs[...])
      }
    }
  }

  /// A body that repeats computes all its outputs, and reads all that the node is given.
  private mutating func need(_ body: Subgraph, of node: Node, at index: Int) {
    liveNodes[index] = true
    let formalCount = body.body.inputs.count
    need(node.inputs.prefix(formalCount))
    nested[index] = [
      need(
        body, node.inputs.dropFirst(formalCount),
        wanted: [Bool](repeating: true, count: body.body.outputs.count))
    ]
  }

  private mutating func need(_ values: ArraySlice<Value.ID?>) {
    for case .some(let value) in values { neededValues[value.index] = true }
  }

  /// Needs the outer values that the live nodes of a subgraph read.
  private mutating func need(
    _ subgraph: Subgraph, _ outer: ArraySlice<Value.ID?>, wanted: [Bool]
  ) -> NodeLiveness {
    let count = subgraph.body.outputs.count
    let all = wanted.prefix(count) + [Bool](repeating: false, count: max(0, count - wanted.count))
    let inner = NodeLiveness(subgraph.body, wanted: Array(all))
    for (capture, outer) in zip(subgraph.captures, outer) where inner.isNeeded(capture) {
      if let outer { neededValues[outer.index] = true }
    }
    return inner
  }
}

extension Node {
  /// The outer values that the branches of a conditional node capture.
  func captures(
    of conditional: Conditional
  ) -> (then: ArraySlice<Value.ID?>, else: ArraySlice<Value.ID?>) {
    let outer = inputs.dropFirst()
    let thenCount = conditional.thenBranch.captures.count
    return (outer.prefix(thenCount), outer.dropFirst(thenCount))
  }
}

extension Graph {
  /// Which branch a conditional node takes, when that is known before any run: its condition is,
  /// or inference has emptied the other branch.
  func knownBranch(of conditional: Conditional, _ node: Node) -> Bool? {
    if conditional.thenBranch.isRuledOut { return false }
    if conditional.elseBranch.isRuledOut { return true }
    guard let condition = node.inputs.first ?? nil else { return nil }
    return self[condition].literal?.integers?.first.map { $0 != 0 }
  }
}

extension Subgraph {
  /// A branch that is never taken: it cannot run with the types that the model's inputs have.
  static let ruledOut = Subgraph(body: Graph(name: "ruled out"), captures: [])
  fileprivate var isRuledOut: Bool { self.body.outputs.isEmpty }
}
