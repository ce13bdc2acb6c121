import ModelIR
import Quantities
import TensorTypes
import Testing

private func transpose(_ builder: inout ModelBuilder, _ x: Value.ID) -> Value.ID {
  builder.node("transposed", .movement(.transpose()), x)
}
private func square(to extents: [Int]) -> Subgraph {
  ModelBuilder.branch(capturing: ["x"]) { builder, captured in
    builder.node("resh", .view(.reshape(to: extents)), captured[0])
  }
}
private let transposing = ModelBuilder.branch(capturing: ["x"]) { transpose(&$0, $1[0]) }

@Test func `a known condition takes one branch, however wrong the other is`() throws {
  var model = ModelBuilder()
  let x = model.input("x", [2, 6])
  let branches = Conditional(thenBranch: transposing, elseBranch: square(to: [5, 5]))
  let result = model.node("if", .conditional(branches), try model.boolean(true), x, x)
  model.output(model.node("flat", .view(.flatten(axis: 0)), result))
  let inferred = try model.graph.inferred()
  #expect(inferred.extents("if") == [6, 2])
  #expect(inferred.assumptions == [])
  let workload = inferred.workload()
  #expect(workload.steps.map(\.name) == ["transposed", "flat"])
  #expect(workload.steps[1].inputs == workload.steps[0].outputs)
  #expect(workload.tensors.map(\.name) == ["x", "transposed", "flat"])
}

@Test func `branches of an unknown condition must agree on a shape`() throws {
  func inferred(_ other: [Int]) throws -> InferredGraph {
    var model = ModelBuilder()
    let x = model.input("x", [2, 6])
    let condition = model.input("condition", [], .bool)
    let branches = Conditional(thenBranch: square(to: other), elseBranch: transposing)
    model.output(model.node("if", .conditional(branches), condition, x, x))
    return try model.graph.inferred()
  }
  #expect(try inferred([6, 2]).extents("if") == [6, 2])
  #expect(try inferred([4, 3]).value("if")?.type == nil)
  let workload = try inferred([6, 2]).workload()
  #expect(workload.steps.map(\.name) == ["transposed"])
  #expect(workload.assumptions == ["if 'if': the condition is unknown; the else branch is counted"])
}

@Test func `a branch that cannot run is never taken`() throws {
  var model = ModelBuilder()
  let x = model.input("x", [2, 6])
  let condition = model.input("condition", [], .bool)
  let branches = Conditional(thenBranch: square(to: [5, 5]), elseBranch: transposing)
  model.output(model.node("if", .conditional(branches), condition, x, x))
  let inferred = try model.graph.inferred()
  #expect(inferred.extents("if") == [6, 2])
  try #require(inferred.assumptions.count == 1)
  #expect(inferred.assumptions[0].hasPrefix("if 'if': the then branch is never taken, for node"))
  #expect(inferred.workload().steps.map(\.name) == ["transposed"])
}

/// A loop that adds a row to nothing, or transposes a square, and stacks each state.
private func loopBody(_ op: Operator, keepsGoing: Bool = true) throws -> Subgraph {
  var body = ModelBuilder("body")
  let iteration = body.input("iteration", [], .int64)
  let condition = body.input("again", [], .bool)
  let state = body.input("state", [3, 3])
  let captured = body.capture("x")
  _ = iteration
  let next = body.node("next", op, state, captured)
  let again =
    keepsGoing
    ? body.node("still", .view(.identity), condition)
    : body.node("stop", .movement(.cast(to: .bool)), captured)
  body.output(again, next, next)
  return body.subgraph
}

private func looped(
  _ body: Subgraph, bound: Int?, _ options: InferenceOptions = InferenceOptions()
) throws -> InferredGraph {
  var model = ModelBuilder()
  let x = model.input("x", [3, 3])
  let count = bound.map { model.scalar($0) } ?? model.input("count", [], .int64)
  let results = model.nodes(
    "loop", .loop(Loop(body: body)), [count, try model.boolean(true), x, x], outputs: 2)
  model.output(results[0], results[1])
  return try model.graph.inferred(options)
}

private let castLike = Operator.movement(.castLike())
private let concat = Operator.movement(.concat(axis: 0))

@Test func `a loop with a constant bound and condition has that trip count`() throws {
  let inferred = try looped(try loopBody(castLike), bound: 7)
  #expect(inferred.extents("loop.0") == [3, 3])
  #expect(inferred.extents("loop.1") == [7, 3, 3])
  let workload = inferred.workload()
  #expect(workload.steps.map(\.name) == ["next", "loop/loop.1"])
  #expect(workload.steps.map(\.repetitions) == [7, 7])
  #expect(workload.steps.last?.work == Work(reads: [Bytes(36)], writes: [Bytes(36)]))
  #expect(workload.assumptions == [])
}

