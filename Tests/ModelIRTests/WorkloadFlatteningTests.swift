import ModelIR
import Quantities
import TensorTypes
import Testing

private let castLike = Operator.movement(.castLike())

@Test func `constants leave no steps, and what runtime steps read of them is a weight`() throws {
  var model = ModelBuilder()
  let x = model.input("x", [8, 4])
  let unused = model.input("unused", [2])
  let made = model.node("made", .generator(.constantOfShape(.float32)), model.vector(4, 8))
  let turned = model.node("turned", .movement(.transpose()), made)
  let copy = model.node("copy", .view(.identity), turned)
  let first = model.node("first", castLike, x, turned)
  let second = model.node("second", castLike, first, copy)
  _ = model.node("dead", .movement(.trilu(upper: true)), second)
  model.output(second)
  _ = unused
  let inferred = try model.graph.inferred()
  let workload = inferred.workload()
  #expect(workload.steps.map(\.name) == ["first", "second"])
  #expect(workload.steps[0].inputs[1] == workload.steps[1].inputs[1])
  #expect(workload.tensors.map(\.name) == ["x", "unused", "turned", "first", "second"])
  #expect(workload.tensors.map(\.role) == [.input, .input, .weight, .intermediate, .intermediate])
  #expect(workload.tensors.map(\.isOutput) == [false, false, false, false, true])
  #expect(inferred.parameterCount == 32)
  #expect(workload.weightSize == Bytes(128))
}

@Test func `narrow weights stay narrow where they are widened at run time`() throws {
  var model = ModelBuilder()
  let x = model.input("x", [300, 300])
  let weight = model.weight("weight", [300, 300], .float16)
  let wide = model.node("wide", .movement(.cast(to: .float32)), weight)
  let narrow = model.node("narrow", .movement(.cast(to: .float16)), wide)
  model.output(model.node("result", castLike, x, wide), narrow)
  let workload = try model.graph.inferred().workload()
  #expect(workload.steps.map(\.name) == ["wide", "narrow", "result"])
  #expect(workload.weightSize == Bytes(300 * 300 * 2))

  var narrowing = ModelBuilder()
  let full = narrowing.weight("full", [300, 300])
  narrowing.output(narrowing.node("half", .movement(.cast(to: .float16)), full))
  let folded = try narrowing.graph.inferred().workload()
  #expect(folded.steps.isEmpty)
  #expect(folded.weightSize == Bytes(300 * 300 * 2))
}

@Test func `shapes, masks and scalars are weights but no parameters`() throws {
  var model = ModelBuilder()
  let x = model.input("x", [4, 1])
  let weight = model.weight("weight", [3])
  let scale = model.weight("scale", [])
  let wide = model.node("wide", .movement(.expand), x, model.vector(4, 3))
  let a = model.node("a", castLike, wide, weight)
  model.output(model.node("b", castLike, a, scale))
  let inferred = try model.graph.inferred()
  #expect(inferred.parameterCount == 3)
  #expect(inferred.workload().weightSize == Bytes(3 * 4 + 4 + 2 * 8))
}

@Test func `an output that is an input or a constant is marked`() throws {
  var model = ModelBuilder()
  let x = model.input("x", [4])
  let table = model.weight("table", [5])
  model.output(x, table)
  let workload = try model.graph.inferred().workload()
  #expect(workload.steps.isEmpty)
  #expect(workload.tensors.map(\.isOutput) == [true, true])
  #expect(workload.tensors.map(\.role) == [.input, .weight])
}

@Test func `what only the branch not taken reads is not computed`() throws {
  var model = ModelBuilder()
  let x = model.input("x", [2, 3])
  let costly = model.node("costly", .movement(.tile), x, model.vector(9, 9))
  let branches = Conditional(
    thenBranch: ModelBuilder.branch(capturing: ["x"]) {
      $0.node("then", .movement(.transpose()), $1[0])
    },
    elseBranch: ModelBuilder.branch(capturing: ["costly"]) {
      $0.node("else", .movement(.transpose()), $1[0])
    })
  model.output(model.node("if", .conditional(branches), try model.boolean(true), x, costly))
  #expect(try model.graph.inferred().workload().steps.map(\.name) == ["then"])
}

@Test func `a loop inside a loop multiplies, and a counted weight is stored once`() throws {
  func body(_ inner: (inout ModelBuilder, Value.ID, Value.ID) throws -> Value.ID) throws -> Subgraph
  {
    var builder = ModelBuilder("body")
    _ = builder.input("iteration", [], .int64)
    let again = builder.input("again", [], .bool)
    let state = builder.input("state", [4, 4])
    let weight = builder.capture("weight")
    builder.output(again, try inner(&builder, state, weight))
    return builder.subgraph
  }
  let inner = try body { $0.node("step", castLike, $1, $2) }
  let outer = try body { builder, state, weight in
    let before = builder.node("before", castLike, state, weight)
    return builder.node(
      "inner", .loop(Loop(body: inner)), builder.scalar(5), nil, before, weight)
  }
  var model = ModelBuilder()
  let x = model.input("x", [4, 4])
  let weight = model.weight("weight", [4, 4])
  let looped = model.node(
    "outer", .loop(Loop(body: outer)), model.scalar(3), nil, x, weight)
  model.output(model.node("after", castLike, looped, weight))
  let workload = try model.graph.inferred().workload()
  #expect(workload.steps.map(\.name) == ["before", "step", "after"])
  #expect(workload.steps.map(\.repetitions) == [3, 15, 1])
  #expect(workload.weightSize == Bytes(64))
  #expect(workload.steps[2].inputs[0] == workload.steps[1].outputs[0])
  #expect(workload.steps[1].inputs[0] == workload.steps[0].outputs[0])
}
