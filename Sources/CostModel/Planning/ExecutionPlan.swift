public import HardwareModel
public import ModelIR
public import Quantities
public import TensorTypes

/// A model as one runtime would run it: steps fused into kernels, kernels placed, tensors given
/// their storage and their place in the arena. It depends on no board's numbers, so that one plan
/// serves every board, power mode and thread count of the same runtime and kind of unit.
public struct ExecutionPlan: Sendable, Hashable {
  /// Steps that run as one: the unit of dispatch and of memory traffic.
  public struct Kernel: Sendable, Hashable {
    /// The name of its main step.
    public var name: String
    /// Positions in ``Workload/steps``, in order.
    public var steps: [Int]
    /// The main step's operator: `Conv`.
    public var operatorName: String
    public var kernelClass: KernelClass
    public var placement: Placement
    /// The dtype it multiplies in.
    public var computes: DType
    /// Arithmetic of one evaluation, requantization included.
    public var macs: MACs
    public var otherOperations: FLOPs
    /// The part of them that follows a contraction inside the kernel.
    public var epilogue: Epilogue
    /// Rows, columns and depth of the contraction, one group's; `nil` for other kernels.
    public var contraction: Contraction?
    /// Activations read and written, without what stays inside the kernel.
    public var reads: [Operand]
    public var writes: [Operand]
    /// Weights read.
    public var weights: [Operand]
    /// Evaluations in one run.
    public var repetitions: Int
    /// Whether all its steps' work is known; if not, its figures are lower bounds.
    public var isKnown: Bool

    public init(
      name: String, steps: [Int], operatorName: String, kernelClass: KernelClass,
      placement: Placement, computes: DType, macs: MACs, otherOperations: FLOPs,
      epilogue: Epilogue = Epilogue(), contraction: Contraction?, reads: [Operand],
      writes: [Operand], weights: [Operand],
      repetitions: Int, isKnown: Bool
    ) {
      self.name = name
      self.steps = steps
      self.operatorName = operatorName
      self.kernelClass = kernelClass
      self.placement = placement
      self.computes = computes
      self.macs = macs
      self.otherOperations = otherOperations
      self.epilogue = epilogue
      self.contraction = contraction
      self.reads = reads
      self.writes = writes
      self.weights = weights
      self.repetitions = repetitions
      self.isKnown = isKnown
    }

    public var flops: FLOPs { FLOPs(macs) + otherOperations }
    public var readSize: Bytes { reads.reduce(.zero) { $0 + $1.size } }
    public var writeSize: Bytes { writes.reduce(.zero) { $0 + $1.size } }
    public var weightSize: Bytes { weights.reduce(.zero) { $0 + $1.size } }
    /// A view that shares its input's bytes: nothing is started and nothing moves.
    public var isFree: Bool {
      compulsoryTraffic == .zero && flops == .zero && kernelClass == .movement
    }
    /// Each outside operand once: activations in, weights in, activations out.
    public var compulsoryTraffic: Bytes { readSize + writeSize + weightSize }
    /// Operations per byte of compulsory traffic.
    public var arithmeticIntensity: ArithmeticIntensity { flops / compulsoryTraffic }
  }

  /// A tensor as a kernel touches it.
  public struct Operand: Sendable, Hashable {
    public var tensor: Workload.TensorID
    /// Bytes touched, which for a gather or slice is less than the tensor.
    public var size: Bytes
    public init(tensor: Workload.TensorID, size: Bytes) {
      self.tensor = tensor
      self.size = size
    }
  }

  /// A matrix product's extents: `m` rows, `n` columns, `k` products a sum, `groups` times.
  public struct Contraction: Sendable, Hashable {
    public var m: Int
    public var n: Int
    public var k: Int
    public var groups: Int
    public init(m: Int, n: Int, k: Int, groups: Int) {
      self.m = m
      self.n = n
      self.k = k
      self.groups = groups
    }
  }

  public let workload: Workload
  public let runtime: Runtime.ID
  public let precision: Precision
  public let kernels: [Kernel]
  /// Bytes of each tensor of the workload in this plan's precision; zero where unknown.
  public let tensorSizes: [Bytes]
  /// All weights, each once, as stored in this precision.
  public let weightSize: Bytes
  public let arena: ArenaPlan
  public let coverage: Coverage
  /// The operators that the runtime does not run on the unit, without repeats, in the order met.
  public let unsupportedOperators: [String]
  public let assumptions: [String]
  /// What each kernel asks of a unit.
  let demandTable: [KernelDemand]

  public init(
    workload: Workload, runtime: Runtime.ID, precision: Precision, kernels: [Kernel],
    tensorSizes: [Bytes], weightSize: Bytes, arena: ArenaPlan, coverage: Coverage,
    unsupportedOperators: [String] = [], assumptions: [String]
  ) {
    self.workload = workload
    self.runtime = runtime
    self.precision = precision
    self.kernels = kernels
    self.tensorSizes = tensorSizes
    self.weightSize = weightSize
    self.arena = arena
    self.coverage = coverage
    self.unsupportedOperators = unsupportedOperators
    self.assumptions = assumptions
    self.demandTable = kernels.demands
  }
}
