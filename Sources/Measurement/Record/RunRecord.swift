import Quantities
import TensorTypes

/// A measurement as its record file holds it: what was run, and every sample up to the moment at which
/// the writing ended.
///
/// The file is JSON Lines. Each line is written whole before the next run starts, so that a program
/// which is killed loses the run in progress and nothing else; a later measurement appends.
public struct RunRecord: Sendable, Hashable {
  public var start: Start
  /// `nil` when the model was never loaded.
  public var load: Load?
  public var samples: Samples
  /// `nil` when the writer was killed.
  public var end: End?
  /// Whether the last line was cut off, and left out here.
  public var isTruncated: Bool

  public init(
    start: Start, load: Load? = nil, samples: Samples = Samples(), end: End? = nil,
    isTruncated: Bool = false
  ) {
    self.start = start
    self.load = load
    self.samples = samples
    self.end = end
    self.isTruncated = isTruncated
  }

  /// The version of the format; it changes when a key changes meaning.
  public static let schemaVersion = 1

  /// The opening line: what is about to be run, where, and how.
  public struct Start: Sendable, Hashable, Codable {
    public var schemaVersion: Int
    /// "boardfit 0.1.0".
    public var tool: String
    public var command: String
    /// ISO 8601.
    public var date: String
    public var model: String
    /// SHA-256 of the model's file, in hexadecimal.
    public var modelDigest: String
    public var kernels: String
    public var threads: Int
    public var processors: [Int]
    public var seed: UInt64
    /// One of the two is given.
    public var runs: Int?
    public var budgetSeconds: Double?
    public var warmupRuns: Int
    public var isCold: Bool
    public var host: HostFacts
    public var conditions: HostConditions

    public init(
      tool: String, command: String, date: String, model: String, modelDigest: String,
      kernels: String, threads: Int, processors: [Int], seed: UInt64, plan: RunPlan,
      host: HostFacts, conditions: HostConditions
    ) {
      schemaVersion = RunRecord.schemaVersion
      self.tool = tool
      self.command = command
      self.date = date
      self.model = model
      self.modelDigest = modelDigest
      self.kernels = kernels
      self.threads = threads
      self.processors = processors
      self.seed = seed
      switch plan.length {
      case .runs(let count): runs = count
      case .time(let budget): budgetSeconds = budget / .seconds(1)
      }
      warmupRuns = plan.warmupRuns
      isCold = plan.isCold
      self.host = host
      self.conditions = conditions
    }
  }

  /// The model is ready: how long that took, and which steps it has.
  public struct Load: Sendable, Hashable, Codable {
    public struct Step: Sendable, Hashable, Codable {
      public var name: String
      public var kernel: String
      public var operators: [String]
      public var nodes: [String]
      public var operations: Int?
      public var trafficBytes: Int?
    }
    public var seconds: Double
    public var steps: [Step]

    public init(seconds: Double, operators: [MeasuredOperator]) {
      self.seconds = seconds
      steps = operators.map { op in
        Step(
          name: op.name, kernel: op.kernel, operators: op.operators.map(\.rawValue),
          nodes: op.nodes, operations: op.flops?.rawValue, trafficBytes: op.traffic?.rawValue)
      }
    }
  }

  /// The closing line.
  public struct End: Sendable, Hashable, Codable {
    public var isInterrupted: Bool
    public var peakResidentBytes: Int
    public var conditions: HostConditions
    public init(isInterrupted: Bool, peakResidentBytes: Int, conditions: HostConditions) {
      self.isInterrupted = isInterrupted
      self.peakResidentBytes = peakResidentBytes
      self.conditions = conditions
    }
  }
}
