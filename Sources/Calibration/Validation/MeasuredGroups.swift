public import HardwareModel
import Platform
import Quantities
public import RunImport

/// Runs of a table, sorted into groups that share their rates.
public struct MeasuredGroups: Sendable {
  /// What a group is made of: the same device, runtime, precision, threads, power mode, accelerator.
  /// A model that comes again in a group is another submission, and a group of its own.
  public struct Key: Sendable, Hashable {
    public var silicon: String
    public var device: String
    public var runtime: String
    /// "int8" or "float"; empty where they count as one.
    public var precision: String
    public var threads: Int?
    public var powerMode: String
    public var accelerator: String
    /// The file of the table: one source.
    public var source: String
    /// From 0.
    public var submission: Int
  }

  public private(set) var keys: [Key] = []
  public private(set) var groups: [RunGroup] = []
  /// Runs whose model has no graph, by the file of the table and the model's name.
  public private(set) var withoutGraph: [String: [String: Int]] = [:]

  /// `network` finds the position of the graph of a run's model. Runs are taken in order.
  /// With `joinsPrecisions`, runs in integers and floats of one device make one group, which teaches
  /// how their rates hang together. `scope` is what the prior is for.
  public init(
    _ runs: [ImportedRun], table: CoreTable, scope: PriorScope = PriorScope(.cpu),
    joinsPrecisions: Bool = false,
    network: (ImportedRun) -> Int?
  ) {
    var repeats: [Key: [String: Int]] = [:]
    var positions: [Key: Int] = [:]
    for run in runs where run.batch == 1 {
      guard let index = network(run) else {
        withoutGraph[run.place.file, default: [:]][run.model, default: 0] += 1
        continue
      }
      var key = Key(
        silicon: run.silicon, device: run.device, runtime: run.groupRuntime,
        precision: joinsPrecisions ? "" : run.isInteger ? "int8" : "float", threads: run.threads,
        powerMode: run.powerMode, accelerator: run.accelerator,
        source: run.place.file, submission: 0)
      let submission = repeats[key, default: [:]][run.model, default: 0]
      repeats[key, default: [:]][run.model, default: 0] += 1
      key.submission = submission
      let position: Int
      if let known = positions[key] {
        position = known
      } else {
        position = groups.count
        positions[key] = position
        keys.append(key)
        groups.append(
          RunGroup(
            device: run.silicon, label: key.label,
            traits: DeviceTraits(of: run, for: scope, table: table), runs: []))
      }
      groups[position].runs.append(
        RunGroup.Run(
          network: index, logSeconds: log(run.latency.rawValue), isNoisy: run.isNoisy))
    }
  }
}

extension MeasuredGroups.Key {
  var label: String {
    var parts = [device, runtime]
    if !precision.isEmpty { parts.append(precision) }
    parts.append(threads.map { $0 == 1 ? "1 thread" : "\($0) threads" } ?? "all threads")
    if !powerMode.isEmpty { parts.append(powerMode) }
    if !accelerator.isEmpty { parts.append(accelerator) }
    if submission > 0 { parts.append("submission \(submission + 1)") }
    return parts.joined(separator: ", ")
  }
}

extension ImportedRun {
  /// Whether it multiplies in 8 bits.
  public var isInteger: Bool {
    let text = precision.lowercased()
    return ["int8", "uint8", "w8a8", "w8a16", "i8", "q8_0", "float8"].contains {
      text.hasPrefix($0)
    } || model.lowercased().hasSuffix("_int8")
      || text.contains("int8") && !runtime.lowercased().contains("cpu")
  }

  /// The runtime with what else sets a group's kernels apart: activations in 16 bits.
  fileprivate var groupRuntime: String {
    precision.lowercased().hasPrefix("w8a16") ? "\(runtime), w8a16" : runtime
  }

  /// Whether a graphics or neural unit ran it.
  public var isAccelerated: Bool {
    let text = runtime.lowercased()
    return !accelerator.isEmpty
      || ["vulkan", "opencl", "cuda", "tensorrt", "gpu", "npu", "metal"].contains {
        text.contains($0)
      }
  }
}
