public import Quantities
public import TensorTypes

/// What a host can do at most, as measured: the ceilings of its roofline and its fixed costs.
public struct HostLimits: Sendable, Hashable {
  /// The arithmetic rate in one dtype under one instruction set.
  public struct Peak: Sendable, Hashable {
    public var dtype: DType
    public var instructionSet: String
    public var threads: Int
    public var rate: FLOPsPerSecond
  }

  public enum Stream: String, Sendable, Hashable, CaseIterable {
    case read, write, copy, triad
    /// With stores that pass by the caches.
    case writeBypassing = "write bypassing caches"
    case triadBypassing = "triad bypassing caches"
  }

  /// How fast bytes move between the registers and one level.
  public struct Bandwidth: Sendable, Hashable {
    /// "l1d", "l2", "dram".
    public var level: String
    public var stream: Stream
    public var threads: Int
    /// Bytes that each thread goes over.
    public var workingSet: Bytes
    /// All threads together, as a programmer counts: no write allocation.
    public var rate: BytesPerSecond
  }

  /// The time of one load whose address the load before gave.
  public struct Latency: Sendable, Hashable {
    public var level: String
    public var workingSet: Bytes
    public var time: Seconds
  }

  /// A level of the memory hierarchy as the system describes it.
  public struct Level: Sendable, Hashable {
    public var name: String
    public var capacity: Bytes
    public var isShared: Bool
  }

  public var host: HostFacts
  public var before: HostConditions
  public var after: HostConditions
  /// Caches, innermost first.
  public var levels: [Level]
  public var peaks: [Peak]
  public var bandwidths: [Bandwidth]
  public var latencies: [Latency]
  /// One job of one part for each thread, started on waiting threads: the least median of
  /// several series.
  public var dispatch: [Int: Seconds]
  /// The least time between two readings of the clock that differ.
  public var timerResolution: Seconds
  /// The 90th percentile over the median of equal pieces of work of some 20 µs.
  public var jitter: Double
  public var elapsed: Seconds

  /// The best rate of a dtype over all instruction sets.
  public func peak(_ dtype: DType, threads: Int) -> Peak? {
    peaks.filter { $0.dtype == dtype && $0.threads == threads }.max { $0.rate < $1.rate }
  }

  public func bandwidth(_ level: String, _ stream: Stream, threads: Int) -> Bandwidth? {
    bandwidths.first { $0.level == level && $0.stream == stream && $0.threads == threads }
  }

  /// The thread counts that were measured, ascending.
  public var threadCounts: [Int] { Set(peaks.map(\.threads)).sorted() }
}
