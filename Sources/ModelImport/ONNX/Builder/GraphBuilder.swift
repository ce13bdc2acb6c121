import ModelIR
import TensorTypes

/// Turns the values that an ONNX file spells into a graph: names become identities, functions are
/// expanded where they are called, and subgraphs say what they capture.
struct GraphBuilder {
  enum Limit {
    /// Functions and subgraphs within one another.
    static let nesting = 64
    /// Nodes once functions are expanded; long argument lists and names count as more.
    static let nodes = 2_000_000
    static let knownOperatorSets = 7...28
  }

  /// What identifies a function of the model.
  struct FunctionID: Hashable {
    let domain: String
    let name: String
    let overload: String
  }

  /// A graph being built, and what it takes from the graph around it.
  struct Frame {
    var graph: Graph
    /// Values of this graph, and those of the enclosing one that they stand for.
    var captures: [(outer: Value.ID, inner: Value.ID)] = []
    var innerByOuter: [Value.ID: Value.ID] = [:]
  }

  /// What the names of one graph, subgraph or function call mean.
  struct Scope {
    enum Kind { case graph, body, function }
    enum Binding {
      case value(Value.ID)
      /// An argument that the call leaves out.
      case absent
    }

    let kind: Kind
    /// The graph that receives the nodes.
    let frame: Int
    let opsets: [String: Int]
    /// Before every name inside a function: which call it belongs to.
    var prefix = ""
    /// The attributes of the call, for those that a function's nodes refer to.
    var attributes: [String: ONNXAttribute] = [:]
    var bindings: [String: Binding] = [:]
    /// A function's results, by the names that the caller gives them.
    var resultNames: [String: String] = [:]
    /// What the file says of values, where it says everything.
    var declaredTypes: [String: TensorType] = [:]
    /// All nodes of the scope, for telling a cycle from a missing value.
    var nodes: [ONNXNode] = []
  }

  let model: ONNXModel
  private(set) var functions: [FunctionID: ONNXFunction] = [:]
  var frames: [Frame] = []
  var scopes: [Scope] = []
  var activeCalls: [FunctionID] = []
  var notes = ImportNotes()
  private var usedNames: Set<String> = []
  /// The nodes whose names are not among `usedNames` yet: few files leave a node without a name.
  private var unlistedNodes: [(prefix: String, nodes: [ONNXNode])] = []
  private var nextIndex: [String: Int] = [:]
  private var remaining = Limit.nodes

  init(_ model: ONNXModel) {
    self.model = model
  }

  /// Builds the model's graph; a builder builds once.
  mutating func build(_ root: ONNXGraph) throws(ImportError.Cause) -> Graph {
    guard model.irVersion > 0 else { throw .graph(GraphError(.missingVersion)) }
    var opsets = model.opsets
    if model.irVersion < 3, opsets.isEmpty { opsets[""] = 1 }
    guard !opsets.isEmpty else { throw .graph(GraphError(.missingOperatorSet)) }
    if let version = opsets[""], !Limit.knownOperatorSets.contains(version) {
      notes.unknownOperatorSet = version
    }
    for function in model.functions {
      let id = FunctionID(
        domain: function.domain, name: function.name, overload: function.overload)
      guard functions.updateValue(function, forKey: id) == nil else {
        throw .graph(GraphError(.duplicateFunction(name: function.name)))
      }
    }
    frames.append(Frame(graph: Graph(name: root.name)))
    scopes.append(Scope(kind: .graph, frame: 0, opsets: opsets))
    try fill(from: root)
    return frames[0].graph
  }

  /// Adds a file graph's contents to the innermost scope.
  mutating func fill(from graph: ONNXGraph) throws(ImportError.Cause) {
    let isRoot = scopes.count == 1
    try spend(
      graph.inputs.count + graph.outputs.count + graph.initializers.count + graph.valueInfo.count)
    reserveCapacity(for: graph)
    for value in graph.valueInfo + graph.outputs {
      scopes[scopes.count - 1].declaredTypes[value.name] = value.staticType
    }
    // Before IR version 4, every weight is listed as an input too.
    let weights = isRoot ? Set(graph.initializers.map(\.name)) : []
    for input in graph.inputs where !weights.contains(input.name) {
      try addInput(input, isRoot: isRoot)
    }
    for tensor in graph.initializers {
      try addWeight(tensor, name: tensor.name)
    }
    try addNodes(graph.nodes)
    for output in graph.outputs {
      guard case .value(let id) = resolve(output.name) else {
        throw .graph(GraphError(.undefinedOutput(value: output.name)))
      }
      frames[frames.count - 1].graph.outputs.append(id)
    }
  }

