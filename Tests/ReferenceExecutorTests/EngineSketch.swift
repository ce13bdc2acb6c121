import ModelIR
import Platform
import ReferenceExecutor
import TensorTypes
import TestSupport

/// Writes graphs node by node, with weights at hand.
struct EngineSketch: WeightSource {
  private(set) var graph = Graph(name: "sketch")
  private var tensors: [Int: Tensor] = [:]
  private var generator: SeededGenerator

  init(seed: UInt64 = 1) { generator = SeededGenerator(seed: seed) }

  func tensor(of weight: Value) throws(ExecutionError) -> Tensor? { tensors[weight.id.index] }

  mutating func input(_ dimensions: [Int], _ dtype: DType = .float32) -> Value.ID {
    let type = TensorType(dtype, dimensions)
    let id = add(type, .input, "input \(graph.inputs.count)")
    graph.inputs.append(
      GraphInput(value: id, dtype: dtype, shape: Shape(dimensions.map { .fixed($0) })))
    return id
  }

  /// A weight of small random numbers.
  mutating func weight(_ dimensions: [Int], in range: ClosedRange<Double> = -1...1) -> Value.ID {
    weight(random(TensorType(.float32, dimensions), in: range))
  }

  mutating func weight(_ tensor: Tensor) -> Value.ID {
    let id = add(tensor.type, .weight(.absent), "weight \(graph.values.count)")
    tensors[id.index] = tensor
    return id
  }

  mutating func literal(_ literal: TensorLiteral) -> Value.ID {
    let id = add(literal.type, .weight(.absent), "literal \(graph.values.count)")
    graph[id].literal = literal
    graph[id].isConstant = true
    if let numbers = ReferenceTensor<Double>(literal) { tensors[id.index] = Tensor(numbers) }
    return id
  }

  mutating func scalar(_ value: Double) -> Value.ID {
    guard let literal = TensorLiteral(TensorType(.float32, []), .reals([value])) else {
      return weight([])
    }
    return self.literal(literal)
  }

  mutating func vector(_ values: [Int]) -> Value.ID { literal(TensorLiteral(vector: values)) }

  /// The results of a node.
  mutating func nodes(_ op: Operator, _ inputs: [Value.ID?], outputs: Int = 1) -> [Value.ID] {
    let id = Node.ID(graph.nodes.count)
    let results = (0..<outputs).map { add(nil, .node(id), "result \(id.index).\($0)") }
    graph.nodes.append(
      Node(id: id, name: "node \(id.index)", op: op, inputs: inputs, outputs: results))
    return results
  }

  mutating func node(_ op: Operator, _ inputs: Value.ID?...) -> Value.ID {
    nodes(op, inputs)[0]
  }

  mutating func apply(_ function: Elementwise.Function, _ inputs: Value.ID?...) -> Value.ID {
    nodes(.elementwise(Elementwise(function)), inputs)[0]
  }

  mutating func output(_ id: Value.ID) { graph.outputs.append(id) }

  mutating func random(_ type: TensorType, in range: ClosedRange<Double> = -1...1) -> Tensor {
    let numbers = (0..<type.elementCount).map { _ in
      Double(Float(Double.random(in: range, using: &generator)))
    }
    return tensor(type, numbers)
  }

  func tensor(_ type: TensorType, _ numbers: [Double]) -> Tensor {
    if let tensor = ReferenceTensor<Double>(type, numbers).flatMap({ Tensor($0) }) { return tensor }
    return unsafe Tensor(type) { _ in }
  }

  private mutating func add(
    _ type: TensorType?, _ origin: Value.Origin, _ name: String
  ) -> Value.ID {
    let id = Value.ID(graph.values.count)
    graph.values.append(Value(id: id, name: name, origin: origin, type: type))
    return id
  }
}

/// What a graph gives on both kinds of kernels.
struct EngineComparison {
  let engine: Engine
  let results: [Tensor]
  let expected: [Tensor]

  /// - Parameter inputs: Random numbers when `nil`.
  init(_ sketch: EngineSketch, inputs: [Tensor]? = nil, threads: Int = 1) throws {
    var sketch = sketch
    let inferred = try sketch.graph.inferred()
    let given =
      inputs
      ?? sketch.graph.inputs.map { input in
        sketch.random(inferred.graph[input.value].type ?? TensorType(.float32, []))
      }
    var times: StepTimes?
    engine = try Engine(inferred, weights: sketch, options: ExecutionOptions(threads: threads))
    results = try engine.run(given, times: &times)
    var interpreter = try Interpreter(inferred.graph, weights: sketch)
    expected = try interpreter.run(given, times: &times)
  }

  var kernels: [String] { engine.steps.map(\.kernel) }

  /// The greatest difference of an element from what is expected, relative where that is above 1;
  /// infinite where types, or what is no number, differ.
  var difference: Double {
    guard results.map(\.type) == expected.map(\.type) else { return .infinity }
    return zip(results, expected).reduce(0) { worst, pair in
      max(worst, greatestDifference(pair.0, pair.1))
    }
  }
}

func greatestDifference(_ one: Tensor, _ other: Tensor) -> Double {
  guard one.type == other.type else { return .infinity }
  guard let one = one.reals, let other = other.reals else {
    return one.bytes == other.bytes ? 0 : .infinity
  }
  return zip(one.elements, other.elements).reduce(0) { worst, pair in
    let (value, expected) = pair
    if value == expected || value.isNaN && expected.isNaN { return worst }
    let difference = abs(value - expected) / max(1, abs(expected))
    return difference.isNaN ? .infinity : max(worst, difference)
  }
}

extension Tensor {
  fileprivate var bytes: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }
}
