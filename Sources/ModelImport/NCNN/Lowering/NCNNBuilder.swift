import ModelIR
import TensorTypes

/// Turns the layers of an ncnn file into a graph.
///
/// A blob of ncnn has no batch; its value in the graph has a first axis of 1 before the blob's axes,
/// outermost first: `(w, h, c)` becomes `[1, c, h, w]`. Split and Noop only name blobs again.
struct NCNNBuilder {
  /// What is known of a value while the graph is built: shapes are inferred later, but a layer's
  /// meaning depends on the ranks of its inputs.
  struct Facts {
    var dtype: DType = .float32
    /// Without the batch, outermost first; `nil` while nothing tells the rank of an input.
    var extents: [Int?]?
    /// The value's scale, where it is an integer that stands for a real number.
    var scale: Value.ID?
  }

  var graph = Graph(name: "")
  var facts: [Facts] = []
  var notes = ImportNotes()
  /// The shapes of inputs, as far as the file tells them.
  var inputShapes: [Value.ID: Shape] = [:]
  private var blobs: [String: Value.ID] = [:]
  private var writers: [String: Int] = [:]
  private var readBlobs: Set<String> = []
  /// Results whose extents a run tells, and that have room for the most.
  var runTimeShapes: Set<Value.ID> = []

  /// Builds the graph; a builder builds once.
  mutating func build(_ model: NCNNModel) throws(MalformedLine) -> Graph {
    for layer in model.layers {
      for output in layer.outputs {
        guard writers.updateValue(layer.line, forKey: output) == nil else {
          throw MalformedLine(line: layer.line, .duplicateBlob(output))
        }
      }
    }
    for layer in model.layers { try add(layer) }
    for layer in model.layers where !Self.sinks.contains(layer.type) {
      for output in layer.outputs where !readBlobs.contains(output) {
        if let value = blobs[output], !graph.outputs.contains(value) { graph.outputs.append(value) }
      }
    }
    graph.inputs = graph.values.filter { $0.origin == .input }.map { value in
      GraphInput(
        value: value.id, dtype: facts[value.id.index].dtype, shape: inputShapes[value.id])
    }
    notes.ignoredLineCount = model.ignoredLineCount
    return graph
  }

  /// Layers that only name what they read.
  private static let sinks: Set<String> = ["Noop", "Split"]

  private mutating func add(_ layer: NCNNLayer) throws(MalformedLine) {
    var inputs: [Value.ID] = []
    for name in layer.inputs {
      guard let value = blobs[name] else {
        let reason: MalformedLine.Reason =
          if let line = writers[name] { .laterBlob(name, line: line) } else { .undefinedBlob(name) }
        throw MalformedLine(line: layer.line, reason)
      }
      inputs.append(value)
      // What Noop gathers are results.
      if layer.type != "Noop" { readBlobs.insert(name) }
    }
    let view = LayerView(layer: layer)
    let (nodeCount, valueCount) = (graph.nodes.count, graph.values.count)
    var results: [Value.ID]
    do throws(LayerError) {
      results = try lower(view, inputs)
      guard results.count == layer.outputs.count else {
        throw .invalid("has \(layer.outputs.count) outputs, expected \(results.count)")
      }
    } catch {
      switch error {
      case .invalid(let reason):
        throw MalformedLine(line: layer.line, .layer(layer.name, reason: reason))
      case .notModelled:
        graph.nodes.removeSubrange(nodeCount...)
        graph.values.removeSubrange(valueCount...)
        facts.removeSubrange(valueCount...)
        results = opaque(view, inputs)
      }
    }
    // Layers are often named like the blobs that they write.
    for index in valueCount..<graph.values.count where graph.values[index].name == layer.name {
      graph.values[index].name += "/result"
    }
    for (position, (name, value)) in zip(layer.outputs, results).enumerated() {
      blobs[name] = value
      // A layer's last value carries the blob's name; Split's are its input's.
      if value.index >= valueCount { graph[value].name = name }
      check(view.shapeHints.count > position ? view.shapeHints[position] : nil, of: value, name)
    }
  }

  /// The whole layer as one operator that nobody models.
  private mutating func opaque(_ view: LayerView, _ inputs: [Value.ID]) -> [Value.ID] {
    let operation = OpaqueOperator(name: view.layer.type, domain: "ncnn")
    notes.addUnmodelled(operation, node: view.name)
    let hints = view.shapeHints
    let results = emit(
      .opaque(operation), view.name, inputs,
      names: view.layer.outputs,
      extents: view.layer.outputs.indices.map { $0 < hints.count ? hints[$0] : nil })
    for (position, value) in results.enumerated() where position < hints.count {
      // Nobody infers it, so the file is believed, and what follows can be inferred again.
      graph[value].type = hints[position].map { TensorType(.float32, [1] + $0) }
    }
    return results
  }

  private mutating func check(_ hint: [Int]?, of value: Value.ID, _ name: String) {
    guard let hint, let known = type(of: value), !runTimeShapes.contains(value),
      known.dimensions != [1] + hint
    else { return }
    notes.contradictedHints.append(name)
  }

