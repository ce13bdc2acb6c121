public import Quantities
public import TensorTypes

/// One kernel of a run, with what it should do.
public struct MeasuredOperator: Sendable, Hashable {
  /// The first node's name in the file.
  public var name: String
  /// "conv.winograd.f32", "reference.TopK".
  public var kernel: String
  /// The operators that it computes, main one first.
  public var operators: [OperatorKind]
  /// The names of the nodes that it computes.
  public var nodes: [String]
  /// Operations and compulsory traffic of one evaluation; `nil` when unknown, which is not zero.
  public var flops: FLOPs?
  public var traffic: Bytes?

  public init(
    name: String, kernel: String, operators: [OperatorKind], nodes: [String], flops: FLOPs?,
    traffic: Bytes?
  ) {
    self.name = name
    self.kernel = kernel
    self.operators = operators
    self.nodes = nodes
    self.flops = flops
    self.traffic = traffic
  }
}

/// Bytes that a run held.
public struct MeasuredMemory: Sendable, Hashable {
  /// The most that the process ever had in memory, the program itself included.
  public var peakResident: Bytes
  public var weights: Bytes
  public var packed: Bytes
  public var arena: Bytes
  public var scratch: Bytes
  public init(
    peakResident: Bytes, weights: Bytes, packed: Bytes, arena: Bytes, scratch: Bytes
  ) {
    self.peakResident = peakResident
    self.weights = weights
    self.packed = packed
    self.arena = arena
    self.scratch = scratch
  }
}

/// One model, run again and again on this host.
public struct MeasuredRun: Sendable {
  public var model: String
  /// "reference", "tuned".
  public var kernels: String
  public var threads: Int
  /// The processors that threads were pinned to; empty when the system placed them.
  public var processors: [Int]
  public var plan: RunPlan
  /// From the file's bytes to a model that can run.
  public var loadTime: Seconds
  public var samples: Samples
  public var operators: [MeasuredOperator]
  public var memory: MeasuredMemory
  public var host: HostFacts
  public var before: HostConditions
  public var after: HostConditions
  /// What the executor has to say: random weights, operators without a tuned kernel.
  public var notes: [String]

  public init(
    model: String, kernels: String, threads: Int, processors: [Int], plan: RunPlan,
    loadTime: Seconds, samples: Samples, operators: [MeasuredOperator], memory: MeasuredMemory,
    host: HostFacts, before: HostConditions, after: HostConditions, notes: [String] = []
  ) {
    self.model = model
    self.kernels = kernels
    self.threads = threads
    self.processors = processors
    self.plan = plan
    self.loadTime = loadTime
    self.samples = samples
    self.operators = operators
    self.memory = memory
    self.host = host
    self.before = before
    self.after = after
    self.notes = notes
  }

  /// End to end; `nil` when it was stopped before the first sample.
  public var latency: Distribution? { Distribution(samples.plain) }

  /// The median of each operator, in the order of execution; `nil` when nothing was profiled.
  public var operatorMedians: [Seconds]? {
    let medians = samples.stepMedians(count: operators.count)
    return medians.isEmpty && !operators.isEmpty ? nil : medians
  }

  /// Why the figures may not be those of an idle machine in its normal state.
  public var warnings: [RunWarning] {
    RunWarning.of(samples, threads: threads, host: host, before: before, after: after)
  }
}
