import Quantities
import TensorTypes

extension Inference {
  /// Infers the branch that a known condition picks, else both; where they disagree on a type it
  /// is unknown. A branch that cannot run with the given types is taken to be never picked.
  mutating func infer(
    _ original: Conditional, at index: Int, in graph: inout Graph, depth: Int
  ) throws(InferenceError) -> [Facts] {
    var conditional = original
    let node = graph.nodes[index]
    let captureStart = 1 + original.thenBranch.captures.count
    guard let condition = node.inputs.first ?? nil,
      node.inputs.count == captureStart + original.elseBranch.captures.count
    else { throw .malformedControlFlow(node: node.name, reason: "its inputs are not its captures") }
    let thenCaptures = node.inputs[1..<captureStart]
    let elseCaptures = node.inputs[captureStart...]

    if let picked = graph[condition].literal?.integers?.first {
      let facts: [Facts]
      if picked != 0 {
        facts = try infer(&conditional.thenBranch, thenCaptures, of: node, in: graph, depth)
      } else {
        facts = try infer(&conditional.elseBranch, elseCaptures, of: node, in: graph, depth)
      }
      graph.nodes[index].op = .conditional(conditional)
      return facts
    }

    let thenResult = try attempt(&conditional.thenBranch, thenCaptures, of: node, in: graph, depth)
    let elseResult = try attempt(&conditional.elseBranch, elseCaptures, of: node, in: graph, depth)
    switch (thenResult, elseResult) {
    case (.failure(let error), .failure): throw error
    case (.success(let first), .success(let second)):
      graph.nodes[index].op = .conditional(conditional)
      return zip(first, second).map(Facts.init(either:or:))
    case (.success(let facts), .failure(let error)):
      assume("if '\(node.name)': the else branch is never taken, for \(error)")
      conditional.elseBranch = .ruledOut
      graph.nodes[index].inputs = [condition] + thenCaptures
      graph.nodes[index].op = .conditional(conditional)
      return facts.map(\.varying)
    case (.failure(let error), .success(let facts)):
      assume("if '\(node.name)': the then branch is never taken, for \(error)")
      conditional.thenBranch = .ruledOut
      graph.nodes[index].inputs = [condition] + elseCaptures
      graph.nodes[index].op = .conditional(conditional)
      return facts.map(\.varying)
    }
  }

  /// Infers a loop's body once, with carried values of unknown elements, and its trip count.
  mutating func infer(
    _ original: Loop, at index: Int, in graph: inout Graph, depth: Int
  ) throws(InferenceError) -> [Facts] {
    var loop = original
    let node = graph.nodes[index]
    let formals = loop.body.body.inputs
    let carriedCount = formals.count - 2
    guard carriedCount >= 0,
      node.inputs.count == formals.count + loop.body.captures.count,
      loop.body.body.outputs.count > carriedCount,
      node.outputs.count < loop.body.body.outputs.count
    else {
      throw .malformedControlFlow(
        node: node.name, reason: "its inputs or outputs are not those of its body")
    }
    loop.body.body[formals[0].value].facts = Facts(type: formals[0].scalarType(.int64))
    let conditionType = formals[1].scalarType(.bool)
    loop.body.body[formals[1].value].facts = Facts(
      type: conditionType, literal: TensorLiteral(conditionType, .integers([1])))
    for (formal, initial) in zip(formals, node.inputs).dropFirst(2) {
      loop.body.body[formal.value].facts = Facts(type: initial.flatMap { graph[$0].type })
    }
    var facts = try infer(
      &loop.body, node.inputs[formals.count...], of: node, in: graph, depth)
    makeInvariant(&loop.body.body, inputs: formals.dropFirst(2), outputsFrom: 1)
    facts = loop.body.body.outputs.map { loop.body.body[$0].facts }

    loop.tripCount =
      options.tripCounts[node.name]
      ?? tripCount(node, bodyCondition: facts[0].literal, in: graph) ?? options.tripCount
    if loop.tripCount == nil {
      assume("loop '\(node.name)': the trip count is unknown, so its work is; see --trip-count")
    }
    let tripCount = loop.tripCount
    graph.nodes[index].op = .loop(loop)
    let carried = facts[1..<carriedCount + 1].map(\.varying)
    return carried
      + facts[(carriedCount + 1)...].map { Facts(type: $0.type?.stacked(tripCount, axis: 0)) }
  }

  /// How often a loop runs, from a known bound and conditions that never end it early.
  private func tripCount(
    _ node: Node, bodyCondition: TensorLiteral?, in graph: Graph
  ) -> Int? {
    let initial = node.inputs[1].map { graph[$0].literal?.integers?.first } ?? 1
    guard let initial else { return nil }
    if initial == 0 { return 0 }
    let bound = node.inputs[0].map { graph[$0].literal?.integers?.first } ?? .max
    guard let bound, let stays = bodyCondition?.integers?.first else { return nil }
    if stays == 0 { return min(1, max(0, bound)) }
    return node.inputs[0] == nil ? nil : max(0, bound)
  }

  /// Infers a scan's body on one slice of each scanned input.
  mutating func infer(
    _ original: Scan, at index: Int, in graph: inout Graph, depth: Int
  ) throws(InferenceError) -> [Facts] {
    var scan = original
    let node = graph.nodes[index]
    let formals = scan.body.body.inputs
    let stateCount = formals.count - scan.scanInputCount
    guard scan.scanInputCount >= 1, stateCount >= 0,
      node.inputs.count == formals.count + scan.body.captures.count,
      scan.body.body.outputs.count >= stateCount,
      node.outputs.count <= scan.body.body.outputs.count
    else {
      throw .malformedControlFlow(
        node: node.name, reason: "its inputs or outputs are not those of its body")
    }
    var tripCount: Int?
    for (position, formal) in formals.enumerated() {
      var type = node.inputs[position].flatMap { graph[$0].type }
      if position >= stateCount, let whole = type {
        let axis = scan.scanInputAxes.element(position - stateCount) ?? 0
        do throws(ShapeError) {
          let resolved = try resolvedAxis(axis, rank: whole.rank)
          let extent = whole.dimensions[resolved]
          guard (tripCount ?? extent) == extent else {
            throw ShapeError.extentMismatch(
              what: "the scanned extent", expected: tripCount ?? extent, actual: extent)
          }
          tripCount = extent
          var slice = whole.dimensions
          slice.remove(at: resolved)
          type = TensorType(whole.dtype, slice)
        } catch {
          throw .node(name: node.name, operatorName: node.op.name, error)
        }
      }
      scan.body.body[formal.value].facts = Facts(type: type)
    }
    _ = try infer(&scan.body, node.inputs[formals.count...], of: node, in: graph, depth)
    makeInvariant(&scan.body.body, inputs: formals.prefix(stateCount), outputsFrom: 0)
    graph.nodes[index].op = .scan(scan)
    return scan.body.body.outputs.enumerated().map { position, output in
      let facts = scan.body.body[output].facts
      guard position >= stateCount else { return facts.varying }
      let axis = scan.scanOutputAxes.element(position - stateCount) ?? 0
      return Facts(type: facts.type?.stacked(tripCount, axis: axis))
    }
  }
}
