import TensorTypes

/// What a person states about a model beside its file.
public struct InferenceOptions: Sendable, Hashable {
  /// Extents of named dimensions, as `--dim NAME=EXTENT` gives them.
  public var dimensions: [String: Int]
  /// Extent of free batch dimensions, as `--batch COUNT` gives it; `nil` takes 1 and says so.
  public var batch: Int?
  /// Extents by value name, as `--shape NAME:EXTENTS` gives them. Besides inputs, any value may be
  /// pinned whose shape only a run would tell.
  public var shapes: [String: [Int]]
  /// Trip count of every loop whose own is not known, as `--trip-count COUNT` gives it.
  public var tripCount: Int?
  /// Trip counts by the name of the loop's node; they outrank what the graph says.
  public var tripCounts: [String: Int]

  public init(
    dimensions: [String: Int] = [:], batch: Int? = nil, shapes: [String: [Int]] = [:],
    tripCount: Int? = nil, tripCounts: [String: Int] = [:]
  ) {
    self.dimensions = dimensions
    self.batch = batch
    self.shapes = shapes
    self.tripCount = tripCount
    self.tripCounts = tripCounts
  }
}

extension InferenceOptions {
  /// Throws unless every name stands for something in the graph, and every number is a count.
  func check(against graph: Graph) throws(InferenceError) {
    let knownDimensions = graph.namedDimensions
    for (name, extent) in dimensions.sorted(by: { $0.key < $1.key }) {
      guard knownDimensions.contains(name) else {
        throw .unknownDimension(name, known: knownDimensions)
      }
      guard extent >= 0 else { throw .negativeNumber(name, extent) }
    }
    for (name, extents) in shapes {
      if let negative = extents.first(where: { $0 < 0 }) { throw .negativeNumber(name, negative) }
    }
    for (name, count) in tripCounts where count < 0 { throw .negativeNumber(name, count) }
    if let batch, batch < 1 { throw .unusableBatch(batch) }
    if let tripCount, tripCount < 0 { throw .negativeNumber("trip count", tripCount) }
    guard !shapes.isEmpty || !tripCounts.isEmpty else { return }

    var values = Set(shapes.keys)
    var loops: [String] = []
    try graph.visitGraphs(depth: 0) { graph in
      if !values.isEmpty { for value in graph.values { values.remove(value.name) } }
      for node in graph.nodes { if case .loop = node.op { loops.append(node.name) } }
    }
    if let name = values.min() {
      throw .unknownValue(name, known: graph.inputs.map { graph[$0.value].name })
    }
    if let name = tripCounts.keys.filter({ !loops.contains($0) }).min() {
      throw .unknownLoop(name, known: loops)
    }
  }
}

extension Graph {
  /// The names of free extents of the inputs, each once, in the order of the inputs.
  package var namedDimensions: [String] {
    var names: [String] = []
    for input in inputs {
      let dimensions = input.shape?.dimensions ?? []
      for case .named(let name) in dimensions where !names.contains(name) { names.append(name) }
    }
    return names
  }

  /// Calls `visit` with this graph and every graph inside it.
  fileprivate func visitGraphs(
    depth: Int, _ visit: (Graph) -> Void
  ) throws(InferenceError) {
    guard depth <= Inference.maximumDepth else { throw .tooDeep(limit: Inference.maximumDepth) }
    visit(self)
    for node in nodes {
      for subgraph in node.op.subgraphs {
        try subgraph.body.visitGraphs(depth: depth + 1, visit)
      }
    }
  }
}

extension Operator {
  /// The graphs inside a control-flow operator.
  public var subgraphs: [Subgraph] {
    switch self {
    case .conditional(let conditional): [conditional.thenBranch, conditional.elseBranch]
    case .loop(let loop): [loop.body]
    case .scan(let scan): [scan.body]
    case .opaque, .elementwise, .matrixProduct, .einsum, .convolution, .pooling, .normalization,
      .softmax, .reduction, .quantization, .attention, .recurrent, .view, .movement, .indexing,
      .generator, .signal, .geometry:
      []
    }
  }
}
