import ModelIR
import ReferenceExecutor
import TensorTypes
import TestSupport
import Testing

/// Models and inputs that are not as one would like them.
@Suite struct EngineRobustnessTests {
  @Test func `values whose extents only a run tells flow through`() throws {
    var sketch = EngineSketch(seed: 41)
    let scores = sketch.input([12])
    let chosen = sketch.node(.indexing(.nonZero), sketch.apply(.relu, scores))
    let columns = sketch.node(.movement(.transpose(permutation: [1, 0])), chosen)
    sketch.output(sketch.node(.indexing(.gatherND(batchDimensions: 0)), scores, columns))
    sketch.output(sketch.apply(.exp, scores))
    let comparison = try EngineComparison(sketch)
    #expect(comparison.difference < 1e-5)
    #expect(comparison.engine.notes.contains { $0.hasPrefix("NonZero") })
  }

  @Test(arguments: [true, false])
  func `one of two graphs runs`(condition: Bool) throws {
    var sketch = EngineSketch(seed: 42)
    let (flag, x) = (sketch.input([], .bool), sketch.input([3]))
    func branch(_ function: Elementwise.Function) -> Subgraph {
      let outer = Value(id: Value.ID(0), name: "x", origin: .captured)
      let result = Value(id: Value.ID(1), name: "y", origin: .node(Node.ID(0)))
      let node = Node(
        id: Node.ID(0), name: "inside", op: .elementwise(Elementwise(function)),
        inputs: [outer.id], outputs: [result.id])
      return Subgraph(
        body: Graph(
          name: "branch", values: [outer, result], nodes: [node], outputs: [result.id]),
        captures: [outer.id])
    }
    let op = Operator.conditional(
      Conditional(thenBranch: branch(.exp), elseBranch: branch(.neg)))
    let doubled = sketch.apply(.add, x, x)
    let chosen = sketch.nodes(op, [flag, doubled, doubled])[0]
    sketch.output(sketch.apply(.abs, chosen))
    let comparison = try EngineComparison(
      sketch,
      inputs: [
        sketch.tensor(TensorType(.bool, []), [condition ? 1 : 0]),
        sketch.tensor(TensorType(.float32, [3]), [-1, 0.5, 2]),
      ])
    #expect(comparison.difference < 1e-5)
  }

  @Test func `tensors without elements pass`() throws {
    var sketch = EngineSketch(seed: 43)
    let (none, some) = (sketch.input([2, 0, 4]), sketch.input([2, 3, 4]))
    let joined = sketch.nodes(.movement(.concat(axis: 1)), [none, some])[0]
    sketch.output(sketch.apply(.relu, joined))
    sketch.output(sketch.apply(.exp, none))
    sketch.output(
      sketch.node(.reduction(Reduction(.reduce(.sum, Reduction.Axes([1])))), none))
    sketch.output(
      sketch.node(.matrixProduct(MatrixProduct(.matMul)), none, sketch.weight([4, 5])))
    #expect(try EngineComparison(sketch).difference < 1e-5)
  }

  @Test func `inputs, constants and repeated results can be results`() throws {
    var sketch = EngineSketch(seed: 44)
    let x = sketch.input([2, 3])
    let transposed = sketch.node(.movement(.transpose()), x)
    let weight = sketch.weight([4])
    for id in [x, transposed, weight, sketch.apply(.exp, weight), transposed] {
      sketch.output(id)
    }
    let sum = sketch.apply(.add, x, x)
    sketch.output(sum)
    sketch.output(sum)
    let comparison = try EngineComparison(sketch)
    #expect(comparison.difference == 0 || comparison.difference < 1e-6)
  }

