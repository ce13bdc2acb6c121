import ModelIR
import TensorTypes

/// One operator of the file as its lowering sees it.
struct TFLiteNode {
  let name: String
  /// "CONV_2D".
  let operatorType: String
  let isCustom: Bool
  /// `nil` where an optional input is absent.
  let inputs: [Value.ID?]
  let outputs: [Value.ID]
  let options: TFLiteOptions

  func error(_ reason: LoweringError.Reason) -> LoweringError {
    LoweringError(node: name, operatorType: operatorType, reason: reason)
  }

  func input(_ position: Int) -> Value.ID? {
    position < inputs.count ? inputs[position] : nil
  }
  func required(_ position: Int) throws(LoweringError) -> Value.ID {
    guard let input = input(position) else { throw error(.missingInput(position)) }
    return input
  }
  func output() throws(LoweringError) -> Value.ID {
    guard let output = outputs.first else { throw error(.missingOutput) }
    return output
  }

  // MARK: Options, by their numbers in the schema

  private func bits(_ field: Int) -> UInt64? {
    field < options.fields.count ? options.fields[field] : nil
  }
  func int(_ field: Int, default value: Int = 0) -> Int {
    bits(field).map { Int(Int32(truncatingIfNeeded: $0)) } ?? value
  }
  func byte(_ field: Int) -> Int { bits(field).map { Int(Int8(truncatingIfNeeded: $0)) } ?? 0 }
  func flag(_ field: Int, default value: Bool = false) -> Bool {
    bits(field).map { UInt8(truncatingIfNeeded: $0) != 0 } ?? value
  }
  func real(_ field: Int) -> Double {
    bits(field).map { Double(Float(bitPattern: UInt32(truncatingIfNeeded: $0))) } ?? 0
  }

  /// The activation that a field of the options fuses onto the operator.
  func activation(_ field: Int) throws(LoweringError) -> Elementwise.Function? {
    switch byte(field) {
    case 0: nil
    case 1: .relu
    case 2: .clip(min: -1, max: 1)
    case 3: .clip(min: 0, max: 6)
    case 4: .tanh
    case 5: .sign
    case let other:
      throw error(
        .invalidAttribute("fused_activation_function", reason: "is \(other), not 0 to 5"))
    }
  }
}

/// Adds to the graph what an operator of the file means.
typealias TFLiteLower =
  @Sendable (TFLiteNode, inout TFLiteBuilder) throws(LoweringError) -> Void

extension TFLiteBuilder {
  /// Adds the operators of a subgraph, whose tensors start at `base`.
  mutating func addOperators(of index: Int, _ base: Int) throws(ImportError.Cause) {
    let subgraph = model.subgraphs[index]
    for (position, node) in subgraph.operators.enumerated() {
      try spend(1 + (node.inputs.count + node.outputs.count) / 4 + prefix.utf8.count / 64)
      guard node.codeIndex < model.operatorCodes.count else {
        throw .graph(
          GraphError(
            node: "\(prefix)operator_\(position)",
            .operatorCode(node.codeIndex, count: model.operatorCodes.count)))
      }
      let code = model.operatorCodes[node.codeIndex]
      let name = "\(prefix)\(code.name)_\(position)"
      let view = TFLiteNode(
        name: name, operatorType: code.name, isCustom: code.isCustom,
        inputs: try inputs(of: node, named: name, subgraph, base),
        outputs: try outputs(of: node, named: name, subgraph, base), options: node.options)
      try add(view)
    }
  }

  private mutating func add(_ node: TFLiteNode) throws(ImportError.Cause) {
    if try addControlFlow(node) { return }
    let lowerings = node.isCustom ? tfliteCustomOperators : tfliteLowerings
    guard let lower = lowerings[node.operatorType] else {
      return addOpaque(node)
    }
    do throws(LoweringError) {
      try lower(node, &self)
    } catch {
      throw .node(error)
    }
    for output in node.outputs where !frame.isDefined[output.index] {
      throw .graph(
        GraphError(node: node.name, .undefinedOutput(value: frame.graph[output].name)))
    }
  }

  /// A node whose meaning nobody models.
  mutating func addOpaque(_ node: TFLiteNode) {
    let operation = OpaqueOperator(
      name: node.operatorType, domain: node.isCustom ? "custom" : "")
    notes.addUnmodelled(operation, node: node.name)
    append(.opaque(operation), named: node.name, node.inputs, node.outputs)
  }

  private func inputs(
    of node: TFLiteOperator, named name: String, _ subgraph: TFLiteSubgraph, _ base: Int
  ) throws(ImportError.Cause) -> [Value.ID?] {
    var ids: [Value.ID?] = []
    ids.reserveCapacity(node.inputs.count)
    for index in node.inputs {
      guard index != -1 else {
        ids.append(nil)
        continue
      }
      guard subgraph.tensors.indices.contains(index) else {
        throw .graph(
          GraphError(
            node: name,
            .tensorIndex(index, count: subgraph.tensors.count, what: "an input")))
      }
      guard frame.isDefined[base + index] else {
        throw .graph(GraphError(node: name, missingInput(index, subgraph, base)))
      }
      ids.append(Value.ID(base + index))
    }
    return ids
  }

  private func missingInput(
    _ index: Int, _ subgraph: TFLiteSubgraph, _ base: Int
  ) -> GraphError.Reason {
    let value = frame.graph.values[base + index].name
    for (position, node) in subgraph.operators.enumerated() where node.outputs.contains(index) {
      let code =
        node.codeIndex < model.operatorCodes.count
        ? model.operatorCodes[node.codeIndex].name : "operator"
      return .notSorted(value: value, producer: "\(prefix)\(code)_\(position)")
    }
    return .undefinedInput(value: value)
  }

  private func outputs(
    of node: TFLiteOperator, named name: String, _ subgraph: TFLiteSubgraph, _ base: Int
  ) throws(ImportError.Cause) -> [Value.ID] {
    var ids: [Value.ID] = []
    var seen: Set<Int> = []
    for index in node.outputs {
      guard subgraph.tensors.indices.contains(index) else {
        throw .graph(
          GraphError(
            node: name,
            .tensorIndex(index, count: subgraph.tensors.count, what: "an output")))
      }
      let value = frame.graph.values[base + index]
      // A tensor without elements may look like a constant.
      let isFree = !frame.isDefined[base + index] || value.type?.elementCount == 0
      guard isFree, seen.insert(index).inserted else {
        throw .graph(GraphError(node: name, .duplicateDefinition(value: value.name)))
      }
      ids.append(value.id)
    }
    return ids
  }
}
