import ModelIR
import TensorTypes
import Testing

@Test func `shape arithmetic is known before any run`() throws {
  var model = ModelBuilder()
  let x = model.input("x", [2, 6, 4])
  let shape = model.node("shape", .generator(.shape()), x)
  let batch = model.node("batch", .indexing(.gather(axis: 0)), shape, model.vector(0))
  let target = model.node("target", .movement(.concat(axis: 0)), batch, model.vector(-1))
  model.output(model.node("flat", .view(.reshape()), x, target))
  let inferred = try model.graph.inferred()
  #expect(inferred.value("shape")?.literal == TensorLiteral(vector: [2, 6, 4]))
  #expect(inferred.value("target")?.literal == TensorLiteral(vector: [2, -1]))
  #expect(inferred.extents("flat") == [2, 24])
  #expect(inferred.value("target")?.isConstant == true)
  #expect(inferred.value("flat")?.isConstant == false)
}

@Test func `slices of a shape fold, empty ones too`() throws {
  var model = ModelBuilder()
  let x = model.input("x", [2, 3, 5, 7])
  let shape = model.node("shape", .generator(.shape(start: 1)), x)
  let slice = Operator.movement(.slice(Movement.Slice()))
  let none = model.node("none", slice, shape, model.vector(0), model.vector(0))
  let back = model.node(
    "back", slice, shape, model.vector(-1), model.vector(.min), model.vector(0), model.vector(-2))
  model.output(model.node("all", .movement(.concat(axis: 0)), none, back))
  let inferred = try model.graph.inferred()
  #expect(inferred.value("none")?.literal?.integers == [])
  #expect(inferred.value("all")?.literal?.integers == [7, 3])
}

@Test func `folded literals agree with numpy`() throws {
  var model = ModelBuilder()
  let two = model.constant(
    try #require(TensorLiteral(TensorType(.int64, [2, 3]), .integers([1, 2, 3, 4, 5, 6]))))
  let results = [
    model.node("transpose", .movement(.transpose()), two),
    model.node("expand", .movement(.expand), model.vector(7, 8), model.vector(2, 1)),
    model.node("tile", .movement(.tile), two, model.vector(1, 2)),
    model.node("columns", .indexing(.gather(axis: 1)), two, model.vector(-1, 0)),
    model.node("cast", .movement(.cast(to: .bool)), model.vector(0, -3, 2)),
    model.node("range", .generator(.range), model.scalar(5), model.scalar(-2), model.scalar(-3)),
    model.node("nonzero", .indexing(.nonZero), model.vector(0, 4, 0, 9)),
    model.node(
      "scatter", .indexing(.scatterND(combining: nil)), model.vector(1, 2, 3),
      model.constant(
        try #require(TensorLiteral(TensorType(.int64, [1, 1]), .integers([-1])))),
      model.vector(9)),
  ]
  let parts = model.nodes(
    "split", .movement(.split(Movement.Split(axis: 1, partCount: 2))), [two], outputs: 2)
  for result in results + parts { model.output(result) }
  let inferred = try model.graph.inferred()
  func elements(_ name: String) -> [Int]? { inferred.value(name)?.literal?.integers }
  #expect(elements("transpose") == [1, 4, 2, 5, 3, 6])
  #expect(elements("expand") == [7, 8, 7, 8])
  #expect(elements("tile") == [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6])
  #expect(elements("columns") == [3, 1, 6, 4])
  #expect(elements("cast") == [0, 1, 1])
  #expect(elements("range") == [5, 2, -1])
  #expect(elements("nonzero") == [1, 3])
  #expect(elements("scatter") == [1, 2, 9])
  #expect(elements("split.0") == [1, 2, 4, 5])
  #expect(elements("split.1") == [3, 6])
}

@Test func `an index out of range leaves the elements unknown`() throws {
  var model = ModelBuilder()
  model.output(model.node("pick", .indexing(.gather(axis: 0)), model.vector(1, 2), model.vector(2)))
  let inferred = try model.graph.inferred()
  #expect(inferred.extents("pick") == [1])
  #expect(inferred.value("pick")?.literal == nil)
  #expect(inferred.value("pick")?.isConstant == true)
}

@Test func `weights made by a generator are constant although they are no literals`() throws {
  var model = ModelBuilder()
  let weight = model.node(
    "weight", .generator(.constantOfShape(.float32)), model.vector(512, 512))
  let drawn = model.node("drawn", .generator(.random(.normalLike(nil))), weight)
  model.output(model.node("transposed", .movement(.transpose()), weight), drawn)
  let inferred = try model.graph.inferred()
  #expect(inferred.extents("transposed") == [512, 512])
  #expect(inferred.value("transposed")?.isConstant == true)
  #expect(inferred.value("weight")?.literal == nil)
  #expect(inferred.value("drawn")?.isConstant == false)
}

@Test func `a shape that only a run tells stays unknown until it is pinned`() throws {
  var model = ModelBuilder()
  let x = model.input("x", [4, 5])
  let hits = model.node("hits", .indexing(.nonZero), x)
  model.output(model.node("columns", .movement(.transpose()), hits))
  let open = try model.graph.inferred()
  #expect(open.value("hits")?.type == nil)
  #expect(open.value("columns")?.type == nil)
  let pinned = try model.graph.inferred(InferenceOptions(shapes: ["hits": [2, 7]]))
  #expect(pinned.value("columns")?.type == TensorType(.int64, [7, 2]))
  #expect(throws: InferenceError.self) {
    try model.graph.inferred(InferenceOptions(shapes: ["hits": [2, 7], "columns": [2, 7]]))
  }
}

@Test func `an operator nobody models leaves what follows unknown`() throws {
  var model = ModelBuilder()
  let x = model.input("x", [4, 5])
  let odd = model.node("odd", .opaque(OpaqueOperator(name: "Odd", domain: "custom")), x)
  model.output(model.node("flat", .view(.flatten(axis: 1)), odd))
  let inferred = try model.graph.inferred()
  #expect(inferred.value("odd")?.type == nil)
  #expect(inferred.value("flat")?.type == nil)
  #expect(inferred.workload().steps.map(\.work) == [nil, nil])
}

@Test func `a shape error names its node`() throws {
  var model = ModelBuilder()
  let x = model.input("x", [4, 5])
  model.output(model.node("bad", .view(.reshape(to: [3, -1])), x))
  #expect(
    throws: InferenceError.node(
      name: "bad", operatorName: "Reshape",
      .invalidInput(index: 1, reason: "asks for [3, -1], which 20 elements cannot fill"))
  ) { try model.graph.inferred() }
}

@Test func `a result too large to count is an error`() throws {
  var model = ModelBuilder()
  let x = model.input("x", [1])
  model.output(
    model.node("huge", .movement(.expand), x, model.vector(1 << 31, 1 << 31, 1 << 31)))
  #expect(
    throws: InferenceError.unusableType(
      value: "huge", TensorType(.float32, [1 << 31, 1 << 31, 1 << 31]))
  ) { try model.graph.inferred() }
}
