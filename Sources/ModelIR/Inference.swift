import Quantities
import TensorTypes

/// A graph whose values have types, literals and constancy wherever these follow from the inputs.
public struct InferredGraph: Sendable, Hashable {
  public let graph: Graph
  /// What was assumed on the way, a sentence each: extents by default, branches, loops.
  public let assumptions: [String]
}

extension Graph {
  /// Infers the type of every value from those of the inputs, node by node, and folds what is
  /// known before any run. A value stays without a type where only a run would tell, or where an
  /// operator nobody models stands before it. Linear in the nodes, subgraphs included.
  public func inferred(
    _ options: InferenceOptions = InferenceOptions()
  ) throws(InferenceError) -> InferredGraph {
    try options.check(against: self)
    var inference = Inference(options)
    var graph = self
    try inference.bindInputs(of: &graph)
    try inference.infer(&graph, depth: 0)
    return InferredGraph(graph: graph, assumptions: inference.assumptions)
  }
}

/// What is known of a value before any run.
struct Facts {
  var type: TensorType?
  var literal: TensorLiteral?
  var isConstant = false
}

extension Value {
  var facts: Facts {
    get { Facts(type: type, literal: literal, isConstant: isConstant) }
    set {
      type = newValue.type
      literal = newValue.literal
      isConstant = newValue.isConstant
    }
  }
}

/// One walk over a graph and the graphs inside it.
struct Inference {
  /// Levels of control flow inside control flow; real models have fewer than ten.
  static let maximumDepth = 64

  let options: InferenceOptions
  private(set) var assumptions: [String] = []
  private var seenAssumptions: Set<String> = []

  init(_ options: InferenceOptions) { self.options = options }

  mutating func assume(_ sentence: String) {
    if seenAssumptions.insert(sentence).inserted { assumptions.append(sentence) }
  }

  /// Infers the nodes of a graph whose inputs and captured values have their facts.
  mutating func infer(_ graph: inout Graph, depth: Int) throws(InferenceError) {
    guard depth <= Self.maximumDepth else { throw .tooDeep(limit: Self.maximumDepth) }
    for index in graph.values.indices {
      guard case .weight = graph.values[index].origin else { continue }
      graph.values[index].isConstant = true
      if let type = graph.values[index].type {
        try check(type, of: graph.values[index])
      }
    }
    for index in graph.nodes.indices {
      let facts: [Facts]
      switch graph.nodes[index].op {
      case .conditional(let conditional):
        facts = try infer(conditional, at: index, in: &graph, depth: depth)
      case .loop(let loop):
        facts = try infer(loop, at: index, in: &graph, depth: depth)
      case .scan(let scan):
        facts = try infer(scan, at: index, in: &graph, depth: depth)
      case .opaque:
        facts = []
      case .elementwise, .matrixProduct, .einsum, .convolution, .pooling, .normalization,
        .softmax, .reduction, .quantization, .attention, .recurrent, .view, .movement, .indexing,
        .generator, .signal, .geometry:
        facts = try infer(graph.nodes[index], in: graph)
      }
      for (position, output) in graph.nodes[index].outputs.enumerated() {
        guard let output else { continue }
        graph[output].facts = try settled(
          position < facts.count ? facts[position] : Facts(), for: graph[output],
          of: graph.nodes[index], in: graph)
      }
    }
  }

  /// The facts of a value after what the options and the file say of it: a pinned shape, or a type
  /// that the importer found declared, stands where no rule gave one.
  private func settled(
    _ inferred: Facts, for value: Value, of node: Node, in graph: Graph
  ) throws(InferenceError) -> Facts {
    var facts = inferred
    if let extents = options.shapes[value.name] {
      if let type = facts.type, type.dimensions != extents {
        throw .shapeMismatch(
          value: value.name, declared: Shape(type.dimensions.map { .fixed($0) }), stated: extents)
      }
      let dtype = facts.type?.dtype ?? pinnedDType(of: value, from: node, in: graph)
      facts.type = TensorType(dtype, extents)
    } else if facts.type == nil {
      facts.type = value.type
    }
    if let type = facts.type { try check(type, of: value) }
    return facts
  }

