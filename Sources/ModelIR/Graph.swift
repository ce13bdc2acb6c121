public import TensorTypes

/// An edge of a graph: what a node produces and others consume.
public struct Value: Sendable, Hashable, Identifiable {
  /// A position in ``Graph/values``.
  public struct ID: Sendable, Hashable, Comparable {
    public let index: Int
    public init(_ index: Int) { self.index = index }
    public static func < (lhs: ID, rhs: ID) -> Bool { lhs.index < rhs.index }
  }

  /// Where a value's elements come from.
  public enum Origin: Sendable, Hashable {
    /// Fed at each run.
    case input
    /// Stored with the model.
    case weight(WeightStorage)
    /// Computed by a node of the same graph.
    case node(Node.ID)
    /// A value of the enclosing graph, seen inside a subgraph.
    case captured
  }

  public let id: ID
  public var name: String
  public var origin: Origin
  /// `nil` until inferred, and afterwards where only a run would tell.
  public var type: TensorType?
  /// The elements, where they are known before any run.
  public var literal: TensorLiteral?
  /// Whether the value is the same at every run, so that a runtime computes it once at load.
  public var isConstant: Bool

  public init(
    id: ID, name: String, origin: Origin, type: TensorType? = nil, literal: TensorLiteral? = nil,
    isConstant: Bool = false
  ) {
    self.id = id
    self.name = name
    self.origin = origin
    self.type = type
    self.literal = literal
    self.isConstant = isConstant
  }
}

/// Where a stored tensor's bytes are; they are not read for estimation.
public enum WeightStorage: Sendable, Hashable {
  /// A range of the model file.
  case file(Range<Int>)
  /// A file beside the model, by the name that the model gives; never opened for estimation.
  indirect case external(location: String, offset: Int, length: Int?)
  /// The message of the model file whose typed lists hold the elements; no contiguous bytes.
  case listed(Range<Int>)
  /// The message of the model file that holds only the elements that are not zero.
  case sparse(Range<Int>)
  /// In the value's literal: a setting of an operator that other formats store as a tensor.
  case stated
  /// Nowhere: the model comes without them.
  case absent
}

/// One use of an operator in a graph.
public struct Node: Sendable, Hashable, Identifiable {
  /// A position in ``Graph/nodes``.
  public struct ID: Sendable, Hashable, Comparable {
    public let index: Int
    public init(_ index: Int) { self.index = index }
    public static func < (lhs: ID, rhs: ID) -> Bool { lhs.index < rhs.index }
  }

  public let id: ID
  public var name: String
  public var op: Operator
  /// `nil` where an optional input is absent. The values that the subgraphs of a control-flow node
  /// capture follow its own inputs, in the order of ``Subgraph/captures``.
  public var inputs: [Value.ID?]
  public var outputs: [Value.ID?]

  public init(
    id: ID, name: String, op: Operator, inputs: [Value.ID?], outputs: [Value.ID?]
  ) {
    self.id = id
    self.name = name
    self.op = op
    self.inputs = inputs
    self.outputs = outputs
  }
}

/// What the file says of a graph input before any extent is bound.
public struct GraphInput: Sendable, Hashable {
  public let value: Value.ID
  /// `nil` where the file gives none: sequences, and the inputs of loop bodies.
  public let dtype: DType?
  /// `nil` when the file gives no rank.
  public let shape: Shape?
  public init(value: Value.ID, dtype: DType?, shape: Shape?) {
    self.value = value
    self.dtype = dtype
    self.shape = shape
  }
}

/// A model as values and nodes; nodes stand in an order in which they can run.
public struct Graph: Sendable, Hashable {
  public var name: String
  public var values: [Value]
  public var nodes: [Node]
  public var inputs: [GraphInput]
  public var outputs: [Value.ID]

  public init(
    name: String, values: [Value] = [], nodes: [Node] = [], inputs: [GraphInput] = [],
    outputs: [Value.ID] = []
  ) {
    self.name = name
    self.values = values
    self.nodes = nodes
    self.inputs = inputs
    self.outputs = outputs
  }

  public subscript(id: Value.ID) -> Value {
    get { values[id.index] }
    set { values[id.index] = newValue }
  }
  public subscript(id: Node.ID) -> Node {
    get { nodes[id.index] }
    set { nodes[id.index] = newValue }
  }
}

/// A graph inside a control-flow node.
public struct Subgraph: Sendable, Hashable {
  public var body: Graph
  /// The values of `body` that stand for values of the enclosing graph; their outer counterparts
  /// are inputs of the node, in the same order.
  public var captures: [Value.ID]
  public init(body: Graph, captures: [Value.ID]) {
    self.body = body
    self.captures = captures
  }
}
