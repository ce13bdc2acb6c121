import ModelIR

extension GraphBuilder {
  /// Adds one node of the file: as an operator, as the body of the function it calls, or, for a
  /// constant too large to be a setting, as a stored tensor. Its name is that in the whole graph.
  mutating func add(_ node: ONNXNode) throws(ImportError.Cause) {
    var node = node
    let scope = scopes.count - 1
    try spend(
      1 + (node.inputs.count + node.outputs.count + node.attributes.entries.count) / 4
        + scopes[scope].prefix.utf8.count / 64)
    for index in node.attributes.entries.indices {
      // One of the call's attributes, or none when the call leaves it out.
      guard case .reference(let outer) = node.attributes.entries[index].value else { continue }
      node.attributes.entries[index].value = scopes[scope].attributes[outer]
    }

    let isKnownDomain = node.domain.isEmpty || node.domain == "com.microsoft"
    let lower = isKnownDomain ? onnxLowerings[node.operatorType] : nil
    if isFlexAttention(node) { return try expandFlexAttention(node) }
    if lower == nil, !isControlFlow(node), let (id, function) = function(calledBy: node) {
      return try expand(function, id, calledBy: node)
    }
    if let tensor = storedConstant(node), let output = node.outputs.first {
      return try addWeight(tensor, name: output)
    }

    var inputs = try resolveInputs(of: node, name: node.name)
    // An argument that the call of a function leaves out is no input of its nodes either.
    for (index, input) in inputs.enumerated() where input == nil { node.inputs[index] = "" }
    let view = NodeView(node: node, opset: try operatorSetVersion(for: node))
    let op = try operation(view, lower, inputs: &inputs)
    try append(node, op, inputs)
  }

  private mutating func append(
    _ node: ONNXNode, _ op: Operator, _ inputs: [Value.ID?]
  ) throws(ImportError.Cause) {
    let frame = scopes[scopes.count - 1].frame
    let id = Node.ID(frames[frame].graph.nodes.count)
    var outputs: [Value.ID?] = []
    for output in node.outputs {
      guard !output.isEmpty else {
        outputs.append(nil)
        continue
      }
      let value = try define(output, origin: .node(id))
      if case .opaque = op {
        // Nobody infers it, so the file is believed, and what follows can be inferred again.
        frames[frame].graph[value].type = scopes[scopes.count - 1].declaredTypes[output]
      }
      outputs.append(value)
    }
    frames[frame].graph.nodes.append(
      Node(id: id, name: node.name, op: op, inputs: inputs, outputs: outputs))
  }

  private mutating func operation(
    _ view: NodeView, _ lower: Lower?, inputs: inout [Value.ID?]
  ) throws(ImportError.Cause) -> Operator {
    if isControlFlow(view.node) { return try controlFlow(view, inputs: &inputs) }
    let isReadable = !view.node.attributes.entries.contains {
      if case .unsupported = $0.value { true } else { false }
    }
    guard let lower, isReadable else { return opaque(view.node) }
    do throws(LoweringError) {
      return try lower(view)
    } catch {
      throw .node(error)
    }
  }

  mutating func opaque(_ node: ONNXNode) -> Operator {
    let operation = OpaqueOperator(name: node.operatorType, domain: node.domain)
    notes.addUnmodelled(operation, node: node.name)
    return .opaque(operation)
  }

  private func operatorSetVersion(
    for node: ONNXNode
  ) throws(ImportError.Cause) -> Int {
    if let version = scopes[scopes.count - 1].opsets[node.domain] { return version }
    guard !node.domain.isEmpty else {
      throw .graph(GraphError(node: node.name, .missingOperatorSet))
    }
    return 1
  }

  private func isControlFlow(_ node: ONNXNode) -> Bool {
    node.domain.isEmpty && ["If", "Loop", "Scan"].contains(node.operatorType)
  }

  /// The tensor of a `Constant` whose elements were not read.
  private func storedConstant(_ node: ONNXNode) -> ONNXTensor? {
    guard node.domain.isEmpty, node.operatorType == "Constant",
      case .tensor(let tensor) = node.attributes["value"], tensor.literal == nil
    else { return nil }
    return tensor
  }
}
