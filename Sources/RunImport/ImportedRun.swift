public import Quantities

/// One measured run of a model on a device, whoever measured it.
public struct ImportedRun: Sendable, Hashable {
  /// The device as its source calls it.
  public var device: String
  /// One name for all devices of the same silicon; ``device`` where the source has none.
  public var silicon: String
  public var runtime: String
  /// "fp32", "fp16(assumed: ARMv8.2)", "int8".
  public var precision: String
  /// `nil` is all cores, or unstated.
  public var threads: Int?
  /// The power mode or set of cores: "big cores only"; empty when unstated.
  public var powerMode: String
  /// The graphics or neural unit that ran it; empty for a CPU or when unstated.
  public var accelerator: String
  /// The model as its source calls it.
  public var model: String
  /// Models that are variants of one design; `nil` when unstated.
  public var family: String?
  /// The extents of the model's input as far as the source states them; empty when it does not.
  public var inputShape: [Int]
  public var batch: Int
  /// The time of one run: the average, or the least where the source calls the average noisy.
  public var latency: Seconds
  /// Whether the source calls the measurement noisy.
  public var isNoisy: Bool
  public var place: RunPlace
  /// All that the source says of the device: its name, chip, cores and clock.
  public var deviceDescription: String
  /// What the log of a tool tells beyond these; `nil` for the row of a table.
  public var log: RunLog?

  public init(
    device: String, silicon: String? = nil, runtime: String, precision: String, threads: Int?,
    powerMode: String = "", accelerator: String = "", model: String, family: String? = nil,
    inputShape: [Int] = [], batch: Int = 1, latency: Seconds, isNoisy: Bool = false, place: RunPlace
  ) {
    self.device = device
    self.silicon = silicon ?? device
    self.runtime = runtime
    self.precision = precision
    self.threads = threads
    self.powerMode = powerMode
    self.accelerator = accelerator
    self.model = model
    self.family = family
    self.inputShape = inputShape
    self.batch = batch
    self.latency = latency
    self.isNoisy = isNoisy
    self.place = place
    deviceDescription = device
  }
}

/// Where a run was read.
public struct RunPlace: Sendable, Hashable, CustomStringConvertible {
  public var file: String
  /// From 1.
  public var line: Int
  public init(file: String, line: Int) {
    self.file = file
    self.line = line
  }
  public var description: String { "\(file):\(line)" }
}

/// What one file of measurements gave.
public struct ImportedRuns: Sendable, Hashable {
  /// A row that is no run, and why; the others are not lost by it.
  public struct Rejected: Sendable, Hashable, CustomStringConvertible {
    public var place: RunPlace
    public var reason: String
    public init(place: RunPlace, reason: String) {
      self.place = place
      self.reason = reason
    }
    public var description: String { "\(place): \(reason)" }
  }
  public var runs: [ImportedRun]
  public var rejected: [Rejected]
  public init(runs: [ImportedRun], rejected: [Rejected] = []) {
    self.runs = runs
    self.rejected = rejected
  }
}

/// A file of measurements that cannot be read at all.
public struct RunImportError: Error, Sendable, Hashable, CustomStringConvertible {
  public var file: String
  /// From 1; 0 when the fault is the file as a whole.
  public var line: Int
  public var reason: String
  /// Whether there was no file to read.
  public var isMissingFile: Bool
  public init(file: String, line: Int = 0, reason: String, isMissingFile: Bool = false) {
    self.file = file
    self.line = line
    self.reason = reason
    self.isMissingFile = isMissingFile
  }
  public var description: String {
    line > 0 ? "\(file):\(line): \(reason)" : "\(file): \(reason)"
  }
}
