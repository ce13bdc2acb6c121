import TensorTypes

extension Inference {
  /// Infers a subgraph whose captured values are `outer` values of `graph`, and gives the facts of
  /// its outputs.
  mutating func infer(
    _ subgraph: inout Subgraph, _ outer: ArraySlice<Value.ID?>, of node: Node, in graph: Graph,
    _ depth: Int
  ) throws(InferenceError) -> [Facts] {
    for (inner, outer) in zip(subgraph.captures, outer) {
      subgraph.body[inner].facts = outer.map { graph[$0].facts } ?? Facts()
    }
    try infer(&subgraph.body, depth: depth + 1)
    guard subgraph.body.outputs.count >= node.outputs.count || node.op.kind != .if else {
      throw .malformedControlFlow(node: node.name, reason: "a branch has too few outputs")
    }
    return subgraph.body.outputs.map { subgraph.body[$0].facts }
  }

  /// The facts of a branch's outputs, or which node of it the types do not suit.
  mutating func attempt(
    _ subgraph: inout Subgraph, _ outer: ArraySlice<Value.ID?>, of node: Node, in graph: Graph,
    _ depth: Int
  ) throws(InferenceError) -> Result<[Facts], InferenceError> {
    do throws(InferenceError) {
      return .success(try infer(&subgraph, outer, of: node, in: graph, depth))
    } catch {
      guard case .node = error else { throw error }
      return .failure(error)
    }
  }

  /// Forgets the types of carried values that an iteration changes, and of all that follows from
  /// them, until the rest is the same in every iteration. After a few rounds every carried value
  /// is given up, so that the cost stays linear in the body.
  func makeInvariant(
    _ body: inout Graph, inputs: ArraySlice<GraphInput>, outputsFrom first: Int
  ) {
    let carried = Array(zip(inputs.map(\.value), body.outputs.dropFirst(first)))
    for round in 0..<4 {
      let changing = carried.filter { before, after in
        body[before].type != nil
          && (round == 3 || body[before].type != body[after].type)
      }
      if changing.isEmpty { return }
      forget(changing.map(\.0), in: &body)
    }
    let lost = carried.filter { before, after in body[before].type == nil }
    forget(lost.map(\.1), in: &body)
  }

  /// Makes values unknown, and what depends on them, but for pinned shapes.
  private func forget(_ values: [Value.ID], in graph: inout Graph) {
    for id in values { graph[id].facts = Facts() }
    var isForgotten = [Bool](repeating: false, count: graph.values.count)
    for id in values { isForgotten[id.index] = true }
    for index in graph.nodes.indices {
      let node = graph.nodes[index]
      guard node.inputs.contains(where: { $0.map { isForgotten[$0.index] } ?? false }) else {
        continue
      }
      graph.nodes[index].op = node.op.withoutInferredBodies
      for case .some(let output) in node.outputs
      where options.shapes[graph[output].name] == nil {
        graph[output].facts = Facts()
        isForgotten[output.index] = true
      }
    }
  }
}

extension Operator {
  /// The operator with nothing known of the values in its subgraphs that nodes compute.
  fileprivate var withoutInferredBodies: Operator {
    switch self {
    case .conditional(var conditional):
      conditional.thenBranch.body.forgetAll()
      conditional.elseBranch.body.forgetAll()
      return .conditional(conditional)
    case .loop(var loop):
      loop.body.body.forgetAll()
      loop.tripCount = nil
      return .loop(loop)
    case .scan(var scan):
      scan.body.body.forgetAll()
      return .scan(scan)
    case .opaque, .elementwise, .matrixProduct, .einsum, .convolution, .pooling, .normalization,
      .softmax, .reduction, .quantization, .attention, .recurrent, .view, .movement, .indexing,
      .generator, .signal, .geometry:
      return self
    }
  }
}

extension Graph {
  fileprivate mutating func forgetAll() {
    for index in values.indices {
      if case .weight = values[index].origin { continue }
      values[index].facts = Facts()
    }
    for index in nodes.indices { nodes[index].op = nodes[index].op.withoutInferredBodies }
  }
}

extension Facts {
  /// What both of two alternatives say.
  init(either first: Facts, or second: Facts) {
    type = first.type == second.type ? first.type : nil
    literal = first.literal == second.literal ? first.literal : nil
    isConstant = literal != nil
  }

  /// The same type, of elements that differ from run to run.
  var varying: Facts { Facts(type: type) }
}

extension GraphInput {
  /// A scalar, or the vector of one element that some exporters declare.
  func scalarType(_ dtype: DType) -> TensorType {
    TensorType(dtype, shape?.dimensions == [.fixed(1)] ? [1] : [])
  }
}

extension TensorType {
  /// The type of `count` such tensors laid along a new axis; `nil` when the count is unknown or
  /// the axis is not one of the result.
  func stacked(_ count: Int?, axis: Int) -> TensorType? {
    let position = axis < 0 ? axis + rank + 1 : axis
    guard let count, position >= 0, position <= rank else { return nil }
    var extents = dimensions
    extents.insert(count, at: position)
    return TensorType(dtype, extents)
  }
}

extension Array {
  /// The element at `index`, or `nil` behind the end.
  func element(_ index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