  /// The dtype of an output of which only the extents are stated.
  private func pinnedDType(of value: Value, from node: Node, in graph: Graph) -> DType {
    if let declared = value.type?.dtype { return declared }
    if let kind = node.op.kind, node.outputs.first != value.id || Self.indexKinds.contains(kind) {
      return .int64
    }
    for case .some(let input) in node.inputs {
      if let type = graph[input].type { return type.dtype }
    }
    return .float32
  }
  private static let indexKinds: Set<OperatorKind> = [.nonZero, .nonMaxSuppression]

  func check(_ type: TensorType, of value: Value) throws(InferenceError) {
    guard type.dimensions.allSatisfy({ $0 >= 0 }), type.elementCount < .max,
      type.storageSize.rawValue <= 1 << 62
    else { throw .unusableType(value: value.name, type) }
  }
}

extension Inference {
  /// The facts of the outputs of a node that has no graph inside.
  private func infer(_ node: Node, in graph: Graph) throws(InferenceError) -> [Facts] {
    guard let definition = node.op.definition,
      let operands = graph.operands(of: node)
    else { return [] }
    let types: [TensorType?]
    do throws(ShapeError) {
      types = try definition.outputTypes(for: operands, outputCount: node.outputs.count)
    } catch {
      throw .node(name: node.name, operatorName: node.op.name, error)
    }
    let literals = literals(of: node.op, operands, types)
    let hasConstantInputs =
      node.op.readsOnlyExtents
      || node.inputs.allSatisfy { $0.map { graph[$0].isConstant } ?? true }
    let isConstant = hasConstantInputs && !runsEachTime(node.op, operands, types)
    return types.enumerated().map { position, type in
      let literal = position < literals.count ? literals[position] : nil
      let sound = literal?.type == type ? literal : nil
      return Facts(type: type, literal: sound, isConstant: isConstant || sound != nil)
    }
  }

  private func literals(
    of op: Operator, _ operands: [Operand?], _ types: [TensorType?]
  ) -> [TensorLiteral] {
    if case .generator(let generator) = op, let input = operands.optional(0)?.type,
      let literal = generator.literal(of: input)
    {
      return [literal]
    }
    guard operands.allSatisfy({ $0 == nil || $0?.literal != nil }), let foldable = op.foldable
    else { return [] }
    let known = types.compactMap { $0 }
    guard known.count == types.count,
      known.allSatisfy({ $0.elementCount <= TensorLiteral.maximumElementCount })
    else { return [] }
    return foldable.evaluate(operands.map { $0?.literal }, outputs: known) ?? []
  }

  /// Whether an operator of constants is evaluated at each run nevertheless: it draws random
  /// numbers, it is a detector's layer of prior boxes, which runtimes do not fold, or it widens
  /// weights, which they keep as the file stores them.
  private func runsEachTime(
    _ op: Operator, _ operands: [Operand?], _ types: [TensorType?]
  ) -> Bool {
    switch op {
    case .generator(.random), .generator(.priorBoxes): return true
    default: break
    }
    let kind = op.kind
    if kind == .dequantizeLinear { return true }
    guard kind == .cast || kind == .castLike, let source = operands.optional(0)?.type,
      let target = types.first ?? nil
    else { return false }
    return target.storageSize > source.storageSize
  }
}

extension Graph {
  /// What is known of a node's inputs; `nil` when the type of one that is present is not.
  func operands(of node: Node) -> [Operand?]? {
    var operands: [Operand?] = []
    operands.reserveCapacity(node.inputs.count)
    for input in node.inputs {
      guard let input else {
        operands.append(nil)
        continue
      }
      guard let type = self[input].type else { return nil }
      operands.append(Operand(type, literal: self[input].literal))
    }
    return operands
  }
}
