import Quantities
import TensorTypes

extension InferredGraph {
  /// The steps that one run executes, and the tensors that they share.
  ///
  /// Nodes whose outputs are all constant leave no step; the constants that steps read are weights.
  /// A known condition's branch stands inline; of an unknown one, the branch with more known work.
  /// Bodies of loops and scans stand inline once, with ``Workload/Step/repetitions``: their inputs
  /// are the tensors that the node is given, carried ones included, and each stacked output is
  /// written by a `Concat` step of one slice. What no output needs is left out.
  public func workload() -> Workload {
    var flattening = Flattening(assumptions: assumptions)
    flattening.reserveCapacity(for: graph)
    var map = TensorMap(graph)
    for input in graph.inputs {
      map[input.value] = flattening.add(graph[input.value], role: .input)
    }
    let wanted = [Bool](repeating: true, count: graph.outputs.count)
    let liveness = NodeLiveness(graph, wanted: wanted)
    let outputs = flattening.emit(graph, &map, liveness, wanted: wanted, repetitions: 1)
    return flattening.workload(name: graph.name, outputs: outputs.compactMap { $0 })
  }
}

/// The tensors that stand for the values of one graph.
struct TensorMap {
  private var tensors: [Workload.TensorID?]
  /// For a constant that copies another, the one that it copies.
  private var origins: [Value.ID?]

  init(_ graph: Graph) {
    tensors = [Workload.TensorID?](repeating: nil, count: graph.values.count)
    origins = [Value.ID?](repeating: nil, count: graph.values.count)
  }

  subscript(value: Value.ID) -> Workload.TensorID? {
    get { tensors[origin(of: value).index] }
    set { tensors[value.index] = newValue }
  }

  func origin(of value: Value.ID) -> Value.ID { origins[value.index] ?? value }

  mutating func alias(_ copy: Value.ID, to value: Value.ID) {
    origins[copy.index] = origin(of: value)
  }
}

/// One walk over an inferred graph and the graphs inside it.
struct Flattening {
  private(set) var tensors: [Workload.Tensor] = []
  var steps: [Workload.Step] = []
  var assumptions: [String]

  init(assumptions: [String]) { self.assumptions = assumptions }

  mutating func reserveCapacity(for graph: Graph) {
    tensors.reserveCapacity(graph.values.count)
    steps.reserveCapacity(graph.nodes.count)
  }

  mutating func add(_ value: Value, role: Workload.Tensor.Role) -> Workload.TensorID {
    tensors.append(Workload.Tensor(name: value.name, type: value.type, role: role))
    return tensors.count - 1
  }

  /// The tensor of a value, made at its first use.
  mutating func tensor(
    for value: Value.ID, in graph: Graph, _ map: inout TensorMap
  ) -> Workload.TensorID {
    if let known = map[value] { return known }
    let origin = map.origin(of: value)
    let tensor = add(graph[origin], role: graph[origin].isConstant ? .weight : .intermediate)
    map[origin] = tensor
    return tensor
  }

  /// Appends the steps of a graph whose inputs and captured values are in `map`, and gives the
  /// tensors of the outputs that are wanted.
  mutating func emit(
    _ graph: Graph, _ map: inout TensorMap, _ liveness: NodeLiveness, wanted: [Bool],
    repetitions: Int?
  ) -> [Workload.TensorID?] {
    for (index, node) in graph.nodes.enumerated() {
      switch node.op {
      case .conditional(let conditional):
        if liveness.isLive(index) {
          emit(conditional, node, in: graph, &map, liveness, repetitions)
        }
      case .loop(let loop):
        if liveness.isLive(index) { emit(loop, node, in: graph, &map, liveness, repetitions) }
      case .scan(let scan):
        if liveness.isLive(index) { emit(scan, node, in: graph, &map, liveness, repetitions) }
      case .opaque, .elementwise, .matrixProduct, .einsum, .convolution, .pooling, .normalization,
        .softmax, .reduction, .quantization, .attention, .recurrent, .view, .movement, .indexing,
        .generator, .signal, .geometry:
        if node.copiesConstant(in: graph), let copy = node.outputs[0], let source = node.inputs[0] {
          map.alias(copy, to: source)
        } else if liveness.isLive(index) {
          let inputs = node.inputs.map { $0.map { tensor(for: $0, in: graph, &map) } }
          let outputs = node.outputs.map { output in
            output.map { output in
              let tensor = add(graph[output], role: .intermediate)
              map[output] = tensor
              return tensor
            }
          }
          steps.append(
            Workload.Step(
              name: node.name, op: node.op, inputs: inputs, outputs: outputs,
              work: graph.work(of: node), repetitions: repetitions))
        }
      }
    }
    return zip(graph.outputs, wanted).map { output, isWanted in
      isWanted ? tensor(for: output, in: graph, &map) : nil
    }
  }

  /// The workload without the tensors that no step is left to use; inputs of the model stay.
  mutating func workload(name: String, outputs: [Workload.TensorID]) -> Workload {
    var isUsed = tensors.map { $0.role == .input }
    for step in steps {
      for case .some(let tensor) in step.inputs { isUsed[tensor] = true }
      for case .some(let tensor) in step.outputs { isUsed[tensor] = true }
    }
    for tensor in outputs { isUsed[tensor] = true }
    var position = 0
    let positions = isUsed.map { isUsed in
      defer { if isUsed { position += 1 } }
      return position
    }
    var kept: [Workload.Tensor] = []
    kept.reserveCapacity(position)
    for (tensor, isUsed) in zip(tensors, isUsed) where isUsed { kept.append(tensor) }
    for output in outputs { kept[positions[output]].isOutput = true }
    for index in steps.indices {
      steps[index].inputs.renumber(positions)
      steps[index].outputs.renumber(positions)
    }
    return Workload(name: name, tensors: kept, steps: steps, assumptions: assumptions)
  }
}

extension [Workload.TensorID?] {
  fileprivate mutating func renumber(_ positions: [Workload.TensorID]) {
    for index in indices {
      if let tensor = self[index] { self[index] = positions[tensor] }
    }
  }
}

extension Node {
  /// Whether the node hands on a constant unchanged, so that both are one stored tensor.
  fileprivate func copiesConstant(in graph: Graph) -> Bool {
    guard case .view(let view) = op, view.copiesInput, let source = inputs.first ?? nil,
      let copy = outputs.first ?? nil
    else { return false }
    return graph[source].isConstant && graph[copy].isConstant
  }
}

extension Graph {
  /// The work of one evaluation of a node without subgraphs; `nil` when it is unknown.
  fileprivate func work(of node: Node) -> Work? {
    guard let definition = node.op.definition, let operands = operands(of: node) else {
      return nil
    }
    var types: [TensorType?] = []
    types.reserveCapacity(node.outputs.count)
    for output in node.outputs {
      let type = output.flatMap { self[$0].type }
      if output != nil, type == nil { return nil }
      types.append(type)
    }
    return definition.work(inputs: operands, outputs: types)
  }
}
