import CKernels
public import ModelIR
import Quantities
public import TensorTypes

/// A model on tuned kernels: nodes fused into groups, weights packed, memory planned at load.
public final class Engine: ExecutableModel {
  public let inputs: [(name: String, type: TensorType?)]
  public let outputs: [(name: String, type: TensorType?)]
  public let steps: [ExecutionStep]
  public let memory: ExecutionMemory
  public let notes: [String]

  let machine: Machine
  private let instructions: [any Instruction]
  private let binding: InputBinding
  let graph: Graph
  /// By the step after which they are looked at.
  let observations: [Int: [Observation]]
  /// A storage that no instruction uses.
  let copyStorage: Int
  /// The storage of each input that instructions read, and of each output that they write.
  private let inputStorages: [(position: Int, storage: Int)]
  private let outputStorages: [(position: Int, storage: Int)]
  private let results: [ResultPlace]
  /// Memory of the last results, taken again when the caller has let go of it.
  private var resultMemory: [TensorStorage?]
  private let retained: [TensorStorage]
  private let arena: TensorStorage

  /// Where an output of the model comes from.
  enum ResultPlace {
    case written(TensorType)
    case constant(Tensor)
    case input(Int)
    case dynamic(Value.ID)
  }

  /// Refuses a model that needs more than `availableBytes`, before weights are packed as far as the
  /// graph's types tell, and before its arena is made.
  public init(
    _ model: InferredGraph, weights: any WeightSource,
    options: ExecutionOptions = ExecutionOptions(), availableBytes: Int? = nil
  ) throws(ExecutionError) {
    let lowering = try Lowering(model.graph, weights: weights, options: options)
    try lowering.checkMemory(available: availableBytes)
    let results = try lowering.lowerAll()
    let plan = try lowering.placed(within: availableBytes)
    graph = model.graph
    machine = lowering.machine
    instructions = lowering.steps.map(\.instruction)
    steps = lowering.steps.map(\.step)
    notes = lowering.notes
    binding = InputBinding(graph)
    self.results = results
    memory = plan.memory
    arena = plan.arena
    retained = plan.retained
    observations = Dictionary(grouping: lowering.observations, by: \.step)
    copyStorage = lowering.storages.count
    inputStorages = plan.inputs
    outputStorages = plan.outputs
    resultMemory = Array(repeating: nil, count: results.count)
    inputs = graph.inputs.map { [graph] in (graph[$0.value].name, graph[$0.value].type) }
    outputs = graph.outputs.map { [graph] in (graph[$0].name, graph[$0].type) }
  }

  public func run(
    _ inputs: [Tensor], times: inout StepTimes?
  ) throws(ExecutionError) -> [Tensor] {
    try begin(inputs)
    if times == nil {
      for index in instructions.indices { try step(index) }
    } else {
      let traces = times?.tracesWorkers == true && machine.startTrace(stepCount: steps.count)
      defer { if traces { machine.stopTrace(into: &times) } }
      for index in instructions.indices {
        let begin = monotonicNanoseconds()
        try step(index)
        times?.spans.append((index, begin, monotonicNanoseconds()))
      }
    }
    return try collected(inputs)
  }

  /// Checks the inputs and tells the instructions where they, and the results, are.
  func begin(_ inputs: [Tensor]) throws(ExecutionError) {
    try binding.check(inputs, against: graph)
    for (position, storage) in inputStorages {
      unsafe machine.setBase(
        of: storage, inputs[position].storage.bytes.baseAddress)
    }
    for (position, storage) in outputStorages {
      unsafe machine.setBase(
        of: storage, resultStorage(position).bytes.baseAddress)
    }
    for (position, input) in graph.inputs.enumerated() where input.type(in: graph) == nil {
      machine.tensors[input.value.index] = inputs[position]
    }
  }

  @inline(__always)
  func step(_ index: Int) throws(ExecutionError) {
    do throws(ReferenceError) {
      try instructions[index].run(machine)
    } catch {
      throw .node(
        name: steps[index].name, operatorName: steps[index].operators.first?.rawValue ?? "", error)
    }
  }

  private func resultStorage(_ position: Int) -> TensorStorage {
    if resultMemory[position] != nil, isKnownUniquelyReferenced(&resultMemory[position]),
      let memory = resultMemory[position]
    {
      return memory
    }
    var size = 0
    if case .written(let type) = results[position] { size = type.storageSize.rawValue }
    let memory = TensorStorage(byteCount: size)
    resultMemory[position] = memory
    return memory
  }

  func collected(_ inputs: [Tensor]) throws(ExecutionError) -> [Tensor] {
    var tensors: [Tensor] = []
    for (position, place) in results.enumerated() {
      switch place {
      case .written(let type):
        guard let storage = resultMemory[position] else { continue }
        tensors.append(Tensor(type, sharing: storage))
      case .constant(let tensor): tensors.append(tensor)
      case .input(let input): tensors.append(inputs[input])
      case .dynamic(let id):
        guard let tensor = machine.tensors[id.index] else {
          throw .unknownType(value: graph[id].name)
        }
        tensors.append(tensor)
      }
    }
    machine.tensors.removeAll(keepingCapacity: true)
    return tensors
  }
}

extension GraphInput {
  fileprivate func type(in graph: Graph) -> TensorType? { graph[value].type }
}
