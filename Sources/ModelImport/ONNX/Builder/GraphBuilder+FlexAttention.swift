import ModelIR
import TensorTypes

extension GraphBuilder {
  func isFlexAttention(_ node: ONNXNode) -> Bool {
    node.domain == "ai.onnx.preview" && node.operatorType == "FlexAttention"
  }

  /// Adds the operators that define a `FlexAttention`, around the two graphs that it may have:
  ///
  ///     score = score_mod((Q · √scale) (K · √scale)ᵀ)
  ///     Y = prob_mod(softmax(score)) V
  ///
  /// where queries have a multiple of the heads of keys and values.
  /// Source: `BuildFlexAttentionFunctionBody` in `onnx/defs/preview/defs.cc`.
  mutating func expandFlexAttention(_ node: ONNXNode) throws(ImportError.Cause) {
    let view = NodeView(node: node, opset: 1)
    let inputs = try resolveInputs(of: node, name: node.name)
    for index in 0..<3 where index >= inputs.count || inputs[index] == nil {
      throw .node(view.error(.missingInput(index)))
    }
    guard node.outputs.count == 1, !node.outputs[0].isEmpty, inputs.count == 3 else {
      throw .graph(
        GraphError(
          node: node.name,
          .bodyMismatch(
            what: "inputs and outputs of FlexAttention", expected: 4,
            actual: inputs.count + node.outputs.count)))
    }
    guard scopes.count < Limit.nesting else {
      throw .graph(GraphError(node: node.name, .nestedTooDeeply(limit: Limit.nesting)))
    }
    let caller = scopes.count - 1
    let operand = inputs[0].flatMap { dtype(of: $0, in: scopes[caller].frame) }
    let settings = try flexSettings(view, operand: operand)

    var scope = Scope(
      kind: .function, frame: scopes[caller].frame, opsets: definitionOperatorSet)
    scope.prefix = node.name + "/"
    scope.resultNames["Y"] = displayName(node.outputs[0])
    for (name, value) in zip(["Q", "K", "V"], inputs) {
      scope.bindings[name] = value.map(Scope.Binding.value) ?? .absent
    }
    scopes.append(scope)
    // The scale is of single precision. Casts that are known to change nothing are left out.
    let root = [definitionNode("Sqrt", ["scale"], operand == .float32 ? "factor" : "root_of_scale")]
    let cast = [definitionNode("CastLike", ["root_of_scale", "Q"], "factor")]
    try addNodes(settings.scale + root + (operand == .float32 ? [] : cast) + scoreNodes)
    let precision = ONNXAttribute.int(settings.precision)
    let isPrecise = operand != nil && operand == ModelImport.dtype(ofDataType: settings.precision)
    if isPrecise, case .value(let score) = resolve("stored_score") {
      try bind("score", to: score)
    } else {
      try addNodes([definitionNode("Cast", ["stored_score"], "score", ("to", precision))])
    }
    try addInline("score_mod", of: view, "score", "modified_score")
    try addNodes([definitionNode("Softmax", ["modified_score"], "probability", ("axis", .int(-1)))])
    try addInline("prob_mod", of: view, "probability", "modified_probability")
    let weighting =
      isPrecise
      ? [definitionNode("MatMul", ["modified_probability", "repeated_V"], "Y")]
      : [
        definitionNode("Cast", ["repeated_V"], "precise_V", ("to", precision)),
        definitionNode("MatMul", ["modified_probability", "precise_V"], "precise_result"),
        definitionNode("CastLike", ["precise_result", "V"], "Y"),
      ]
    try addNodes(repeated("V") + weighting)
    guard case .value(let result) = resolve("Y") else {
      throw .graph(GraphError(node: node.name, .undefinedOutput(value: "Y")))
    }
    scopes.removeLast()
    try bind(node.outputs[0], to: result)
  }

  /// What is known of a value's elements before inference.
  private func dtype(of value: Value.ID, in frame: Int) -> DType? {
    let graph = frames[frame].graph
    return graph[value].type?.dtype ?? graph.inputs.first { $0.value == value }?.dtype
  }