  @Test func `a result that is kept is not written by the next run`() throws {
    var sketch = EngineSketch(seed: 45)
    sketch.output(sketch.apply(.neg, sketch.input([4])))
    let type = TensorType(.float32, [4])
    let engine = try Engine(try sketch.graph.inferred(), weights: sketch)
    var times: StepTimes?
    let first = try engine.run([sketch.tensor(type, [1, 2, 3, 4])], times: &times)
    let second = try engine.run([sketch.tensor(type, [5, 6, 7, 8])], times: &times)
    #expect(first[0].reals?.elements == [-1, -2, -3, -4])
    #expect(second[0].reals?.elements == [-5, -6, -7, -8])
  }

  @Test func `each step of a timed run has its span`() throws {
    var sketch = EngineSketch(seed: 46)
    let x = sketch.input([8, 8])
    let product = sketch.node(.matrixProduct(MatrixProduct(.matMul)), x, sketch.weight([8, 8]))
    sketch.output(sketch.node(.softmax(Softmax(.softmax, axis: -1)), product))
    let engine = try Engine(try sketch.graph.inferred(), weights: sketch)
    var times: StepTimes? = StepTimes()
    _ = try engine.run([sketch.random(TensorType(.float32, [8, 8]))], times: &times)
    let spans = try #require(times).spans
    #expect(spans.map(\.step) == Array(engine.steps.indices))
    #expect(spans.allSatisfy { $0.begin <= $0.end })
    #expect(engine.steps.map(\.operators) == [[.matMul], [.softmax]])
  }

  @Test func `wrong inputs are refused`() throws {
    var sketch = EngineSketch(seed: 47)
    sketch.output(sketch.apply(.neg, sketch.input([4])))
    let engine = try Engine(try sketch.graph.inferred(), weights: sketch)
    var times: StepTimes?
    #expect(throws: ExecutionError.self) { try engine.run([], times: &times) }
    let wrong = sketch.random(TensorType(.float32, [5]))
    #expect(throws: ExecutionError.self) { try engine.run([wrong], times: &times) }
  }

  @Test func `an index beyond its axis is an error, not another model's memory`() throws {
    var sketch = EngineSketch(seed: 48)
    let index = sketch.input([2], .int64)
    sketch.output(sketch.node(.indexing(.gather(axis: 0)), sketch.weight([3, 4]), index))
    let engine = try Engine(try sketch.graph.inferred(), weights: sketch)
    var times: StepTimes?
    let type = TensorType(.int64, [2])
    _ = try engine.run([sketch.tensor(type, [-3, 2])], times: &times)
    #expect(throws: ExecutionError.self) {
      try engine.run([sketch.tensor(type, [0, 3])], times: &times)
    }
  }

  @Test func `an operator that nobody models is refused at load`() throws {
    var sketch = EngineSketch(seed: 49)
    let x = sketch.input([4])
    sketch.output(sketch.node(.opaque(OpaqueOperator(name: "Mystery", domain: "")), x))
    #expect(throws: ExecutionError.self) {
      try Engine(try sketch.graph.inferred(), weights: sketch)
    }
  }

  @Test func `threads that cannot be are refused`() throws {
    var sketch = EngineSketch(seed: 50)
    sketch.output(sketch.apply(.neg, sketch.input([4])))
    for options in [
      ExecutionOptions(threads: 0), ExecutionOptions(threads: -3),
      ExecutionOptions(threads: 2, processors: [0]),
    ] {
      #expect(throws: ExecutionError.self) {
        try Engine(try sketch.graph.inferred(), weights: sketch, options: options)
      }
    }
  }

  @Test func `what depends on no input is computed once`() throws {
    var sketch = EngineSketch(seed: 51)
    let x = sketch.input([2, 6])
    let weight = sketch.apply(.exp, sketch.node(.movement(.transpose()), sketch.weight([3, 6])))
    sketch.output(sketch.node(.matrixProduct(MatrixProduct(.matMul)), x, weight))
    let comparison = try EngineComparison(sketch)
    #expect(comparison.kernels == ["gemm.f32"])
    #expect(comparison.difference < 1e-5)
  }
}
