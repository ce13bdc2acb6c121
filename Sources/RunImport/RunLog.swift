public import Quantities

/// What the log of a measuring tool tells of one run beyond its time.
public struct RunLog: Sendable, Hashable {
  /// What ``ImportedRun/latency`` is.
  public enum LatencyKind: String, Sendable, Hashable, CaseIterable {
    /// Of the warm samples, or as the tool states it.
    case median
    /// The tool states no median.
    case mean
    /// The tool states neither.
    case minimum
    /// The log holds only the first run, which is slower than those that follow.
    case firstRun
    /// No time from end to end in the log: the sum of its operators, which is not one.
    case sumOfOperators

    /// Why it says nothing of how long a warm run takes; `nil` when it does.
    public var reasonAgainst: String? {
      switch self {
      case .median, .mean, .minimum: nil
      case .firstRun: "the log holds only the first run, which is slower than those that follow"
      case .sumOfOperators:
        "the log holds no run from end to end, only operators, whose sum is another figure"
      }
    }
  }

  public var format: RunFormat
  /// "boardfit 0.1.0"; empty when unstated.
  public var toolVersion: String
  /// The warm runs in order; empty when the log holds only statistics.
  public var samples: [Seconds]
  public var statistics: RunStatistics
  public var latencyKind: LatencyKind
  /// The first run after loading, which ``samples`` do not hold.
  public var firstRun: Seconds?
  /// Reading, compiling and preparing the model.
  public var loadTime: Seconds?
  public var peakMemory: Bytes?
  /// In the order in which they ran; empty when the log has none.
  public var operators: [ImportedOperator]
  /// The time from end to end of the runs in which operators were timed, where those are other runs
  /// than the samples; timing each operator takes time itself.
  public var profiledLatency: Seconds?
  /// What to know before trusting the figures.
  public var notes: [String]

  init(format: RunFormat, statistics: RunStatistics = RunStatistics()) {
    self.format = format
    toolVersion = ""
    samples = []
    self.statistics = statistics
    latencyKind = .median
    operators = []
    notes = []
  }
}

/// What a tool says of many runs of one model.
public struct RunStatistics: Sendable, Hashable {
  public var count: Int?
  public var minimum: Seconds?
  public var maximum: Seconds?
  public var mean: Seconds?
  public var median: Seconds?
  public var standardDeviation: Seconds?

  init(
    count: Int? = nil, minimum: Seconds? = nil, maximum: Seconds? = nil, mean: Seconds? = nil,
    median: Seconds? = nil, standardDeviation: Seconds? = nil
  ) {
    self.count = count
    self.minimum = minimum
    self.maximum = maximum
    self.mean = mean
    self.median = median
    self.standardDeviation = standardDeviation
  }
}

/// One operator of a run, as the tool names it.
public struct ImportedOperator: Sendable, Hashable {
  /// As the log has it: "r1_nchwc", "Conv_0 + Relu_1".
  public var name: String
  /// The graph's nodes that the name says it computes.
  public var nodes: [String]
  /// The graph's tensors that the name says it writes.
  public var outputs: [String]
  /// As the tool calls it: "Conv", "CONV_2D"; empty when unstated.
  public var kind: String
  public var inputShapes: [[Int]]
  public var outputShapes: [[Int]]
  /// What ran it: "CPUExecutionProvider", "NPU", "brgconv_avx512_bf16"; empty when unstated.
  public var unit: String
  /// Its time in one run: the median of its samples, or the mean that the tool states.
  public var time: Seconds
  /// One for each warm run, where the log has them.
  public var samples: [Seconds]
  /// Whether the runtime added it: no node of the model computes it.
  public var isOverhead: Bool

  init(
    name: String, nodes: [String] = [], outputs: [String] = [], kind: String = "",
    inputShapes: [[Int]] = [], outputShapes: [[Int]] = [], unit: String = "", time: Seconds,
    samples: [Seconds] = [], isOverhead: Bool = false
  ) {
    self.name = name
    self.nodes = nodes
    self.outputs = outputs
    self.kind = kind
    self.inputShapes = inputShapes
    self.outputShapes = outputShapes
    self.unit = unit
    self.time = time
    self.samples = samples
    self.isOverhead = isOverhead
  }
}
