import ModelIR
import TensorTypes

/// Writes graphs down in the order in which they run.
struct ModelBuilder {
  private(set) var graph: Graph
  private var captures: [Value.ID] = []

  init(_ name: String = "model") { graph = Graph(name: name) }

  private mutating func add(
    _ name: String, _ origin: Value.Origin, _ type: TensorType? = nil,
    _ literal: TensorLiteral? = nil
  ) -> Value.ID {
    let id = Value.ID(graph.values.count)
    graph.values.append(Value(id: id, name: name, origin: origin, type: type, literal: literal))
    return id
  }

  mutating func input(
    _ name: String, _ extents: [Int], _ dtype: DType = .float32
  ) -> Value.ID {
    let id = add(name, .input)
    graph.inputs.append(
      GraphInput(value: id, dtype: dtype, shape: Shape(extents.map { .fixed($0) })))
    return id
  }

  mutating func weight(_ name: String, _ extents: [Int], _ dtype: DType = .float32) -> Value.ID {
    add(name, .weight(.absent), TensorType(dtype, extents))
  }

  mutating func constant(_ literal: TensorLiteral, _ name: String = "constant") -> Value.ID {
    add(name, .weight(.absent), literal.type, literal)
  }
  mutating func vector(_ values: Int...) -> Value.ID { constant(TensorLiteral(vector: values)) }
  mutating func scalar(_ value: Int) -> Value.ID { constant(TensorLiteral(scalar: value)) }
  mutating func boolean(_ value: Bool) throws -> Value.ID {
    let literal = TensorLiteral(TensorType(.bool, []), .integers([value ? 1 : 0]))
    guard let literal else { throw MissingLiteral() }
    return constant(literal)
  }
  struct MissingLiteral: Error {}

  /// A value of the enclosing graph, for a subgraph's builder.
  mutating func capture(_ name: String) -> Value.ID {
    let id = add(name, .captured)
    captures.append(id)
    return id
  }

  mutating func nodes(
    _ name: String, _ op: Operator, _ inputs: [Value.ID?], outputs count: Int
  ) -> [Value.ID] {
    let node = Node.ID(graph.nodes.count)
    let outputs = (0..<count).map { add(count == 1 ? name : "\(name).\($0)", .node(node)) }
    graph.nodes.append(Node(id: node, name: name, op: op, inputs: inputs, outputs: outputs))
    return outputs
  }

  mutating func node(_ name: String, _ op: Operator, _ inputs: Value.ID?...) -> Value.ID {
    nodes(name, op, inputs, outputs: 1)[0]
  }

  mutating func output(_ values: Value.ID...) { graph.outputs += values }

  var subgraph: Subgraph { Subgraph(body: graph, captures: captures) }

  /// A subgraph that hands its captured values to a list of nodes.
  static func branch(
    capturing names: [String], _ write: (inout ModelBuilder, [Value.ID]) -> Value.ID
  ) -> Subgraph {
    var builder = ModelBuilder("branch")
    let captured = names.map { builder.capture($0) }
    let result = write(&builder, captured)
    builder.output(result)
    return builder.subgraph
  }
}

extension InferredGraph {
  /// The value with a name in the outermost graph.
  func value(_ name: String) -> Value? { graph.values.first { $0.name == name } }
  func extents(_ name: String) -> [Int]? { value(name)?.type?.dimensions }
}

extension Workload {
  func step(_ name: String) -> Step? { steps.first { $0.name == name } }
  func tensor(_ name: String) -> Tensor? { tensors.first { $0.name == name } }
}
