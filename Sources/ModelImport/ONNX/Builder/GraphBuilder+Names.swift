import ModelIR

extension GraphBuilder {
  /// What a name means in the innermost scope; a subgraph sees what its surroundings see, and
  /// captures it.
  mutating func resolve(_ name: String) -> Scope.Binding? {
    resolve(name, in: scopes.count - 1)
  }

  /// Recursion ends with the nesting limit.
  private mutating func resolve(_ name: String, in index: Int) -> Scope.Binding? {
    if let binding = scopes[index].bindings[name] { return binding }
    guard scopes[index].kind == .body, index > 0 else { return nil }
    switch resolve(name, in: index - 1) {
    case .value(let outer):
      let (outerFrame, frame) = (scopes[index - 1].frame, scopes[index].frame)
      // A subgraph that stands inline belongs to the graph around it.
      let inner = outerFrame == frame ? outer : capture(outer, from: outerFrame, into: frame)
      scopes[index].bindings[name] = .value(inner)
      return .value(inner)
    case .absent: return .absent
    case nil: return nil
    }
  }

  private mutating func capture(_ outer: Value.ID, from outerFrame: Int, into frame: Int)
    -> Value.ID
  {
    if let inner = frames[frame].innerByOuter[outer] { return inner }
    let source = frames[outerFrame].graph[outer]
    let inner = Value.ID(frames[frame].graph.values.count)
    frames[frame].graph.values.append(
      Value(
        id: inner, name: source.name, origin: .captured, type: source.type,
        literal: source.literal, isConstant: source.isConstant))
    frames[frame].captures.append((outer, inner))
    frames[frame].innerByOuter[outer] = inner
    return inner
  }

  /// Gives a name of the innermost scope a new value. Without a name, nothing can refer to it.
  mutating func define(
    _ name: String, origin: Value.Origin
  ) throws(ImportError.Cause) -> Value.ID {
    let scope = scopes.count - 1
    let frame = scopes[scope].frame
    let id = Value.ID(frames[frame].graph.values.count)
    if !name.isEmpty { try bind(name, to: id) }
    frames[frame].graph.values.append(Value(id: id, name: displayName(name), origin: origin))
    return id
  }

  /// What a name of the innermost scope is called in the whole graph.
  func displayName(_ name: String) -> String {
    let scope = scopes.count - 1
    return scopes[scope].resultNames[name] ?? scopes[scope].prefix + name
  }

  /// Gives a name of the innermost scope its only meaning.
  mutating func bind(_ name: String, to id: Value.ID) throws(ImportError.Cause) {
    guard scopes[scopes.count - 1].bindings.updateValue(.value(id), forKey: name) == nil else {
      throw .graph(GraphError(.duplicateDefinition(value: name)))
    }
  }

  /// The inputs of a node; `nil` where an optional one is absent.
  mutating func resolveInputs(
    of node: ONNXNode, name: String
  ) throws(ImportError.Cause) -> [Value.ID?] {
    var inputs: [Value.ID?] = []
    inputs.reserveCapacity(node.inputs.count)
    for input in node.inputs {
      guard !input.isEmpty else {
        inputs.append(nil)
        continue
      }
      switch resolve(input) {
      case .value(let id): inputs.append(id)
      case .absent: inputs.append(nil)
      case nil: throw .graph(GraphError(node: name, missingInput(input)))
      }
    }
    return inputs
  }

  private func missingInput(_ value: String) -> GraphError.Reason {
    for scope in scopes.reversed() {
      for node in scope.nodes where node.outputs.contains(value) {
        let producer = node.name.isEmpty ? node.operatorType : node.name
        return .notSorted(value: value, producer: scope.prefix + producer)
      }
      if scope.kind != .body { break }
    }
    return .undefinedInput(value: value)
  }
}
