import ModelIR
import Platform
import TensorTypes

/// One run of a model.
struct InterpreterRun {
  var times: StepTimes?
  var observe: ((String, Tensor) -> Void)?

  /// Runs a graph. `bound` are its inputs, in order, then its captured values.
  mutating func outputs(
    of plan: GraphPlan, _ bound: [Tensor?], captures: [Value.ID] = []
  ) throws(ExecutionError) -> [Tensor] {
    let graph = plan.graph
    var values = [Tensor?](repeating: nil, count: graph.values.count)
    for (index, tensor) in plan.weights { values[index] = tensor }
    for (id, tensor) in zip(graph.inputs.map(\.value) + captures, bound) {
      values[id.index] = tensor
    }
    for (index, node) in graph.nodes.enumerated() {
      let inputs = node.inputs.map { $0.flatMap { values[$0.index] } }
      let results = try results(of: node, at: index, in: plan, inputs)
      for (position, output) in node.outputs.enumerated() {
        guard let output else { continue }
        guard position < results.count else {
          throw .node(
            name: node.name, operatorName: node.op.name,
            .inconsistent("\(results.count) of \(node.outputs.count) results"))
        }
        values[output.index] = results[position]
        observe?(graph[output].name, results[position])
      }
      for id in plan.releases[index] { values[id.index] = nil }
    }
    var outputs: [Tensor] = []
    for id in graph.outputs {
      guard let tensor = values[id.index] else { throw .unknownType(value: graph[id].name) }
      outputs.append(tensor)
    }
    return outputs
  }

  private mutating func results(
    of node: Node, at index: Int, in plan: GraphPlan, _ inputs: [Tensor?]
  ) throws(ExecutionError) -> [Tensor] {
    do throws(Failure) {
      let bodies = plan.bodies[index] ?? []
      switch node.op {
      case .conditional(let conditional):
        return try results(of: conditional, bodies, inputs)
      case .loop(let loop): return try results(of: loop, bodies, inputs)
      case .scan(let scan): return try results(of: scan, bodies, inputs)
      case .opaque:
        throw .execution(
          .notExecutable(node: node.name, operatorName: node.op.name, reason: "has no kernel"))
      case .elementwise, .matrixProduct, .einsum, .convolution, .pooling, .normalization, .softmax,
        .reduction, .quantization, .attention, .recurrent, .view, .movement, .indexing, .generator,
        .signal, .geometry:
        let begin = times == nil ? 0 : now()
        let results: [Tensor]
        do throws(ReferenceError) {
          results = try node.op.evaluate(inputs, outputCount: node.outputs.count)
        } catch {
          throw .kernel(error)
        }
        if let step = plan.steps[index] { times?.spans.append((step, begin, now())) }
        return results
      }
    } catch {
      switch error {
      case .kernel(let error):
        throw .node(name: node.name, operatorName: node.op.name, error)
      case .execution(let error): throw error
      }
    }
  }

  /// A failure of the node at hand, or of one inside it.
  enum Failure: Error {
    case kernel(ReferenceError)
    case execution(ExecutionError)
  }

  mutating func run(
    _ plan: GraphPlan, _ subgraph: Subgraph, _ inputs: [Tensor?], _ captured: ArraySlice<Tensor?>
  ) throws(Failure) -> [Tensor] {
    do throws(ExecutionError) {
      return try outputs(of: plan, inputs + captured, captures: subgraph.captures)
    } catch {
      throw .execution(error)
    }
  }
}

/// Nanoseconds of the monotonic clock.
private func now() -> UInt64 {
  var time = timespec()
  _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
