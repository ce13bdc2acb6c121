import ModelIR

extension GraphBuilder {
  /// Builds the subgraphs of a control-flow node; what they capture is added to `inputs`.
  mutating func controlFlow(
    _ view: NodeView, inputs: inout [Value.ID?]
  ) throws(ImportError.Cause) -> Operator {
    switch view.node.operatorType {
    case "If": return .conditional(try conditional(view, inputs: &inputs))
    case "Loop": return .loop(try loop(view, inputs: &inputs))
    default:
      return view.opset < 9
        ? try batchedScan(view, inputs: &inputs) : .scan(try scan(view, inputs: &inputs))
    }
  }

  private mutating func conditional(
    _ view: NodeView, inputs: inout [Value.ID?]
  ) throws(ImportError.Cause) -> Conditional {
    try expect(inputs.count, toBe: 1, "inputs of If", view)
    let thenBranch = try subgraph("then_branch", of: view, capturesInto: &inputs)
    let elseBranch = try subgraph("else_branch", of: view, capturesInto: &inputs)
    for branch in [thenBranch, elseBranch] {
      try expect(branch.body.inputs.count, toBe: 0, "inputs of a branch", view)
      try expect(
        branch.body.outputs.count, atLeast: view.node.outputs.count, "outputs of a branch", view)
    }
    return Conditional(thenBranch: thenBranch, elseBranch: elseBranch)
  }

  private mutating func loop(
    _ view: NodeView, inputs: inout [Value.ID?]
  ) throws(ImportError.Cause) -> Loop {
    while inputs.count < 2 { inputs.append(nil) }
    let count = inputs.count
    let body = try subgraph("body", of: view, capturesInto: &inputs)
    // In: the iteration, the condition, the carried values. Out: the condition, the carried values,
    // and one slice of each stacked output.
    try expect(body.body.inputs.count, toBe: count, "inputs of the loop body", view)
    try expect(
      body.body.outputs.count, atLeast: max(count - 1, view.node.outputs.count + 1),
      "outputs of the loop body", view)
    return Loop(body: body)
  }

  private mutating func scan(
    _ view: NodeView, inputs: inout [Value.ID?]
  ) throws(ImportError.Cause) -> Scan {
    let count = inputs.count
    let scanned = try attribute(view) { view throws(LoweringError) in
      try view.required("num_scan_inputs")
    }
    guard (0...count).contains(scanned) else {
      throw .node(view.error(.invalidAttribute("num_scan_inputs", reason: "is \(scanned)")))
    }
    let body = try subgraph("body", of: view, capturesInto: &inputs)
    let states = count - scanned
    try expect(body.body.inputs.count, toBe: count, "inputs of the scan body", view)
    try expect(
      body.body.outputs.count, atLeast: max(states, view.node.outputs.count),
      "outputs of the scan body", view)
    return Scan(
      body: body, scanInputCount: scanned,
      scanInputAxes: try axes("scan_input_axes", count: scanned, view),
      scanOutputAxes: try axes(
        "scan_output_axes", count: body.body.outputs.count - states, view),
      reversedInputs: try reversed(
        view.opset < 9 ? "directions" : "scan_input_directions", view),
      reversedOutputs: try reversed("scan_output_directions", view))
  }

