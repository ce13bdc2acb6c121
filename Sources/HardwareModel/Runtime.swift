public import Quantities
public import TensorTypes

/// What the software does with a board: operator support, fusion, partitions, memory policy and
/// the shares of peak its kernels reach. One YAML file under `HardwareProfiles/runtimes`.
public struct Runtime: Sendable, Hashable, Identifiable {
  /// The file's name without its extension: `tflite-xnnpack`.
  public let id: String
  public let name: String
  /// The version the figures describe.
  public let version: String
  /// The runtime that takes what this one does not support, on the host; `nil` when there is none.
  public let fallback: Runtime.ID?
  public let operators: OperatorSupport
  public let fusion: Set<FusionRule>
  public let partition: PartitionRule
  public let memory: MemoryPolicy
  /// One section a kind of unit that the runtime drives.
  public let kernels: [UnitKind: KernelProfile]

  public init(
    id: String, name: String, version: String, fallback: Runtime.ID?, operators: OperatorSupport,
    fusion: Set<FusionRule>, partition: PartitionRule, memory: MemoryPolicy,
    kernels: [UnitKind: KernelProfile]
  ) {
    self.id = id
    self.name = name
    self.version = version
    self.fallback = fallback
    self.operators = operators
    self.fusion = fusion
    self.partition = partition
    self.memory = memory
    self.kernels = kernels
  }
}

/// Which operators a runtime runs.
public struct OperatorSupport: Sendable, Hashable {
  public struct Rule: Sendable, Hashable {
    public enum Level: String, Sendable, Hashable, Codable, CaseIterable {
      case yes
      /// Supported under conditions that the profile states in words but cannot check.
      case partial
      case no
    }
    public let level: Level
    /// Dtypes it runs; `nil` is every dtype of the unit.
    public let dtypes: Set<DType>?
    /// The conditions, in words.
    public let note: String?
    public init(level: Level, dtypes: Set<DType>? = nil, note: String? = nil) {
      self.level = level
      self.dtypes = dtypes
      self.note = note
    }
  }

  /// Listed operators; what is not listed falls under `unlisted`.
  public let rules: [OperatorKind: Rule]
  public enum Unlisted: String, Sendable, Hashable, Codable, CaseIterable {
    /// The list is complete: what is missing is not supported.
    case unsupported
    /// Nobody published a list: what is missing is taken as supported, and every estimate says so.
    case unknown
  }
  public let unlisted: Unlisted
  /// Where the list was read.
  public let source: String
  public init(rules: [OperatorKind: Rule], unlisted: Unlisted, source: String) {
    self.rules = rules
    self.unlisted = unlisted
    self.source = source
  }
}

/// Which neighbours become one kernel.
public enum FusionRule: String, Sendable, Hashable, Codable, CaseIterable {
  /// Batch normalization into the weights of the contraction before it.
  case foldBatchNormalization = "fold_batch_normalization"
  /// A bias addition into the contraction before it.
  case bias
  /// ReLU, ReLU6, Clip into the contraction or addition before it.
  case clampActivation = "clamp_activation"
  /// Any activation into the contraction before it: ReLU, Clip, sigmoid, SiLU, HardSwish, GELU, tanh.
  case anyActivation = "any_activation"
  /// A residual addition into the contraction before it.
  case residual
  /// Chains of elementwise operators into one pass.
  case elementwiseChain = "elementwise_chain"
  /// Quantize and dequantize around an operator into its integer kernel.
  case quantization
  /// Dequantized operands into the product of them, which multiplies integers and hands on real numbers.
  case integerProduct = "integer_product"
  /// Padding into the convolution or pooling after it.
  case padding
  /// Operators that make up layer or RMS normalization into one kernel.
  case normalization
  /// GELU, SiLU and other activations written as several operators into one kernel.
  case compositeActivation = "composite_activation"
  /// Scores, softmax and weighting of attention into one kernel.
  case attention
}

/// How the parts that a runtime supports become accelerated partitions.
public enum PartitionRule: String, Sendable, Hashable, Codable, CaseIterable {
  /// Every connected supported part is accelerated, each at the price of a hand-over.
  case any
  /// Only the part before the first unsupported operator.
  case prefix
  /// All of the model or none of it.
  case wholeModel = "whole_model"
}

/// How a runtime finds the offsets of its buffers.
public enum ArenaPlacementRule: String, Sendable, Hashable, CaseIterable {
  /// The smallest arena that a search finds.
  case smallest
  /// Largest first, each into the lowest gap; of equal ones the one that is made last.
  case greedyBySize = "greedy_by_size"
}

/// How a runtime lays intermediates out in memory.
public struct MemoryPolicy: Sendable, Hashable {
  /// Whether reshapes and the like share their input's bytes.
  public let aliasesViews: Bool
  /// Whether an elementwise result may overwrite its dying input.
  public let reusesInputs: Bool
  /// Byte alignment of each tensor.
  public let alignment: Int
  public let placement: ArenaPlacementRule
  /// Whether weights are repacked into a second copy at load.
  public let repacksWeights: Bool
  /// Code, tables and bookkeeping of the runtime itself; `nil` is unknown.
  public let base: Sourced<Bytes>?
  public init(
    aliasesViews: Bool, reusesInputs: Bool, alignment: Int, repacksWeights: Bool,
    base: Sourced<Bytes>?, placement: ArenaPlacementRule = .smallest
  ) {
    self.placement = placement
    self.aliasesViews = aliasesViews
    self.reusesInputs = reusesInputs
    self.alignment = alignment
    self.repacksWeights = repacksWeights
    self.base = base
  }
}

/// The speed of a runtime's kernels on one kind of unit.
public struct KernelProfile: Sendable, Hashable {
  /// The dtypes in which kernels compute, preferred first; a graph in another is converted.
  public let computes: [DType]
  /// Fixed time to start one kernel.
  public let dispatchOverhead: Sourced<Seconds>
  /// Fixed time of one run: entry, synchronisation, output.
  public let invocationOverhead: Sourced<Seconds>
  /// Achieved over peak arithmetic rate, by kernel class; each class has an entry.
  public let computeEfficiency: [KernelClass: Sourced<Factor>]
  /// The same where a dtype is known to differ; the dtype's entries come first.
  public let dtypeEfficiency: [DType: [KernelClass: Sourced<Factor>]]
  /// Achieved over described memory bandwidth.
  public let bandwidthEfficiency: Sourced<Factor>
  /// The same for weights, which are read once from end to end; `nil` is as for activations.
  public let weightBandwidthEfficiency: Sourced<Factor>?
  public init(
    computes: [DType], dispatchOverhead: Sourced<Seconds>, invocationOverhead: Sourced<Seconds>,
    computeEfficiency: [KernelClass: Sourced<Factor>],
    dtypeEfficiency: [DType: [KernelClass: Sourced<Factor>]] = [:],
    bandwidthEfficiency: Sourced<Factor>, weightBandwidthEfficiency: Sourced<Factor>? = nil
  ) {
    self.computes = computes
    self.dispatchOverhead = dispatchOverhead
    self.invocationOverhead = invocationOverhead
    self.computeEfficiency = computeEfficiency
    self.dtypeEfficiency = dtypeEfficiency
    self.bandwidthEfficiency = bandwidthEfficiency
    self.weightBandwidthEfficiency = weightBandwidthEfficiency
  }
}