@Test func `an unknown trip count is stated by the user or stays unknown`() throws {
  let open = try looped(try loopBody(castLike), bound: nil)
  #expect(open.extents("loop.0") == [3, 3])
  #expect(open.value("loop.1")?.type == nil)
  #expect(
    open.assumptions == [
      "loop 'loop': the trip count is unknown, so its work is; see --trip-count"
    ])
  #expect(open.workload().steps.map(\.repetitions) == [nil, nil])
  for options in [InferenceOptions(tripCount: 5), InferenceOptions(tripCounts: ["loop": 5])] {
    let stated = try looped(try loopBody(castLike), bound: nil, options)
    #expect(stated.extents("loop.1") == [5, 3, 3])
  }
}

@Test func `a condition that only a run tells leaves the trip count open`() throws {
  let inferred = try looped(try loopBody(castLike, keepsGoing: false), bound: 7)
  #expect(inferred.value("loop.1")?.type == nil)
}

@Test func `a carried value that grows has no type, nor has what follows from it`() throws {
  let inferred = try looped(try loopBody(concat), bound: 7)
  #expect(inferred.value("loop.0")?.type == nil)
  #expect(inferred.value("loop.1")?.type == nil)
  let steps = inferred.workload().steps
  #expect(steps.first { $0.name == "next" }?.work == nil)
  #expect(steps.first { $0.name == "next" }?.repetitions == 7)
}

@Test func `a scan runs once a slice and stacks its outputs`() throws {
  var body = ModelBuilder("body")
  let state = body.input("state", [4])
  let slice = body.input("slice", [2, 4])
  let weight = body.capture("w")
  let flat = body.node("flat", .view(.flatten(axis: 0)), slice)
  let picked = body.node("picked", .indexing(.gather(axis: 0)), weight, body.vector(1))
  let next = body.node("next", castLike, state, flat)
  body.output(next, flat, picked)
  var model = ModelBuilder()
  let initial = model.input("initial", [4])
  let sequence = model.input("sequence", [2, 9, 4])
  let table = model.weight("table", [10, 3])
  let scan = Scan(
    body: body.subgraph, scanInputCount: 1, scanInputAxes: [1], scanOutputAxes: [0, -1])
  let results = model.nodes("scan", .scan(scan), [initial, sequence, table], outputs: 3)
  model.output(results[0], results[1], results[2])
  let inferred = try model.graph.inferred()
  #expect(inferred.extents("scan.0") == [4])
  #expect(inferred.extents("scan.1") == [9, 1, 8])
  #expect(inferred.extents("scan.2") == [1, 3, 9])
  let workload = inferred.workload()
  #expect(workload.steps.allSatisfy { $0.repetitions == 9 })
  #expect(workload.tensor("sequence")?.role == .input)
  #expect(workload.weightSize == Bytes(3 * 4))
}

/// Conditionals inside conditionals, with nothing known of the conditions; both branches are deep,
/// or only the first.
private func nested(_ depth: Int, inBothBranches: Bool) -> Graph {
  var inner = transposing
  for level in 0..<depth {
    let branch = inner
    inner = ModelBuilder.branch(capturing: ["x"]) { builder, captured in
      let condition = builder.node("condition \(level)", .movement(.cast(to: .bool)), captured[0])
      let op = Operator.conditional(
        Conditional(thenBranch: branch, elseBranch: inBothBranches ? branch : transposing))
      return builder.node("if \(level)", op, condition, captured[0], captured[0])
    }
  }
  var model = ModelBuilder()
  let x = model.input("x", [1, 1])
  let condition = model.input("condition", [1, 1], .bool)
  let op = Operator.conditional(Conditional(thenBranch: inner, elseBranch: inner))
  model.output(model.node("if", op, condition, x, x))
  return model.graph
}

@Test func `the cost of nested branches is linear in the graphs of the file`() throws {
  let inferred = try nested(12, inBothBranches: true).inferred()
  #expect(inferred.extents("if") == [1, 1])
  #expect(inferred.workload().steps.count == 13)
}

@Test func `control flow nested too deeply is an error, and no overflow of the stack`() throws {
  #expect(try nested(60, inBothBranches: false).inferred().workload().steps.count == 61)
  #expect(throws: InferenceError.tooDeep(limit: 64)) {
    try nested(70, inBothBranches: false).inferred()
  }
}