  /// The nodes that make √scale, and the data type of scores: the stated one, that of the node's
  /// graphs, or single precision where operands are not known to be of double.
  private func flexSettings(
    _ view: NodeView, operand: DType?
  ) throws(ImportError.Cause) -> (scale: [ONNXNode], precision: Int) {
    do throws(LoweringError) {
      let scale = try view.optionalFloat("scale")
      var precision = operand == .float64 ? 11 : 1
      for name in ["prob_mod", "score_mod"] {
        guard case .graph(let graph)? = view.node.attributes[name] else { continue }
        precision = graph.inputs.first?.dataType ?? precision
      }
      if let stated = try view.int("softmax_precision") { precision = stated }
      guard [1, 10, 11, 16].contains(precision) else {
        throw view.error(
          .invalidAttribute("softmax_precision", reason: "is \(precision), no real data type"))
      }
      let factor =
        scale.map { [definitionNode("Constant", [], "scale", ("value_float", .float($0)))] } ?? [
          definitionNode("Shape", ["Q"], "size", ("start", .int(3))),
          definitionNode("Cast", ["size"], "real_size", ("to", .int(1))),
          definitionNode("Sqrt", ["real_size"], "root_of_size"),
          definitionNode("Reciprocal", ["root_of_size"], "scale"),
        ]
      return (factor, precision)
    } catch {
      throw .node(error)
    }
  }

  /// `(Q · √scale) (K · √scale)ᵀ`, `[batch, heads, queries, keys]`, in the type of the operands.
  private var scoreNodes: [ONNXNode] {
    [
      definitionNode("Shape", ["Q"], "batch", ("start", .int(0)), ("end", .int(1))),
      definitionNode("Shape", ["Q"], "heads", ("start", .int(1)), ("end", .int(2))),
      definitionNode("Shape", ["K"], "key_heads", ("start", .int(1)), ("end", .int(2))),
      definitionNode("Shape", ["K"], "keys", ("start", .int(2)), ("end", .int(3))),
      definitionNode("Div", ["heads", "key_heads"], "repeats"),
      definitionNode("Constant", [], "group_axis", ("value_ints", .ints([2]))),
    ] + repeated("K") + [
      definitionNode("Transpose", ["repeated_K"], "transposed_K", ("perm", .ints([0, 1, 3, 2]))),
      definitionNode("Mul", ["Q", "factor"], "scaled_Q"),
      definitionNode("Mul", ["transposed_K", "factor"], "scaled_K"),
      definitionNode("MatMul", ["scaled_Q", "scaled_K"], "stored_score"),
    ]
  }

  /// Keys or values, once for each head of queries that shares them.
  private func repeated(_ operand: String) -> [ONNXNode] {
    [
      definitionNode("Shape", [operand], "\(operand)_size", ("start", .int(3))),
      definitionNode("Unsqueeze", [operand, "group_axis"], "shared_\(operand)"),
      definitionNode(
        "Concat", ["batch", "key_heads", "repeats", "keys", "\(operand)_size"],
        "\(operand)_groups", ("axis", .int(0))),
      definitionNode(
        "Expand", ["shared_\(operand)", "\(operand)_groups"], "grouped_\(operand)"),
      definitionNode(
        "Concat", ["batch", "heads", "keys", "\(operand)_size"], "\(operand)_shape",
        ("axis", .int(0))),
      definitionNode(
        "Reshape", ["grouped_\(operand)", "\(operand)_shape"], "repeated_\(operand)"),
    ]
  }

  /// Adds the nodes of an attribute's graph of one input and one output to the graph at hand, or
  /// takes the input for the output when there is none. Its names mean what they mean around the
  /// node, not what they mean in the definition, which is the innermost scope.
  private mutating func addInline(
    _ attribute: String, of view: NodeView, _ input: String, _ output: String
  ) throws(ImportError.Cause) {
    guard case .value(let argument) = resolve(input) else {
      throw .graph(GraphError(node: view.node.name, .undefinedInput(value: input)))
    }
    guard let value = view.node.attributes[attribute] else { return try bind(output, to: argument) }
    guard case .graph(let graph) = value else {
      throw .node(view.error(.wrongAttributeType(attribute)))
    }
    for (what, count) in [("inputs", graph.inputs.count), ("outputs", graph.outputs.count)]
    where count != 1 {
      throw .graph(
        GraphError(
          node: view.node.name,
          .bodyMismatch(what: "\(what) of \(attribute)", expected: 1, actual: count)))
    }
    try spend(2 + graph.initializers.count)
    let definition = scopes.removeLast()
    let caller = scopes[scopes.count - 1]
    var scope = Scope(kind: .body, frame: caller.frame, opsets: caller.opsets)
    scope.prefix = definition.prefix + attribute + "/"
    scope.attributes = caller.attributes
    scopes.append(scope)
    try bind(graph.inputs[0].name, to: argument)
    for tensor in graph.initializers { try addWeight(tensor, name: tensor.name) }
    try addNodes(graph.nodes)
    guard case .value(let result) = resolve(graph.outputs[0].name) else {
      throw .graph(
        GraphError(node: view.node.name, .undefinedOutput(value: graph.outputs[0].name)))
    }
    scopes[scopes.count - 1] = definition
    try bind(output, to: result)
  }
}
