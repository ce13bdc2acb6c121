public import ModelIR
public import TensorTypes

/// Where the bytes of stored tensors come from.
public protocol WeightSource: Sendable {
  /// The elements of a value whose origin is a weight; `nil` when the model comes without them.
  func tensor(of weight: Value) throws(ExecutionError) -> Tensor?
}

/// How a model is run.
public struct ExecutionOptions: Sendable, Hashable {
  public enum Kernels: String, Sendable, Hashable, CaseIterable {
    /// The definition of each operator, one at a time.
    case reference
    /// Fused groups on the host's best instruction set; the reference kernel where there is none.
    case tuned
  }

  public var kernels: Kernels
  /// Threads, the caller included.
  public var threads: Int
  /// A processor for each thread to be pinned to; empty leaves that to the system.
  public var processors: [Int]
  /// Seeds random weights, of models that come without any.
  public var seed: UInt64

  public init(
    kernels: Kernels = .tuned, threads: Int = 1, processors: [Int] = [], seed: UInt64 = 1
  ) {
    self.kernels = kernels
    self.threads = threads
    self.processors = processors
    self.seed = seed
  }
}

/// One kernel of a loaded model, in the order of execution.
public struct ExecutionStep: Sendable, Hashable {
  /// The first node's name in the file.
  public let name: String
  /// "conv.winograd.f32", "reference.TopK".
  public let kernel: String
  /// The operators that it computes, main one first.
  public let operators: [OperatorKind]
  /// The names of the nodes that it computes, in the order of the file.
  public let nodes: [String]
  /// The work of its nodes; `nil` when unknown, which is not zero.
  public let work: Work?

  public init(
    name: String, kernel: String, operators: [OperatorKind], nodes: [String], work: Work?
  ) {
    self.name = name
    self.kernel = kernel
    self.operators = operators
    self.nodes = nodes
    self.work = work
  }
}

/// Bytes that a loaded model holds.
public struct ExecutionMemory: Sendable, Hashable {
  /// Weights as the file stores them, mapped.
  public var mappedWeights: Int
  /// Copies of weights in the kernels' own order, and constants computed at load.
  public var packedWeights: Int
  /// The arena of intermediate results, as planned.
  public var arena: Int
  /// What kernels need besides, for the whole run.
  public var scratch: Int

  public init(mappedWeights: Int = 0, packedWeights: Int = 0, arena: Int = 0, scratch: Int = 0) {
    self.mappedWeights = mappedWeights
    self.packedWeights = packedWeights
    self.arena = arena
    self.scratch = scratch
  }
}

/// When steps of one run began and ended, in nanoseconds of one monotonic clock.
public struct StepTimes: Sendable {
  /// One for each step that ran, in order; a step inside a loop appears once for each turn.
  public var spans: [(step: Int, begin: UInt64, end: UInt64)] = []
  /// Whether to note as well when the pool's workers work, which costs them two readings of the clock
  /// for each part of a job.
  public var tracesWorkers: Bool
  /// One for each job that a worker took part in; workers count from 1, beside the caller.
  public var workers: [(worker: Int, begin: UInt64, end: UInt64)] = []

  public init(tracesWorkers: Bool = false) { self.tracesWorkers = tracesWorkers }

  /// Forgets what was noted, and keeps its memory.
  public mutating func clear() {
    spans.removeAll(keepingCapacity: true)
    workers.removeAll(keepingCapacity: true)
  }
}

/// A model ready to run, again and again. Not to be run from two threads at once.
public protocol ExecutableModel {
  /// Names and types of what a run takes and gives, in the graph's order. A type is `nil` where only
  /// a run tells.
  var inputs: [(name: String, type: TensorType?)] { get }
  var outputs: [(name: String, type: TensorType?)] { get }
  var steps: [ExecutionStep] { get }
  var memory: ExecutionMemory { get }
  /// What the user should know: random weights, operators without a tuned kernel, one line each.
  var notes: [String] { get }

  /// Runs once. Adds to `times` what each step took when it is not `nil`.
  mutating func run(
    _ inputs: [Tensor], times: inout StepTimes?
  ) throws(ExecutionError) -> [Tensor]
}

/// A model that can hand out what its nodes compute, to be compared with another executor.
public protocol ObservableModel: ExecutableModel {
  /// Runs once and tells of every value that exists outside a fused group, by its name in the graph,
  /// as soon as it is computed; a value inside a loop is told of once for each turn.
  mutating func run(
    _ inputs: [Tensor], observing observe: (_ value: String, _ tensor: Tensor) -> Void
  ) throws(ExecutionError) -> [Tensor]
}

/// Why a model cannot be loaded or run.
public enum ExecutionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A node for which there is no kernel of any kind.
  case notExecutable(node: String, operatorName: String, reason: String)
  /// A kernel refused its inputs.
  case node(name: String, operatorName: String, ReferenceError)
  case wrongInput(name: String, expected: String, found: String)
  case missingInput(name: String, type: String)
  case unknownInput(name: String, known: [String])
  /// A type that only a run tells, where loading needs it.
  case unknownType(value: String)
  case weights(value: String, reason: String)
  /// Bytes: what the model needs, and what the machine has.
  case tooLarge(needed: Int, available: Int)
  case threads(Int)

  public var description: String {
    switch self {
    case .notExecutable(let node, let name, let reason): "node '\(node)' (\(name)) \(reason)"
    case .node(let node, let name, let error): "node '\(node)' (\(name)): \(error)"
    case .wrongInput(let name, let expected, let found):
      "input '\(name)' is \(found), expected \(expected)"
    case .missingInput(let name, let type): "input '\(name)' (\(type)) is not given"
    case .unknownInput(let name, let known):
      "the model has no input '\(name)'; it has \(known.joined(separator: ", "))"
    case .unknownType(let value): "the type of '\(value)' follows only from a run"
    case .weights(let value, let reason): "weight '\(value)': \(reason)"
    case .tooLarge(let needed, let available):
      "needs \(needed) bytes of memory, \(available) are available"
    case .threads(let count): "\(count) threads cannot be started"
    }
  }
}
