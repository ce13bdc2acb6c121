import ModelIR
import ReferenceExecutor
import TensorTypes
import TestSupport
import Testing

/// Attention as exporters write it.
@Suite struct EngineAttentionTests {
  @Test(arguments: [false, true])
  func `heads are taken apart, attended and joined without a copy`(hasMask: Bool) throws {
    var sketch = EngineSketch(seed: 21)
    let rows = sketch.input([2, 5, 24])
    func heads(_ permutation: [Int]) -> Value.ID {
      let projected = sketch.node(
        .matrixProduct(MatrixProduct(.matMul)), rows, sketch.weight([24, 24]))
      let split = sketch.node(.view(.reshape()), projected, sketch.vector([2, 5, 3, 8]))
      return sketch.node(.movement(.transpose(permutation: permutation)), split)
    }
    let (query, key, value) = (heads([0, 2, 1, 3]), heads([0, 2, 3, 1]), heads([0, 2, 1, 3]))
    var scores = sketch.node(.matrixProduct(MatrixProduct(.matMul)), query, key)
    scores = sketch.apply(.div, scores, sketch.scalar(8.0.squareRoot()))
    if hasMask { scores = sketch.apply(.add, scores, sketch.input([2, 1, 1, 5])) }
    let weights = sketch.node(.softmax(Softmax(.softmax, axis: -1)), scores)
    let context = sketch.node(.matrixProduct(MatrixProduct(.matMul)), weights, value)
    let joined = sketch.node(
      .view(.reshape()),
      sketch.node(.movement(.transpose(permutation: [0, 2, 1, 3])), context),
      sketch.vector([2, 5, 24]))
    sketch.output(
      sketch.node(.matrixProduct(MatrixProduct(.matMul)), joined, sketch.weight([24, 24])))
    let comparison = try EngineComparison(sketch)
    #expect(
      comparison.kernels == ["gemm.f32", "gemm.f32", "gemm.f32", "attention.f32", "gemm.f32"])
    #expect(comparison.difference < 1e-5)
  }

  @Test func `heads of keys and values that queries share are not repeated`() throws {
    var sketch = EngineSketch(seed: 22)
    let query = sketch.input([1, 6, 4, 8])
    func repeated(_ source: Value.ID) -> Value.ID {
      let narrow = sketch.node(.view(.unsqueeze()), source, sketch.vector([2]))
      let wide = sketch.node(.movement(.expand), narrow, sketch.vector([1, 2, 3, 7, 8]))
      return sketch.node(.view(.reshape()), wide, sketch.vector([1, 6, 7, 8]))
    }
    let key = repeated(sketch.input([1, 2, 7, 8]))
    let value = repeated(sketch.input([1, 2, 7, 8]))
    let columns = sketch.node(.movement(.transpose(permutation: [0, 1, 3, 2])), key)
    let scores = sketch.node(.matrixProduct(MatrixProduct(.matMul)), query, columns)
    let masked = sketch.apply(
      .add, sketch.apply(.mul, scores, sketch.scalar(0.3)), sketch.input([1, 1, 4, 7]))
    let weights = sketch.node(.softmax(Softmax(.softmax, axis: -1)), masked)
    sketch.output(sketch.node(.matrixProduct(MatrixProduct(.matMul)), weights, value))
    let comparison = try EngineComparison(sketch)
    #expect(comparison.kernels == ["attention.f32"])
    #expect(comparison.difference < 1e-5)
  }

  @Test func `scores that are also a result stay in memory`() throws {
    var sketch = EngineSketch(seed: 23)
    let (query, key) = (sketch.input([2, 4, 8]), sketch.input([2, 8, 6]))
    let scores = sketch.node(.matrixProduct(MatrixProduct(.matMul)), query, key)
    let weights = sketch.node(.softmax(Softmax(.softmax, axis: -1)), scores)
    sketch.output(weights)
    sketch.output(
      sketch.node(.matrixProduct(MatrixProduct(.matMul)), weights, sketch.input([2, 6, 3])))
    let comparison = try EngineComparison(sketch)
    #expect(!comparison.kernels.contains("attention.f32"))
    #expect(comparison.difference < 1e-5)
  }

  @Test func `attention that is one operator runs as one kernel`() throws {
    var sketch = EngineSketch(seed: 24)
    // Some rows of queries see no key at all.
    let mask = sketch.apply(.greater, sketch.input([2, 1, 5, 1]), sketch.scalar(0))
    let operation = Attention(
      .scaledDotProduct(
        queryHeads: 4, keyValueHeads: 2, Attention.Scoring(isCausal: true, softcap: 2)))
    let results = sketch.nodes(
      .attention(operation),
      [
        sketch.input([2, 5, 32]), sketch.input([2, 5, 16]), sketch.input([2, 5, 6]), mask,
        sketch.input([2, 2, 3, 8]), sketch.input([2, 2, 3, 3]),
      ], outputs: 3)
    for result in results { sketch.output(result) }
    let comparison = try EngineComparison(sketch)
    #expect(comparison.kernels.contains("attention.f32"))
    #expect(!comparison.kernels.contains { $0.hasPrefix("reference.Attention") })
    #expect(comparison.difference < 1e-5)
  }

  @Test func `attention over heads side by side needs no copy`() throws {
    var sketch = EngineSketch(seed: 25)
    sketch.output(
      sketch.node(
        .attention(Attention(.multiHead(heads: 2, Attention.Scoring()))), sketch.input([3, 4, 16]),
        sketch.input([3, 7, 16]), sketch.input([3, 7, 6])))
    let comparison = try EngineComparison(sketch)
    #expect(comparison.kernels == ["attention.f32"])
    #expect(comparison.difference < 1e-5)
  }

  @Test func `scores of an operator that somebody needs are made by the reference kernel`() throws {
    var sketch = EngineSketch(seed: 26)
    let operation = Attention(
      .scaledDotProduct(queryHeads: nil, keyValueHeads: nil, Attention.Scoring()))
    let results = sketch.nodes(
      .attention(operation),
      [sketch.input([1, 2, 4, 8]), sketch.input([1, 2, 4, 8]), sketch.input([1, 2, 4, 8])],
      outputs: 4)
    sketch.output(results[0])
    sketch.output(results[3])
    let comparison = try EngineComparison(sketch)
    #expect(comparison.kernels == ["reference.Attention"])
    #expect(comparison.difference < 1e-6)
  }
}
