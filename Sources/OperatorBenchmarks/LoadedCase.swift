import HardwareModel
import ModelIR
import Platform
import Quantities
import ReferenceExecutor
public import TensorTypes

/// One shape of an operator, ready to run on the engine.
struct LoadedCase {
  private let engine: Engine
  private let inputs: [Tensor]
  /// Whether the step's time counts.
  private let counts: [Bool]
  private var times: StepTimes? = StepTimes()
  let kernels: [String]
  private let size: OperatorCost.Observation

  init(
    _ benchmark: OperatorBenchmark, _ written: BenchmarkGraph, threads: Int
  ) throws(OperatorBenchmarkError) {
    func failed(_ error: any Error) -> OperatorBenchmarkError {
      OperatorBenchmarkError(kind: benchmark.kind, variant: benchmark.variant, reason: "\(error)")
    }
    let model: InferredGraph
    do { model = try written.graph.inferred() } catch { throw failed(error) }
    do throws(ExecutionError) {
      engine = try Engine(
        model, weights: NoWeights(), options: ExecutionOptions(threads: threads))
    } catch { throw failed(error) }
    var generator = SeededGenerator(seed: 1)
    inputs = written.feeds.compactMap { feed in
      let numbers = (0..<feed.type.elementCount).map { _ in
        feed.type.dtype.isFloatingPoint
          ? Double.random(in: -1..<1, using: &generator)
          : Double(Int.random(in: feed.range, using: &generator))
      }
      return ReferenceTensor(feed.type, numbers).flatMap { Tensor($0) }
    }
    let subjects = Set(written.subjects)
    counts = engine.steps.map { step in
      if step.nodes.isEmpty { return benchmark.countsCopies }
      guard !subjects.isDisjoint(with: step.nodes) else { return false }
      return benchmark.countsCopies || !step.kernel.hasPrefix("copy.")
    }
    var kernels: [String] = []
    for (step, counts) in zip(engine.steps, counts) where counts && !kernels.contains(step.kernel) {
      kernels.append(step.kernel)
    }
    guard !kernels.isEmpty else { throw failed(EmptyCase()) }
    self.kernels = kernels
    size = Self.size(of: model.graph.nodes.filter { subjects.contains($0.name) }, in: model.graph)
  }

  /// Runs once; the time in the operator.
  mutating func run() throws(ExecutionError) -> Seconds {
    times?.clear()
    _ = try engine.run(inputs, times: &times)
    var total: UInt64 = 0
    for span in times?.spans ?? [] where counts[span.step] { total += span.end - span.begin }
    return Seconds(Double(total) * 1e-9)
  }

  func observation(_ time: Seconds, samples: Int) -> OperatorCost.Observation {
    var observation = size
    observation.time = time
    observation.samples = samples
    return observation
  }

  /// Sums over the nodes under test; elements of the largest.
  private static func size(of nodes: [Node], in graph: Graph) -> OperatorCost.Observation {
    var size = OperatorCost.Observation(
      shape: "", macs: .zero, elements: 0, bytes: .zero, time: .zero, samples: 0)
    for node in nodes {
      let inputs = node.inputs.map { $0.flatMap { id in graph[id].type.map { Operand($0) } } }
      let outputs = node.outputs.map { $0.flatMap { graph[$0].type } }
      // What only a run tells, such as the boxes that are left, is small.
      let work =
        outputs.contains(nil)
        ? Work(inputs: inputs, outputs: outputs)
        : node.op.definition?.work(inputs: inputs, outputs: outputs)
      size.macs += work?.macs ?? .zero
      size.bytes += work?.traffic ?? .zero
      let results = outputs.reduce(0) { $0 + ($1?.elementCount ?? 0) }
      size.elements = max(size.elements, inputs.first??.type.elementCount ?? 0, results)
      guard size.shape.isEmpty else { continue }
      size.shape = inputs.compactMap { $0?.type.dimensions }.filter { !$0.isEmpty }.prefix(2)
        .map { $0.map(String.init).joined(separator: "×") }.joined(separator: ", ")
    }
    return size
  }
}

/// Weights are drawn at random.
private struct NoWeights: WeightSource {
  func tensor(of weight: Value) throws(ExecutionError) -> Tensor? { nil }
}

private struct EmptyCase: Error, CustomStringConvertible {
  var description: String { "the engine has no step for it" }
}

/// A row of the catalogue that cannot be run: a fault of this program.
public struct OperatorBenchmarkError: Error, Hashable, Sendable, CustomStringConvertible {
  public let kind: OperatorKind
  public let variant: String
  public let reason: String

  public var description: String { "\(kind.rawValue) '\(variant)' cannot be timed: \(reason)" }
}