  /// Makes room for what a graph adds: a table of names that grows hashes each name again.
  private mutating func reserveCapacity(for graph: ONNXGraph) {
    let scope = scopes.count - 1
    let frame = scopes[scope].frame
    let valueCount =
      graph.inputs.count + graph.initializers.count
      + graph.nodes.reduce(0) { $0 + $1.outputs.count }
    frames[frame].graph.nodes.reserveCapacity(graph.nodes.count)
    frames[frame].graph.values.reserveCapacity(valueCount)
    scopes[scope].bindings.reserveCapacity(valueCount)
  }

  mutating func addNodes(_ nodes: [ONNXNode]) throws(ImportError.Cause) {
    let prefix = scopes[scopes.count - 1].prefix
    scopes[scopes.count - 1].nodes = nodes
    unlistedNodes.append((prefix, nodes))
    for index in nodes.indices {
      var node = nodes[index]
      if node.name.isEmpty { node.name = generatedName(node, index) }
      if !prefix.isEmpty { node.name = prefix + node.name }
      try add(node)
    }
  }

  private mutating func addInput(
    _ input: ONNXValue, isRoot: Bool
  ) throws(ImportError.Cause) {
    // 0 is "undefined".
    let number = input.dataType ?? 0
    let elementType = dtype(ofDataType: number)
    if elementType == nil, number != 0 {
      throw .graph(GraphError(.unknownDataType(value: input.name, number: number)))
    }
    if elementType == nil, isRoot { notes.untypedInputs.append(input.name) }
    let id = try define(input.name, origin: .input)
    frames[frames.count - 1].graph.inputs.append(
      GraphInput(value: id, dtype: elementType, shape: input.shape))
  }

  /// Adds a stored tensor under a name of the innermost scope.
  mutating func addWeight(_ tensor: ONNXTensor, name: String) throws(ImportError.Cause) {
    guard let elementType = dtype(ofDataType: tensor.dataType) else {
      throw .graph(GraphError(.unknownDataType(value: name, number: tensor.dataType)))
    }
    notes.add(tensor, name: name)
    let id = try define(name, origin: .weight(tensor.storage))
    frames[frames.count - 1].graph[id].type = TensorType(elementType, tensor.dimensions)
    frames[frames.count - 1].graph[id].literal = tensor.literal
    frames[frames.count - 1].graph[id].isConstant = true
  }

  /// Counts toward the limit on expanded nodes.
  mutating func spend(_ amount: Int) throws(ImportError.Cause) {
    guard amount <= remaining else {
      throw .graph(GraphError(.expansionTooLarge(limit: Limit.nodes)))
    }
    remaining -= amount
  }

  /// "Relu_3" for the fourth node, or the next number that no node has.
  private mutating func generatedName(_ node: ONNXNode, _ position: Int) -> String {
    let prefix = scopes[scopes.count - 1].prefix
    let stem = prefix + node.operatorType
    for (prefix, nodes) in unlistedNodes {
      for node in nodes where !node.name.isEmpty { usedNames.insert(prefix + node.name) }
    }
    unlistedNodes = []
    var index = max(position, nextIndex[stem] ?? 0)
    while usedNames.contains("\(stem)_\(index)") { index += 1 }
    nextIndex[stem] = index + 1
    usedNames.insert("\(stem)_\(index)")
    return "\(node.operatorType)_\(index)"
  }
}

extension ONNXValue {
  /// The type when the file gives all of it.
  fileprivate var staticType: TensorType? {
    guard let elementType = dataType.flatMap(dtype(ofDataType:)), let shape else { return nil }
    var extents: [Int] = []
    for dimension in shape.dimensions {
      guard case .fixed(let extent) = dimension else { return nil }
      extents.append(extent)
    }
    return TensorType(elementType, extents)
  }
}
