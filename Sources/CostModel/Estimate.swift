public import HardwareModel
public import ModelIR
public import Quantities
public import TensorTypes

/// What limits a kernel, or a whole run.
public enum Bound: Sendable, Hashable {
  /// The arithmetic rate; a tie with memory counts as compute.
  case compute
  /// The bandwidth of the memory or cache with this name.
  case memory(String)
  /// Starting kernels and entering the runtime.
  case dispatch
  /// Handing tensors to an accelerator and back.
  case link
}

/// Where a kernel runs.
public enum Placement: Sendable, Hashable {
  /// On the unit the user asked for.
  case unit
  /// On the host, because the runtime does not run it on the unit.
  case host
}

/// The time of one kernel and where it comes from.
public struct KernelEstimate: Sendable, Hashable {
  /// The position of the kernel in ``Estimate/plan``.
  public let kernel: Int
  public let placement: Placement
  /// Time of all its repetitions in one run.
  public let time: Seconds
  public let bound: Bound
  public let computeTime: Seconds
  public let memoryTime: Seconds
  public let dispatchTime: Seconds
  /// Bytes that cross from the unit's memory, refetches included.
  public let memoryTraffic: Bytes
  /// Padded over useful work, at least 1.
  public let tileQuantization: Double

  public init(
    kernel: Int, placement: Placement, time: Seconds, bound: Bound, computeTime: Seconds,
    memoryTime: Seconds, dispatchTime: Seconds, memoryTraffic: Bytes, tileQuantization: Double
  ) {
    self.kernel = kernel
    self.placement = placement
    self.time = time
    self.bound = bound
    self.computeTime = computeTime
    self.memoryTime = memoryTime
    self.dispatchTime = dispatchTime
    self.memoryTraffic = memoryTraffic
    self.tileQuantization = tileQuantization
  }
}

/// One tensor handed across a link between two kernels.
public struct Transfer: Sendable, Hashable {
  public let tensor: Workload.TensorID
  public let size: Bytes
  /// The kernel before which it happens; the plan's kernel count for a model output.
  public let beforeKernel: Int
  public let time: Seconds
  public init(tensor: Workload.TensorID, size: Bytes, beforeKernel: Int, time: Seconds) {
    self.tensor = tensor
    self.size = size
    self.beforeKernel = beforeKernel
    self.time = time
  }
}

/// What a run cannot have on the unit it was asked for, priced.
public struct FallbackEstimate: Sendable, Hashable {
  /// Kernels on the host because the runtime does not run them on the unit.
  public let kernelCount: Int
  /// Accelerated parts; 1 is a model that runs on the unit in one piece.
  public let partitionCount: Int
  /// Time on the host, hand-overs and extra entries, over a run wholly on the unit.
  public let cost: Seconds
  /// The operators that caused it, most costly first.
  public let operators: [String]
  /// The same model wholly on the host with the fallback runtime; `nil` when there is none.
  public let hostOnlyLatency: Seconds?
  /// The runtime and precision of that comparison: "ONNX Runtime, int8".
  public let hostOnlyWay: String?
  public init(
    kernelCount: Int, partitionCount: Int, cost: Seconds, operators: [String],
    hostOnlyLatency: Seconds?, hostOnlyWay: String? = nil
  ) {
    self.kernelCount = kernelCount
    self.partitionCount = partitionCount
    self.cost = cost
    self.operators = operators
    self.hostOnlyLatency = hostOnlyLatency
    self.hostOnlyWay = hostOnlyWay
  }
}

/// Whether a model fits one memory of the board.
public struct MemoryFit: Sendable, Hashable {
  public enum Verdict: String, Sendable, Hashable, Codable, Comparable {
    /// With at least a tenth of the memory to spare.
    case fits
    /// It fits, but with less than a tenth to spare, or a part of the need is unknown.
    case marginal
    case doesNotFit
    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rank < rhs.rank }
    private var rank: Int {
      switch self {
      case .fits: 0
      case .marginal: 1
      case .doesNotFit: 2
      }
    }
  }
  public struct Part: Sendable, Hashable {
    public let name: String
    public let size: Bytes
    public init(name: String, size: Bytes) {
      self.name = name
      self.size = size
    }
  }
  public let memory: String
  public let capacity: Bytes
  /// Weights, activations, runtime, operating system: what stands in the memory.
  public let parts: [Part]
  public let verdict: Verdict
  public init(memory: String, capacity: Bytes, parts: [Part], verdict: Verdict) {
    self.memory = memory
    self.capacity = capacity
    self.parts = parts
    self.verdict = verdict
  }
  public var needed: Bytes { parts.reduce(.zero) { $0 + $1.size } }
  /// Bytes left over, negative when it does not fit.
  public var slack: Bytes { capacity - needed }
}

/// The share of a model whose work is known.
public struct Coverage: Sendable, Hashable {
  public let knownSteps: Int
  public let totalSteps: Int
  /// The operators whose work is unknown, without repeats, in the order met.
  public let unknownOperators: [String]
  public init(knownSteps: Int, totalSteps: Int, unknownOperators: [String]) {
    self.knownSteps = knownSteps
    self.totalSteps = totalSteps
    self.unknownOperators = unknownOperators
  }
  public var share: Double { totalSteps == 0 ? 1 : Double(knownSteps) / Double(totalSteps) }
  public var isComplete: Bool { knownSteps == totalSteps }
}

/// A line of a unit's roofline: what it could reach in one dtype, or from one memory.
public enum Ceiling: Sendable, Hashable {
  case compute(DType, FLOPsPerSecond)
  /// A memory or cache by name, at its described bandwidth.
  case bandwidth(String, BytesPerSecond)
}

/// What one model is predicted to do on one deployment.
public struct Estimate: Sendable {
  public let deployment: Deployment
  public let plan: ExecutionPlan
  /// Of one run; a lower bound when ``coverage`` is not complete.
  public let latency: Interval<Seconds>
  public let kernels: [KernelEstimate]
  public let transfers: [Transfer]
  /// Entering the runtime, once a partition.
  public let invocationTime: Seconds
  /// What takes the largest share of the time.
  public let bound: Bound
  /// `nil` when everything runs on the unit.
  public let fallback: FallbackEstimate?
  public let memory: [MemoryFit]
  /// `nil` when the power mode's power is unknown.
  public let energy: Interval<Joules>?
  public let coverage: Coverage
  /// The weakest basis among the numbers that carry the latency.
  public let basis: Basis
  /// The unit's roofline as this run uses it: the dtypes of its kernels, the memories behind them,
  /// outermost first.
  public let ceilings: [Ceiling]
  /// What was taken for granted, in sentences.
  public internal(set) var assumptions: [String]

  public init(
    deployment: Deployment, plan: ExecutionPlan, latency: Interval<Seconds>,
    kernels: [KernelEstimate], transfers: [Transfer], invocationTime: Seconds, bound: Bound,
    fallback: FallbackEstimate?, memory: [MemoryFit], energy: Interval<Joules>?,
    coverage: Coverage, basis: Basis, ceilings: [Ceiling] = [], assumptions: [String]
  ) {
    self.deployment = deployment
    self.plan = plan
    self.latency = latency
    self.kernels = kernels
    self.transfers = transfers
    self.invocationTime = invocationTime
    self.bound = bound
    self.fallback = fallback
    self.memory = memory
    self.energy = energy
    self.coverage = coverage
    self.basis = basis
    self.ceilings = ceilings
    self.assumptions = assumptions
  }

  /// The worst verdict over the board's memories.
  public var fit: MemoryFit.Verdict { memory.map(\.verdict).max() ?? .marginal }
}
