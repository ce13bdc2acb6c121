import ModelIR

extension GraphBuilder {
  func function(calledBy node: ONNXNode) -> (FunctionID, ONNXFunction)? {
    let id = FunctionID(
      domain: node.domain, name: node.operatorType, overload: node.overload)
    return (functions[id] ?? onnxDefinitions[id]).map { (id, $0) }
  }

  /// Adds a function's nodes in place of a call to it. Their names start with the call's.
  mutating func expand(
    _ function: ONNXFunction, _ id: FunctionID, calledBy node: ONNXNode
  ) throws(ImportError.Cause) {
    func failure(_ reason: GraphError.Reason) -> ImportError.Cause {
      .graph(GraphError(node: node.name, reason))
    }
    guard !activeCalls.contains(id) else { throw failure(.recursiveFunction(name: id.name)) }
    guard scopes.count < Limit.nesting else {
      throw failure(.nestedTooDeeply(limit: Limit.nesting))
    }
    for (formal, actual) in [(function.inputs, node.inputs), (function.outputs, node.outputs)]
    where actual.count > formal.count {
      throw failure(
        .tooManyArguments(function: id.name, expected: formal.count, actual: actual.count))
    }
    try spend(function.inputs.count + function.outputs.count)

    let inputs = try resolveInputs(of: node, name: node.name)
    let caller = scopes.count - 1
    var scope = Scope(
      kind: .function, frame: scopes[caller].frame,
      opsets: function.opsets.isEmpty ? scopes[caller].opsets : function.opsets)
    scope.prefix = node.name + "/"
    scope.attributes = function.attributeDefaults
    for (name, given) in node.attributes.entries { scope.attributes[name] = given?.withoutGraphs }
    for (index, name) in function.inputs.enumerated() {
      let value = index < inputs.count ? inputs[index] : nil
      scope.bindings[name] = value.map(Scope.Binding.value) ?? .absent
    }
    for (formal, actual) in zip(function.outputs, node.outputs) where !actual.isEmpty {
      scope.resultNames[formal] = displayName(actual)
    }

    scopes.append(scope)
    activeCalls.append(id)
    try addNodes(function.nodes)
    var results: [Value.ID?] = []
    for (formal, actual) in zip(function.outputs, node.outputs) {
      guard !actual.isEmpty else {
        results.append(nil)
        continue
      }
      guard case .value(let value) = resolve(formal) else {
        throw failure(.undefinedOutput(value: formal))
      }
      results.append(value)
    }
    activeCalls.removeLast()
    scopes.removeLast()
    for (name, value) in zip(node.outputs, results) {
      if let value { try bind(name, to: value) }
    }
  }
}

extension ONNXAttribute {
  /// A graph handed to a function would see the caller's names inside the function: not followed.
  fileprivate var withoutGraphs: Self {
    switch self {
    case .graph, .graphs: .unsupported("graph")
    case .int, .float, .string, .tensor, .ints, .floats, .strings, .reference, .unsupported: self
    }
  }
}
