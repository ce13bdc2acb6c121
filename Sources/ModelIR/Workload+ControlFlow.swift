import Quantities
import TensorTypes

extension Flattening {
  /// Appends the steps of the branch that is taken, or of the one with more known work.
  mutating func emit(
    _ conditional: Conditional, _ node: Node, in graph: Graph, _ map: inout TensorMap,
    _ liveness: NodeLiveness, _ repetitions: Int?
  ) {
    let captures = node.captures(of: conditional)
    let wanted = node.outputs.map { $0.map(liveness.isNeeded) ?? false }
    let results: [Workload.TensorID?]
    switch graph.knownBranch(of: conditional, node) {
    case true?:
      results = emit(
        conditional.thenBranch, captures.then, in: graph, &map, liveness.inside(node),
        wanted: wanted, repetitions)
    case false?:
      results = emit(
        conditional.elseBranch, captures.else, in: graph, &map, liveness.inside(node, branch: 1),
        wanted: wanted, repetitions)
    case nil:
      let start = steps.count
      let thenResults = emit(
        conditional.thenBranch, captures.then, in: graph, &map, liveness.inside(node),
        wanted: wanted, repetitions)
      let middle = steps.count
      let elseResults = emit(
        conditional.elseBranch, captures.else, in: graph, &map, liveness.inside(node, branch: 1),
        wanted: wanted, repetitions)
      let takesElse = steps[start..<middle].knownWork < steps[middle...].knownWork
      steps.removeSubrange(takesElse ? start..<middle : middle..<steps.count)
      results = takesElse ? elseResults : thenResults
      assumptions.append(
        "if '\(node.name)': the condition is unknown; "
          + "the \(takesElse ? "else" : "then") branch is counted")
    }
    for (output, result) in zip(node.outputs, results) {
      if let output { map[output] = result }
    }
  }

  /// Appends the steps of a subgraph that is entered once for each run of the node.
  private mutating func emit(
    _ subgraph: Subgraph, _ outer: ArraySlice<Value.ID?>, in graph: Graph, _ map: inout TensorMap,
    _ liveness: NodeLiveness?, wanted: [Bool], _ repetitions: Int?
  ) -> [Workload.TensorID?] {
    var inner = TensorMap(subgraph.body)
    bind(subgraph, outer, in: graph, &map, to: &inner)
    let count = subgraph.body.outputs.count
    let all = wanted.prefix(count) + [Bool](repeating: false, count: max(0, count - wanted.count))
    return emit(
      subgraph.body, &inner, liveness ?? NodeLiveness(subgraph.body, wanted: Array(all)),
      wanted: Array(all), repetitions: repetitions)
  }

  private mutating func bind(
    _ subgraph: Subgraph, _ outer: ArraySlice<Value.ID?>, in graph: Graph, _ map: inout TensorMap,
    to inner: inout TensorMap
  ) {
    for (capture, outer) in zip(subgraph.captures, outer) {
      if let outer { inner[capture] = tensor(for: outer, in: graph, &map) }
    }
  }

  mutating func emit(
    _ loop: Loop, _ node: Node, in graph: Graph, _ map: inout TensorMap,
    _ liveness: NodeLiveness, _ repetitions: Int?
  ) {
    let body = loop.body
    emit(
      body, node, in: graph, &map, liveness, carried: 1..<max(1, body.body.inputs.count - 1),
      stackedAxes: [], times: loop.tripCount, repetitions)
  }

  mutating func emit(
    _ scan: Scan, _ node: Node, in graph: Graph, _ map: inout TensorMap,
    _ liveness: NodeLiveness, _ repetitions: Int?
  ) {
    let stateCount = max(0, scan.body.body.inputs.count - scan.scanInputCount)
    var tripCount: Int?
    if stateCount < node.inputs.count, let scanned = node.inputs[stateCount],
      let type = graph[scanned].type
    {
      let axis = scan.scanInputAxes.first ?? 0
      tripCount = type.dimensions.element(axis < 0 ? axis + type.rank : axis)
    }
    emit(
      scan.body, node, in: graph, &map, liveness, carried: 0..<stateCount,
      stackedAxes: scan.scanOutputAxes, times: tripCount, repetitions)
  }

  /// Appends the steps of a body that repeats: its outputs in the range `carried` are the node's
  /// first outputs, and those behind are stacked, a slice an iteration.
  private mutating func emit(
    _ subgraph: Subgraph, _ node: Node, in graph: Graph, _ map: inout TensorMap,
    _ liveness: NodeLiveness, carried: Range<Int>, stackedAxes: [Int], times tripCount: Int?,
    _ outerRepetitions: Int?
  ) {
    let body = subgraph.body
    let repetitions = tripCount.flatMap { count in
      outerRepetitions.map { saturatingProduct($0, count) }
    }
    var inner = TensorMap(body)
    for (formal, outer) in zip(body.inputs, node.inputs) {
      inner[formal.value] =
        outer.map { tensor(for: $0, in: graph, &map) }
        ?? add(body[formal.value], role: .intermediate)
    }
    bind(subgraph, node.inputs.dropFirst(body.inputs.count), in: graph, &map, to: &inner)
    let wanted = [Bool](repeating: true, count: body.outputs.count)
    let results = emit(
      body, &inner, liveness.inside(node) ?? NodeLiveness(body, wanted: wanted), wanted: wanted,
      repetitions: repetitions)
    for (position, output) in node.outputs.enumerated() {
      let source = carried.lowerBound + position
      guard let output, let result = results.element(source) ?? nil else { continue }
      guard !carried.contains(source) else {
        map[output] = result
        continue
      }
      let stacked = add(graph[output], role: .intermediate)
      map[output] = stacked
      let slice = body[body.outputs[source]].type?.storageSize
      let axis = stackedAxes.element(source - carried.upperBound) ?? 0
      steps.append(
        Workload.Step(
          name: "\(node.name)/\(graph[output].name)", op: .movement(.concat(axis: axis)),
          inputs: [result], outputs: [stacked],
          work: slice.map { Work(reads: [$0], writes: [$0]) }, repetitions: repetitions))
    }
  }
}

/// Arithmetic, then traffic: what makes one branch larger than another.
private struct KnownWork: Comparable {
  var flops: FLOPs = .zero
  var traffic: Bytes = .zero
  static func < (lhs: KnownWork, rhs: KnownWork) -> Bool {
    (lhs.flops, lhs.traffic) < (rhs.flops, rhs.traffic)
  }
}

extension ArraySlice where Element == Workload.Step {
  fileprivate var knownWork: KnownWork {
    var total = KnownWork()
    for step in self {
      guard let work = step.work, let repetitions = step.repetitions else { continue }
      total.flops += repetitions * work.flops
      total.traffic += repetitions * work.traffic
    }
    return total
  }
}