  /// The scan of operator set 8, whose states and scanned inputs have a batch axis in front: a scan
  /// over that axis, each turn of which scans one item of the batch. Sequence lengths, its first
  /// input, are not modelled.
  private mutating func batchedScan(
    _ view: NodeView, inputs: inout [Value.ID?]
  ) throws(ImportError.Cause) -> Operator {
    guard let lengths = inputs.first, lengths == nil else { return opaque(view.node) }
    inputs.removeFirst()
    let count = inputs.count
    try spend(2 * count)
    try enterBody(named: view.node.name, of: view)
    let frame = frames.count - 1
    /// A value that no name of the file can refer to.
    func unbound(_ name: String, _ origin: Value.Origin) throws(ImportError.Cause) -> Value.ID {
      let id = try define("", origin: origin)
      frames[frame].graph[id].name = "\(view.node.name)/\(name)"
      return id
    }
    var items: [Value.ID?] = []
    for index in 0..<count {
      let item = try unbound("item_\(index)", .input)
      frames[frame].graph.inputs.append(GraphInput(value: item, dtype: nil, shape: nil))
      items.append(item)
    }
    let inner = try scan(view, inputs: &items)
    let id = Node.ID(0)
    var outputs: [Value.ID] = []
    for index in inner.body.body.outputs.indices {
      outputs.append(try unbound("item_output_\(index)", .node(id)))
    }
    frames[frame].graph.nodes.append(
      Node(
        id: id, name: "\(view.node.name)/item", op: .scan(inner), inputs: items, outputs: outputs))
    frames[frame].graph.outputs = outputs
    let body = leaveBody(capturesInto: &inputs)
    return .scan(
      Scan(
        body: body, scanInputCount: count, scanInputAxes: Array(repeating: 0, count: count),
        scanOutputAxes: Array(repeating: 0, count: outputs.count)))
  }

  /// Where the list of directions has a 1.
  private func reversed(
    _ name: String, _ view: NodeView
  ) throws(ImportError.Cause) -> Set<Int> {
    let given = try attribute(view) { view throws(LoweringError) in try view.ints(name) } ?? []
    return Set(given.indices.filter { given[$0] != 0 })
  }

  private func axes(
    _ name: String, count: Int, _ view: NodeView
  ) throws(ImportError.Cause) -> [Int] {
    let given = try attribute(view) { view throws(LoweringError) in try view.ints(name) }
    guard let given else { return Array(repeating: 0, count: count) }
    guard given.count == count else {
      throw .node(
        view.error(.invalidAttribute(name, reason: "has \(given.count) axes, not \(count)")))
    }
    return given
  }

  private func attribute<T>(
    _ view: NodeView, _ read: (NodeView) throws(LoweringError) -> T
  ) throws(ImportError.Cause) -> T {
    do throws(LoweringError) {
      return try read(view)
    } catch {
      throw .node(error)
    }
  }

  private mutating func subgraph(
    _ name: String, of view: NodeView, capturesInto inputs: inout [Value.ID?]
  ) throws(ImportError.Cause) -> Subgraph {
    guard let attribute = view.node.attributes[name] else {
      throw .node(view.error(.missingAttribute(name)))
    }
    guard case .graph(let graph) = attribute else {
      throw .node(view.error(.wrongAttributeType(name)))
    }
    try enterBody(named: graph.name, of: view)
    try fill(from: graph)
    return leaveBody(capturesInto: &inputs)
  }

  /// Begins the graph of a body, which sees the names around it.
  private mutating func enterBody(
    named name: String, of view: NodeView
  ) throws(ImportError.Cause) {
    guard scopes.count < Limit.nesting else {
      throw .graph(GraphError(node: view.node.name, .nestedTooDeeply(limit: Limit.nesting)))
    }
    let outer = scopes.count - 1
    var scope = Scope(kind: .body, frame: frames.count, opsets: scopes[outer].opsets)
    scope.prefix = scopes[outer].prefix
    scope.attributes = scopes[outer].attributes
    frames.append(Frame(graph: Graph(name: name)))
    scopes.append(scope)
  }

  /// Ends the graph of a body; what it captures is added to `inputs`.
  private mutating func leaveBody(capturesInto inputs: inout [Value.ID?]) -> Subgraph {
    scopes.removeLast()
    let frame = frames.removeLast()
    inputs += frame.captures.map(\.outer)
    return Subgraph(body: frame.graph, captures: frame.captures.map(\.inner))
  }

  private func expect(
    _ actual: Int, toBe expected: Int, _ what: String, _ view: NodeView
  ) throws(ImportError.Cause) {
    guard actual == expected else {
      throw .graph(
        GraphError(
          node: view.node.name, .bodyMismatch(what: what, expected: expected, actual: actual)))
    }
  }

  private func expect(
    _ actual: Int, atLeast least: Int, _ what: String, _ view: NodeView
  ) throws(ImportError.Cause) {
    if actual < least { try expect(actual, toBe: least, what, view) }
  }
}
