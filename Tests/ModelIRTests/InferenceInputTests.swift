import ModelIR
import TensorTypes
import Testing

private func graph(_ inputs: [(String, Shape?)]) -> Graph {
  var graph = Graph(name: "inputs")
  for (index, input) in inputs.enumerated() {
    let id = Value.ID(index)
    graph.values.append(Value(id: id, name: input.0, origin: .input))
    graph.inputs.append(GraphInput(value: id, dtype: .float32, shape: input.1))
    graph.outputs.append(id)
  }
  return graph
}

private func extents(_ graph: InferredGraph) -> [[Int]?] {
  graph.graph.outputs.map { graph.graph[$0].type?.dimensions }
}

private let image = Shape([.named("N"), .fixed(3), .named("height"), .unknown])

@Test func `a stated shape binds the names that it covers for the other inputs`() throws {
  let model = graph([("x", image), ("y", Shape([.named("N"), .named("height")]))])
  let inferred = try model.inferred(InferenceOptions(shapes: ["x": [4, 3, 224, 160]]))
  #expect(extents(inferred) == [[4, 3, 224, 160], [4, 224]])
  #expect(inferred.assumptions.isEmpty)
}

@Test func `a batch dimension defaults to 1 and the report says so`() throws {
  let model = graph([("x", Shape([.named("batch_size"), .fixed(8)])), ("y", Shape([.unknown]))])
  let inferred = try model.inferred()
  #expect(extents(inferred) == [[1, 8], [1]])
  #expect(
    inferred.assumptions == [
      "input 'x': batch dimension 'batch_size' taken as 1",
      "input 'y': batch dimension '?' taken as 1",
    ])
}

@Test func `a name seen behind the first axis is no batch`() throws {
  let model = graph([
    ("positions", Shape([.named("seq")])), ("ids", Shape([.named("batch"), .named("seq")])),
  ])
  #expect(
    throws: InferenceError.unboundDimension(
      input: "positions", dimension: .named("seq"), axis: 0,
      suggestion: "--dim seq=EXTENT (or --shape positions:seq with numbers)")
  ) { try model.inferred() }
  let inferred = try model.inferred(InferenceOptions(dimensions: ["seq": 7]))
  #expect(extents(inferred) == [[7], [1, 7]])
}

@Test func `an unbound dimension names the option that binds it`() {
  let model = graph([("x", image)])
  #expect(
    throws: InferenceError.unboundDimension(
      input: "x", dimension: .unknown, axis: 3,
      suggestion: "--shape x:N,3,height,? with a number for each ?")
  ) { try model.inferred(InferenceOptions(dimensions: ["height": 9])) }
}

@Test func `one error names all dimensions that need an extent`() {
  let model = graph([
    ("x", Shape([.fixed(1), .named("height"), .named("width")])),
    ("cache", Shape([.named("batch"), .named("past"), .named("height")])),
  ])
  #expect(
    throws: InferenceError.unboundDimension(
      input: "x", dimension: .named("width"), axis: 2,
      suggestion: "--dim width=EXTENT --dim past=EXTENT (or --shape x:1,height,width with numbers)")
  ) { try model.inferred(InferenceOptions(dimensions: ["height": 9])) }
}

@Test func `names that stand for nothing are errors that list those that do`() {
  let model = graph([("x", image)])
  #expect(throws: InferenceError.unknownDimension("width", known: ["N", "height"])) {
    try model.inferred(InferenceOptions(dimensions: ["width": 9]))
  }
  #expect(throws: InferenceError.unknownValue("z", known: ["x"])) {
    try model.inferred(InferenceOptions(shapes: ["z": [9]]))
  }
  #expect(throws: InferenceError.unknownLoop("l", known: [])) {
    try model.inferred(InferenceOptions(tripCounts: ["l": 9]))
  }
}

@Test(arguments: [[1, 4, 2, 2], [1, 3, 2]])
func `a stated shape must suit the declared one`(stated: [Int]) {
  #expect(throws: InferenceError.shapeMismatch(value: "x", declared: image, stated: stated)) {
    try graph([("x", image)]).inferred(InferenceOptions(shapes: ["x": stated]))
  }
}

@Test func `a name cannot stand for two extents`() {
  #expect(throws: InferenceError.dimensionMismatch(name: "N", first: 2, second: 4)) {
    try graph([("x", image)]).inferred(
      InferenceOptions(dimensions: ["N": 2], shapes: ["x": [4, 3, 2, 2]]))
  }
}

@Test func `negative and uncountable extents are errors`() {
  let model = graph([("x", image)])
  #expect(throws: InferenceError.negativeNumber("height", -1)) {
    try model.inferred(InferenceOptions(dimensions: ["height": -1]))
  }
  let huge = [1 << 40, 3, 1 << 40, 1]
  #expect(throws: InferenceError.unusableType(value: "x", TensorType(.float32, huge))) {
    try model.inferred(InferenceOptions(shapes: ["x": huge]))
  }
}

@Test func `an input without a rank needs a stated shape`() throws {
  let model = graph([("x", nil)])
  #expect(throws: InferenceError.unknownRank(input: "x")) { try model.inferred() }
  #expect(extents(try model.inferred(InferenceOptions(shapes: ["x": [5]]))) == [[5]])
}
