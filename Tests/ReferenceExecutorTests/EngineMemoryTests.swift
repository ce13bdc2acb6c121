import ModelIR
import ReferenceExecutor
import Synchronization
import TensorTypes
import Testing

/// What a loaded model holds, and what it lets go of.
@Suite struct EngineMemoryTests {
  /// Weights that lie in memory of another, at an address that no kernel likes.
  @safe private final class MappedWeights: WeightSource, @unchecked Sendable {
    let returned = Mutex<[Int: [Range<Int>]]>([:])
    private var memory: [Int: UnsafeMutableRawBufferPointer] = unsafe [:]

    init(_ sketch: EngineSketch) throws {
      for value in sketch.graph.values {
        guard let tensor = try sketch.tensor(of: value) else { continue }
        unsafe tensor.withUnsafeBytes { bytes in
          let copy = UnsafeMutableRawBufferPointer.allocate(
            byteCount: bytes.count + 1, alignment: 64)
          unsafe UnsafeMutableRawBufferPointer(rebasing: copy.dropFirst()).copyMemory(from: bytes)
          unsafe memory[value.id.index] = copy
        }
      }
    }

    deinit { unsafe memory.values.forEach { unsafe $0.deallocate() } }

    func tensor(of weight: Value) throws(ExecutionError) -> Tensor? {
      guard let type = weight.type, let bytes = unsafe memory[weight.id.index] else { return nil }
      return unsafe Tensor(
        type, borrowing: UnsafeRawBufferPointer(rebasing: bytes.dropFirst()), from: self
      ) { range in
        self.returned.withLock { $0[weight.id.index, default: []].append(range) }
      }
    }
  }

  private func results(
    _ engine: Engine, _ sketch: EngineSketch, _ inputs: [Tensor]
  ) throws -> Double {
    var times: StepTimes?
    var interpreter = try Interpreter(try sketch.graph.inferred().graph, weights: sketch)
    let expected = try interpreter.run(inputs, times: &times)
    return zip(try engine.run(inputs, times: &times), expected).reduce(0) {
      max($0, greatestDifference($1.0, $1.1))
    }
  }

  @Test func `a weight that is packed is given back to its file`() throws {
    var sketch = EngineSketch(seed: 71)
    let weight = sketch.weight([64, 48])
    sketch.output(
      sketch.node(.matrixProduct(MatrixProduct(.matMul)), sketch.input([3, 64]), weight))
    let weights = try MappedWeights(sketch)
    let engine = try Engine(try sketch.graph.inferred(), weights: weights)
    #expect(weights.returned.withLock { $0[weight.index] } == [0..<64 * 48 * 4])
    #expect(engine.memory.mappedWeights == 0)
    #expect(engine.memory.packedWeights >= 64 * 48 * 4)
    let input = sketch.random(TensorType(.float32, [3, 64]))
    #expect(try results(engine, sketch, [input]) < 1e-5)
  }

  @Test func `a table that rows are picked from stays in its file`() throws {
    var sketch = EngineSketch(seed: 72)
    let (table, index) = (sketch.weight([50, 7]), sketch.input([2], .int64))
    sketch.output(sketch.node(.indexing(.gather(axis: 0)), table, index))
    let engine = try Engine(try sketch.graph.inferred(), weights: try MappedWeights(sketch))
    #expect(engine.memory.mappedWeights == 50 * 7 * 4)
    #expect(engine.memory.packedWeights == 0)
    let input = sketch.tensor(TensorType(.int64, [2]), [49, -50])
    #expect(try results(engine, sketch, [input]) == 0)
  }

  @Test func `a constant that was let go of is there again for who needs it later`() throws {
    var sketch = EngineSketch(seed: 73)
    let x = sketch.input([4, 40])
    let weight = sketch.weight([40, 40])
    let folded = sketch.apply(.exp, sketch.node(.movement(.transpose()), weight))
    let product = Operator.matrixProduct(MatrixProduct(.matMul))
    let first = sketch.node(product, x, folded)
    let second = sketch.node(product, first, weight)
    let third = sketch.node(product, second, folded)
    sketch.output(
      sketch.apply(
        .add, third, sketch.node(.reduction(Reduction(.reduce(.sum, Reduction.Axes([0])))), folded))
    )
    sketch.output(folded)
    let inferred = try sketch.graph.inferred()
    let engine = try Engine(inferred, weights: try MappedWeights(sketch))
    let input = sketch.random(TensorType(.float32, [4, 40]), in: -0.01...0.01)
    #expect(try results(engine, sketch, [input]) < 1e-3)
  }

  @Test func `what is folded is not held besides what it is packed into`() throws {
    var sketch = EngineSketch(seed: 74)
    let weight = sketch.weight([96, 96])
    let product = Operator.matrixProduct(MatrixProduct(.matMul))
    sketch.output(sketch.node(product, sketch.input([1, 96]), weight))
    let plain = try Engine(try sketch.graph.inferred(), weights: sketch)
    var folding = EngineSketch(seed: 74)
    let exponents = folding.apply(.exp, folding.apply(.neg, folding.weight([96, 96])))
    folding.output(folding.node(product, folding.input([1, 96]), exponents))
    let folded = try Engine(try folding.graph.inferred(), weights: folding)
    #expect(folded.memory.packedWeights == plain.memory.packedWeights)
  }

  @Test func `random weights are counted once, however often they are drawn`() throws {
    var sketch = EngineSketch(seed: 75)
    let x = sketch.input([2, 32])
    let weight = Value.ID(sketch.graph.values.count)
    _ = sketch.weight([32, 32])
    let product = Operator.matrixProduct(MatrixProduct(.matMul))
    sketch.output(sketch.node(product, sketch.node(product, x, weight), weight))
    struct Nothing: WeightSource {
      func tensor(of weight: Value) throws(ExecutionError) -> Tensor? { nil }
    }
    let engine = try Engine(try sketch.graph.inferred(), weights: Nothing())
    #expect(engine.notes == ["1 weight has no elements in the file and is random, by seed 1"])
  }

  @Test func `a model that cannot fit is refused before its weights are looked at`() throws {
    var sketch = EngineSketch(seed: 76)
    let (x, weight) = (sketch.input([1, 64, 56, 56]), sketch.weight([64, 64, 3, 3]))
    let convolution = Convolution(
      .conv, window: SpatialWindow(padding: .explicit([1, 1, 1, 1])))
    sketch.output(sketch.node(.convolution(convolution), x, weight))
    let inferred = try sketch.graph.inferred()
    let packed = try Engine(inferred, weights: sketch).memory.packedWeights
    struct Untouchable: WeightSource {
      func tensor(of weight: Value) throws(ExecutionError) -> Tensor? {
        throw .weights(value: weight.name, reason: "is looked at")
      }
    }
    let error = #expect(throws: ExecutionError.self) {
      try Engine(inferred, weights: Untouchable(), availableBytes: packed)
    }
    guard case .tooLarge(let needed, packed) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(needed >= packed + 2 * 64 * 56 * 56 * 4)
    #expect(throws: Never.self) {
      try Engine(inferred, weights: sketch, availableBytes: needed)
    }
  }

  @Test func `large tensors begin as zeros, on a large page where there are such`() {
    let size = 5 << 20
    let tensor = unsafe Tensor(TensorType(.uint8, [size])) { _ in }
    unsafe tensor.withUnsafeBytes { bytes in
      #expect(bytes.count == size)
      #expect(unsafe bytes.allSatisfy { $0 == 0 })
      #if os(Linux)
        let address = Int(bitPattern: bytes.baseAddress)
        #expect(address % (2 << 20) == 0)
      #endif
    }
  }
}
