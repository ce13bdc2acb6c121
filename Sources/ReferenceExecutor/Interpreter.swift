public import ModelIR
import Quantities
public import TensorTypes

/// A model run node by node with reference kernels: the meaning of the graph, not its speed. Types
/// are found as it runs, so shapes and trip counts may depend on the data; each value is let go
/// after its last use.
public struct Interpreter: ObservableModel {
  public let inputs: [(name: String, type: TensorType?)]
  public let outputs: [(name: String, type: TensorType?)]
  public let steps: [ExecutionStep]
  public let memory: ExecutionMemory
  public let notes: [String]

  private let plan: GraphPlan
  private let binding: InputBinding

  /// Loads weights; those that the model comes without are drawn at random. Types that the graph
  /// has, from the file or from inference, are what inputs are checked against. Refuses a model
  /// that needs more than `availableBytes`, as far as the graph's types tell.
  public init(
    _ graph: Graph, weights: any WeightSource, options: ExecutionOptions = ExecutionOptions(),
    availableBytes: Int? = nil
  ) throws(ExecutionError) {
    var estimate = MemoryEstimate()
    estimate.add(graph, depth: 0)
    let available = availableBytes ?? MemoryEstimate.availableBytes ?? .max
    guard estimate.total <= available else {
      throw .tooLarge(needed: estimate.total, available: available)
    }
    var loader = Loader(weights: weights, seed: options.seed)
    plan = try loader.plan(graph, depth: 0)
    steps = loader.steps
    notes = loader.notes
    memory = ExecutionMemory(
      mappedWeights: estimate.mapped, packedWeights: estimate.decoded, arena: estimate.arena,
      scratch: estimate.scratch)
    let binding = InputBinding(graph)
    self.binding = binding
    inputs = graph.inputs.map { (graph[$0.value].name, binding.type(of: $0, in: graph)) }
    outputs = graph.outputs.map { (graph[$0].name, graph[$0].type) }
  }

  public mutating func run(
    _ inputs: [Tensor], times: inout StepTimes?
  ) throws(ExecutionError) -> [Tensor] {
    try binding.check(inputs, against: plan.graph)
    var run = InterpreterRun(times: times)
    defer { times = run.times }
    return try run.outputs(of: plan, inputs.map { $0 })
  }

  public mutating func run(
    _ inputs: [Tensor], observing observe: (_ value: String, _ tensor: Tensor) -> Void
  ) throws(ExecutionError) -> [Tensor] {
    try binding.check(inputs, against: plan.graph)
    return try withoutActuallyEscaping(observe) { observe throws(ExecutionError) in
      var run = InterpreterRun(times: nil, observe: observe)
      return try run.outputs(of: plan, inputs.map { $0 })
    }
  }
}

/// A graph ready to run.
struct GraphPlan: Sendable {
  let graph: Graph
  /// The elements of weights, by the position of their value.
  let weights: [Int: Tensor]
  /// The values that each node is the last to use.
  let releases: [[Value.ID]]
  /// The step of each node; `nil` for control flow.
  let steps: [Int?]
  /// The graphs inside each control-flow node.
  let bodies: [Int: [GraphPlan]]
}