  // MARK: Emitting

  /// Adds a node. `extents` say what is known of the results where the shape rule cannot tell yet.
  mutating func emit(
    _ op: Operator, _ name: String, _ inputs: [Value.ID?], names: [String],
    extents: [[Int?]?]
  ) -> [Value.ID] {
    let id = Node.ID(graph.nodes.count)
    let types = outputTypes(op, inputs, count: names.count)
    var outputs: [Value.ID] = []
    for (position, output) in names.enumerated() {
      let value = Value.ID(graph.values.count)
      graph.values.append(Value(id: value, name: output, origin: .node(id)))
      let type = position < types.count ? types[position] : nil
      facts.append(
        Facts(
          dtype: type?.dtype ?? inputs.compactMap { $0 }.first.map { facts[$0.index].dtype }
            ?? .float32,
          extents: type.map { $0.dimensions.dropFirst().map { $0 } }
            ?? (position < extents.count ? extents[position] : nil)))
      outputs.append(value)
    }
    graph.nodes.append(Node(id: id, name: name, op: op, inputs: inputs, outputs: outputs))
    return outputs
  }

  /// Adds a node with one result, named like the node.
  mutating func emit(
    _ op: Operator, _ name: String, _ inputs: [Value.ID?], extents: [Int?]?
  ) -> Value.ID {
    emit(op, name, inputs, names: [name], extents: [extents])[0]
  }

  /// What the shape rule says, where all inputs are known.
  private func outputTypes(_ op: Operator, _ inputs: [Value.ID?], count: Int) -> [TensorType?] {
    guard let definition = op.definition else { return [] }
    var operands: [Operand?] = []
    for input in inputs {
      guard let input else {
        operands.append(nil)
        continue
      }
      guard let type = type(of: input) else { return [] }
      operands.append(Operand(type, literal: graph[input].literal))
    }
    // A wrong file is reported when the graph is inferred.
    return (try? definition.outputTypes(for: operands, outputCount: count)) ?? []
  }

  /// The type, where every extent is known.
  func type(of value: Value.ID) -> TensorType? {
    if let type = graph[value].type { return type }
    guard let extents = facts[value.index].extents else { return nil }
    let known = extents.compactMap { $0 }
    guard known.count == extents.count else { return nil }
    return TensorType(facts[value.index].dtype, [1] + known)
  }

  /// A stored tensor, whose elements are in a file that is not read.
  mutating func weight(_ name: String, _ dimensions: [Int], _ dtype: DType = .float32) -> Value.ID {
    let id = Value.ID(graph.values.count)
    graph.values.append(
      Value(
        id: id, name: name, origin: .weight(.absent), type: TensorType(dtype, dimensions),
        isConstant: true))
    facts.append(Facts(dtype: dtype, extents: dimensions.map { $0 }))
    return id
  }

  /// Numbers that the file states.
  mutating func constant(_ name: String, _ elements: TensorLiteral.Elements, _ type: TensorType)
    -> Value.ID
  {
    let literal = TensorLiteral(type, elements)
    let value = emit(
      .generator(.constant(type, literal)), name, [], names: [name], extents: [nil])[0]
    facts[value.index].dtype = type.dtype
    graph[value].type = type
    graph[value].literal = literal
    return value
  }

  mutating func constant(_ name: String, _ number: Double) -> Value.ID {
    constant(name, .reals([Double(Float(number))]), TensorType(.float32, []))
  }

  mutating func constant(_ name: String, _ numbers: [Int]) -> Value.ID {
    constant(name, .integers(numbers), TensorType(.int64, [numbers.count]))
  }

  // MARK: Ranks

  /// The blob's extents, outermost first. An input of which nothing is known yet is taken as an
  /// image.
  mutating func extents(_ value: Value.ID) throws(LayerError) -> [Int?] {
    if facts[value.index].extents == nil, graph[value].origin == .input {
      settle(value, [.named("channels"), .named("height"), .named("width")])
    }
    guard let extents = facts[value.index].extents else { throw .notModelled }
    return extents
  }

  /// Gives an input without a size the shape that its first reader needs.
  mutating func settle(_ value: Value.ID, _ dimensions: [Dimension], dtype: DType = .float32) {
    guard facts[value.index].extents == nil, graph[value].origin == .input else { return }
    inputShapes[value] = Shape([.fixed(1)] + dimensions)
    facts[value.index].dtype = dtype
    facts[value.index].extents = dimensions.map { dimension in
      if case .fixed(let extent) = dimension { extent } else { nil }
    }
  }

  /// An extent where it is known, else a name that a user can state.
  func dimension(_ extent: Int?, _ name: String) -> Dimension {
    extent.map { .fixed($0) } ?? .named(name)
  }

  /// An axis of the blob as an axis of the value.
  func axis(_ axis: Int) -> Int { axis < 0 ? axis : axis + 1 }
}
