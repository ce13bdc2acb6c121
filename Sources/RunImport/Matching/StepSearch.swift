import ModelIR
import Quantities
import TensorTypes

/// Finds the steps of a workload that the operators of a log compute.
struct StepSearch {
  struct Found {
    var steps: [Int]
    var evidence: OperatorMatching.Evidence
  }

  private let workload: Workload
  private var stepsByName: [String: [Int]] = [:]
  private var producersByTensor: [String: Int] = [:]
  private let producers: [Int?]
  private let consumers: [[Int]]
  /// For each operator.
  private(set) var found: [Found?] = []
  /// For each step, the operator that computes it.
  private(set) var owners: [Int?]

  init(_ workload: Workload) {
    self.workload = workload
    owners = Array(repeating: nil, count: workload.steps.count)
    var producers = [Int?](repeating: nil, count: workload.tensors.count)
    var consumers = [[Int]](repeating: [], count: workload.tensors.count)
    for (index, step) in workload.steps.enumerated() {
      if !step.name.isEmpty { stepsByName[step.name, default: []].append(index) }
      for case let output? in step.outputs where producers.indices.contains(output) {
        producers[output] = index
        producersByTensor[workload.tensors[output].name] = index
      }
      for case let input? in step.inputs where consumers.indices.contains(input) {
        consumers[input].append(index)
      }
    }
    self.producers = producers
    self.consumers = consumers
  }

  func hasWork(_ step: Int) -> Bool {
    guard let work = workload.steps[step].work else { return true }
    return work.flops > .zero
  }

  mutating func match(_ operators: [ImportedOperator]) {
    found = Array(repeating: nil, count: operators.count)
    for (index, op) in operators.enumerated() { matchByName(op, index) }
    for (index, op) in operators.enumerated() where found[index] == nil { matchByOutput(op, index) }
    for (index, op) in operators.enumerated() where found[index] != nil { takeUpstream(op, index) }
    matchByShape(operators)
    takeDownstream()
  }

  private mutating func claim(
    _ steps: [Int], by index: Int, _ evidence: OperatorMatching.Evidence
  ) {
    let free = steps.filter { owners[$0] == nil }
    guard !free.isEmpty else { return }
    for step in free { owners[step] = index }
    if found[index] == nil { found[index] = Found(steps: [], evidence: evidence) }
    found[index]?.steps += free
  }

  /// A runtime may also split a node: a later operator of the same name shares its steps.
  private mutating func matchByName(_ op: ImportedOperator, _ index: Int) {
    var shared: [Int] = []
    for node in op.nodes {
      guard let name = NameVariants.of(node).first(where: { stepsByName[$0] != nil }),
        let steps = stepsByName[name]
      else { continue }
      claim(steps, by: index, .name)
      shared += steps
    }
    if found[index] == nil, !shared.isEmpty { found[index] = Found(steps: shared, evidence: .name) }
  }

  private mutating func matchByOutput(_ op: ImportedOperator, _ index: Int) {
    for tensor in op.outputs + op.nodes.flatMap(NameVariants.of) {
      guard let step = producersByTensor[tensor], owners[step] == nil else { continue }
      claim([step], by: index, .output)
    }
  }

  /// An operator that was found by the end of what it computes also computes what leads there, up to the
  /// step that is the operator itself.
  private mutating func takeUpstream(_ op: ImportedOperator, _ index: Int) {
    let kinds = KindNames.kinds(of: op.kind)
    func isOperator(_ step: Int) -> Bool {
      workload.steps[step].kind.map(kinds.contains) ?? false
    }
    guard !kinds.isEmpty, let found = found[index], !found.steps.contains(where: isOperator),
      var step = found.steps.first
    else { return }
    var chain: [Int] = []
    while !isOperator(step) {
      // The one input that a step computes, and nobody else reads.
      let inputs = workload.steps[step].inputs.compactMap { $0 }.filter { producers[$0] != nil }
      guard
        let input = inputs.first(where: { input in
          consumers[input].count == 1 && producers[input].map { owners[$0] == nil } ?? false
        }), let producer = producers[input], producer < step
      else { return }
      chain.append(producer)
      step = producer
    }
    claim(chain, by: index, found.evidence)
  }

  /// Steps that no operator names, after one that some operator computes: fused into it. A contraction
  /// never is, because a runtime shows those.
  private mutating func takeDownstream() {
    for (index, step) in workload.steps.enumerated()
    where owners[index] == nil && !step.isContraction {
      let inputs = step.inputs.compactMap { $0 }.compactMap { producers[$0] }
      // The latest of its inputs is what it waits for.
      guard let owner = inputs.filter({ owners[$0] != nil }).max().flatMap({ owners[$0] }),
        let evidence = found[owner]?.evidence
      else { continue }
      claim([index], by: owner, evidence)
    }
  }

  /// Operators and steps of one kind and one output shape, in the order of execution.
  private mutating func matchByShape(_ operators: [ImportedOperator]) {
    var free: [Form: [Int]] = [:]
    for (index, step) in workload.steps.enumerated().reversed() where owners[index] == nil {
      guard let kind = step.kind, let output = step.outputs.first ?? nil,
        let type = workload.tensors[output].type
      else { continue }
      free[Form(kind: kind, shape: type.dimensions), default: []].append(index)
    }
    for (index, op) in operators.enumerated() where found[index] == nil && !op.isOverhead {
      guard let shape = op.outputShapes.first else { continue }
      for kind in KindNames.kinds(of: op.kind) {
        guard let step = free[Form(kind: kind, shape: shape)]?.popLast() else { continue }
        claim([step], by: index, .shape)
        break
      }
    }
  }

  private struct Form: Hashable {
    let kind: OperatorKind
    let shape: [Int]
  }
}

extension Workload.Step {
  /// A product of matrices or a convolution.
  fileprivate var isContraction: Bool { (work?.macs ?? .zero) > .zero }
}
