public import Quantities

/// What one run is for.
public enum RunPurpose: String, Sendable, Hashable, CaseIterable, Codable {
  /// The first after loading: pages are touched, arenas grow.
  case first
  /// Thrown away.
  case warmup
  /// Timed from end to end, and nothing else.
  case plain
  /// Timed step by step, between plain runs: two readings of the clock a step.
  case profiled
}

/// When a step ran, in nanoseconds of one monotonic clock.
public struct StepSpan: Sendable, Hashable {
  public var step: Int
  public var begin: UInt64
  public var end: UInt64
  public init(step: Int, begin: UInt64, end: UInt64) {
    self.step = step
    self.begin = begin
    self.end = end
  }

  public var time: Seconds { end > begin ? Seconds(Double(end - begin) * 1e-9) : .zero }
}

/// When a worker took part in a job, in nanoseconds of the clock of ``StepSpan``.
public struct WorkerSpan: Sendable, Hashable {
  /// From 1; the caller has none.
  public var worker: Int
  public var begin: UInt64
  public var end: UInt64
  public init(worker: Int, begin: UInt64, end: UInt64) {
    self.worker = worker
    self.begin = begin
    self.end = end
  }
}

/// A profiled run on a time line.
public struct RunSpans: Sendable, Hashable {
  /// As the calling thread enters and leaves the steps.
  public var steps: [StepSpan]
  public var workers: [WorkerSpan]
  public init(steps: [StepSpan], workers: [WorkerSpan] = []) {
    self.steps = steps
    self.workers = workers
  }
}

/// One run as it was timed.
public struct RunSample: Sendable, Hashable {
  public var purpose: RunPurpose
  public var time: Seconds
  /// Time of each step, all turns of a loop together; empty unless profiled.
  public var stepTimes: [Seconds]
  public init(purpose: RunPurpose, time: Seconds, stepTimes: [Seconds] = []) {
    self.purpose = purpose
    self.time = time
    self.stepTimes = stepTimes
  }
}

/// All runs of a measurement, in order.
public struct Samples: Sendable, Hashable {
  public var runs: [RunSample]
  /// Whether somebody stopped it before the plan was done.
  public var isInterrupted: Bool
  public init(runs: [RunSample] = [], isInterrupted: Bool = false) {
    self.runs = runs
    self.isInterrupted = isInterrupted
  }

  public var firstRun: Seconds? { runs.first { $0.purpose == .first }?.time }
  /// End to end, warm-up apart.
  public var plain: [Seconds] { runs.filter { $0.purpose == .plain }.map(\.time) }
  public var profiled: [RunSample] { runs.filter { $0.purpose == .profiled } }

  /// The median time of each of `count` steps over the profiled runs; empty without any.
  public func stepMedians(count: Int) -> [Seconds] {
    let profiled = profiled
    guard !profiled.isEmpty else { return [] }
    return (0..<count).map { step in
      let times = profiled.compactMap { step < $0.stepTimes.count ? $0.stepTimes[step] : nil }
      return Distribution(times)?.median ?? .zero
    }
  }

  /// The median over the profiled runs of what lies in a run but in no step; `nil` without any.
  public var unattributed: Seconds? {
    Distribution(profiled.map { run in run.time - run.stepTimes.reduce(.zero, +) })?.median
  }

  /// By how much profiling lengthens a run, as a share; `nil` when one of the two is missing.
  public var profilingOverhead: Double? {
    guard let plain = Distribution(plain)?.median, plain > .zero,
      let profiled = Distribution(profiled.map(\.time))?.median
    else { return nil }
    return profiled / plain - 1
  }
}
