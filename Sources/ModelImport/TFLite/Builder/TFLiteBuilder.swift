import ModelIR
import TensorTypes

/// Turns the values that a TFLite file spells into a graph. The tensors of the main subgraph are its
/// first values, in the file's order; what an operator needs besides is appended.
struct TFLiteBuilder {
  enum Limit {
    /// Subgraphs within one another.
    static let nesting = 64
    /// Nodes and tensors once subgraphs are copied to where they are called.
    static let nodes = 500_000
  }

  /// A graph being built, and what is known of its values.
  struct Frame {
    var graph: Graph
    /// By value; `nil` for values that are no tensors of the file.
    var facts: [TFLiteFacts?] = []
    /// Whether a value can be read: fed, stored or computed by a node before.
    var isDefined: [Bool] = []
    /// The scale and the zero point of a quantized value, once somebody asked for them.
    var parameters: [Value.ID: AffineParameters] = [:]
  }

  struct AffineParameters {
    let scale: Value.ID
    let zeroPoint: Value.ID
  }

  let model: TFLiteModel
  /// By subgraph.
  let facts: [[TFLiteFacts]]
  var frames: [Frame] = []
  var activeSubgraphs: [Int] = []
  var notes = ImportNotes()
  /// Before every name inside a called subgraph: which call it belongs to.
  var prefix = ""
  private var remaining = Limit.nodes

  init(_ model: TFLiteModel, _ bytes: Span<UInt8>) throws(MalformedFile) {
    var constants = TFLiteConstants(model)
    var facts: [[TFLiteFacts]] = []
    for subgraph in model.subgraphs { facts.append(try constants.facts(of: subgraph, bytes)) }
    self.model = model
    self.facts = facts
  }

  /// The innermost graph.
  var frame: Frame {
    _read { yield frames[frames.count - 1] }
    _modify { yield &frames[frames.count - 1] }
  }

  /// Builds the graph of the main subgraph; a builder builds once.
  mutating func build() throws(ImportError.Cause) -> Graph {
    guard let main = model.subgraphs.first else { throw .graph(GraphError(.missingSubgraph)) }
    frames.append(Frame(graph: Graph(name: main.name)))
    activeSubgraphs = [0]
    let base = try addTensors(of: 0)
    for input in main.inputs {
      let id = try tensor(input, of: main, base, in: GraphPlace.inputs)
      // A constant that is listed as an input stays one.
      guard !frame.isDefined[id.index] else { continue }
      let facts = frame.facts[id.index]
      frames[0].graph[id].origin = .input
      frames[0].isDefined[id.index] = true
      frames[0].graph.inputs.append(
        GraphInput(value: id, dtype: facts?.type?.dtype, shape: facts?.shape))
      if facts?.type == nil { notes.untypedInputs.append(frame.graph[id].name) }
    }
    try addOperators(of: 0, base)
    frames[0].graph.outputs = try outputs(of: main, base)
    return frames[0].graph
  }

  /// Where a position in a subgraph's tensors stands, for messages.
  enum GraphPlace { case inputs, outputs }

  /// The value of a tensor that a subgraph lists.
  func tensor(
    _ index: Int, of subgraph: TFLiteSubgraph, _ base: Int, in place: GraphPlace
  ) throws(ImportError.Cause) -> Value.ID {
    guard subgraph.tensors.indices.contains(index) else {
      throw .graph(
        GraphError(
          .tensorIndex(
            index, count: subgraph.tensors.count,
            what: place == .inputs ? "an input of the graph" : "an output of the graph")))
    }
    return Value.ID(base + index)
  }

  /// The values of a subgraph's outputs, all of which something computes.
  func outputs(of subgraph: TFLiteSubgraph, _ base: Int) throws(ImportError.Cause) -> [Value.ID] {
    var ids: [Value.ID] = []
    for output in subgraph.outputs {
      let id = try tensor(output, of: subgraph, base, in: .outputs)
      guard frame.isDefined[id.index] else {
        throw .graph(GraphError(.undefinedOutput(value: frame.graph[id].name)))
      }
      ids.append(id)
    }
    return ids
  }

  /// Adds the tensors of a subgraph to the innermost graph, and gives the place of the first.
  mutating func addTensors(of subgraph: Int) throws(ImportError.Cause) -> Int {
    let base = frame.graph.values.count
    let facts = facts[subgraph]
    try spend(facts.count)
    let last = frames.count - 1
    for (index, tensor) in facts.enumerated() {
      var value = Value(
        id: Value.ID(base + index), name: prefix + tensor.name,
        origin: .weight(tensor.storage ?? .absent), type: tensor.type)
      if let storage = tensor.storage {
        notes.add(storage, name: value.name)
        value.literal = tensor.literal
        value.isConstant = true
      }
      // States that last from run to run are stored with the model, but the file has no elements.
      let isVariable = model.subgraphs[subgraph].tensors[index].isVariable
      frames[last].isDefined.append(tensor.storage != nil || isVariable)
      frames[last].graph.values.append(value)
      frames[last].facts.append(tensor)
    }
    return base
  }

  /// Appends a value that is no tensor of the file.
  mutating func addValue(
    _ name: String, origin: Value.Origin, type: TensorType? = nil, literal: TensorLiteral? = nil
  ) -> Value.ID {
    let last = frames.count - 1
    let id = Value.ID(frames[last].graph.values.count)
    var value = Value(id: id, name: name, origin: origin, type: type, literal: literal)
    if case .weight = origin { value.isConstant = true }
    frames[last].graph.values.append(value)
    frames[last].facts.append(nil)
    frames[last].isDefined.append(true)
    return id
  }

  /// A setting that the IR has as an input and the file elsewhere.
  mutating func stated(_ literal: TensorLiteral, _ name: String) -> Value.ID {
    addValue(name, origin: .weight(.stated), type: literal.type, literal: literal)
  }

  /// Appends a node to the innermost graph.
  mutating func append(
    _ op: Operator, named name: String, _ inputs: [Value.ID?], _ outputs: [Value.ID?]
  ) {
    let last = frames.count - 1
    let id = Node.ID(frames[last].graph.nodes.count)
    for case let output? in outputs {
      frames[last].graph[output].origin = .node(id)
      frames[last].graph[output].isConstant = false
      frames[last].graph[output].literal = nil
      frames[last].isDefined[output.index] = true
      // Where no rule gives a type, the file's stands, if it leaves no extent free.
      let facts = frames[last].facts[output.index]
      frames[last].graph[output].type = facts?.isStatic == true ? facts?.type : nil
    }
    frames[last].graph.nodes.append(
      Node(id: id, name: name, op: op, inputs: inputs, outputs: outputs))
  }

  /// Counts toward the limit on copied subgraphs.
  mutating func spend(_ amount: Int) throws(ImportError.Cause) {
    guard amount <= remaining else {
      throw .graph(GraphError(.expansionTooLarge(limit: Limit.nodes)))
    }
    remaining -= amount
  }
}
