import ModelIR
import ReferenceExecutor
import TensorTypes
import Testing

/// What the engine hands out of its memory, against what the reference hands out.
@Suite struct EngineObservingTests {
  private func observed(
    _ model: inout some ObservableModel, _ inputs: [Tensor]
  ) throws -> [String: Tensor] {
    var found: [String: Tensor] = [:]
    _ = try model.run(inputs) { found[$0] = $1 }
    return found
  }

  /// The names of what the engine hands out, each like the reference's.
  private func agreeing(_ sketch: EngineSketch) throws -> Set<String> {
    var sketch = sketch
    let inferred = try sketch.graph.inferred()
    let inputs = sketch.graph.inputs.map { input in
      sketch.random(inferred.graph[input.value].type ?? TensorType(.float32, []))
    }
    var engine = try Engine(inferred, weights: sketch)
    var interpreter = try Interpreter(inferred.graph, weights: sketch)
    let expected = try observed(&interpreter, inputs)
    let found = try observed(&engine, inputs)
    for (name, tensor) in found {
      #expect(greatestDifference(tensor, try #require(expected[name])) < 1e-4, "\(name)")
    }
    var times: StepTimes?
    let results = try engine.run(inputs, times: &times)
    for (output, tensor) in zip(engine.outputs, results) {
      #expect(greatestDifference(tensor, try #require(expected[output.name])) < 1e-4)
    }
    return Set(found.keys)
  }

  @Test func `results of groups are handed out, and what is inside a group is not`() throws {
    var sketch = EngineSketch(seed: 81)
    let product = Operator.matrixProduct(MatrixProduct(.matMul))
    let sum = sketch.node(product, sketch.input([3, 8]), sketch.weight([8, 8]))
    let activated = sketch.apply(.relu, sum)
    let second = sketch.node(product, activated, sketch.weight([8, 4]))
    let result = sketch.node(.softmax(Softmax(.softmax, axis: -1)), second)
    sketch.output(result)
    let names = [activated, second, result].map { sketch.graph[$0].name }
    #expect(try agreeing(sketch) == Set(names))
  }

  @Test func `memory that is used again does not change what was handed out`() throws {
    var sketch = EngineSketch(seed: 82)
    var value = sketch.input([6, 16])
    var names: Set<String> = []
    for _ in 0..<6 {
      value = sketch.node(.softmax(Softmax(.softmax, axis: -1)), value)
      names.insert(sketch.graph[value].name)
      value = sketch.node(.movement(.transpose(permutation: [1, 0])), value)
      names.insert(sketch.graph[value].name)
    }
    sketch.output(value)
    #expect(try agreeing(sketch) == names)
  }

  @Test func `channels stored last are handed out in the order of the axes`() throws {
    var sketch = EngineSketch(seed: 83)
    let x = sketch.input([1, 3, 9, 9])
    let convolution = Operator.convolution(
      Convolution(.conv, window: SpatialWindow(padding: .explicit([1, 1, 1, 1]))))
    let first = sketch.node(convolution, x, sketch.weight([8, 3, 3, 3]))
    let second = sketch.node(convolution, first, sketch.weight([8, 8, 3, 3]))
    let joined = sketch.nodes(.movement(.concat(axis: 1)), [first, second])[0]
    sketch.output(sketch.apply(.relu, joined))
    let found = try agreeing(sketch)
    #expect(found.isSuperset(of: [first, second].map { sketch.graph[$0].name }))
  }

  @Test func `values whose extents only a run tells are handed out`() throws {
    var sketch = EngineSketch(seed: 84)
    let chosen = sketch.node(.indexing(.nonZero), sketch.apply(.relu, sketch.input([12])))
    sketch.output(sketch.node(.movement(.transpose(permutation: [1, 0])), chosen))
    #expect(try agreeing(sketch).contains(sketch.graph[chosen].name))
  }
}
