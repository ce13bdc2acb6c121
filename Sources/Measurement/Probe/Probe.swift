import CKernels
import Platform
import Quantities
import TensorTypes

/// Measures what this host can do.
///
/// Every figure but the bandwidth of memory is the best of many short bursts: a limit is what the
/// machine can do, and whatever else runs only takes away from it. Memory's is the median of its
/// passes. The bursts of all figures are interleaved in rounds, so that no
/// figure has the bad minute to itself.
public struct Probe {
  /// How long it may take, roughly.
  public var budget: Duration
  public var threadCounts: [Int]
  /// Asked between bursts; when true, what was measured so far is the result.
  public var isStopped: () -> Bool

  public init(
    budget: Duration = .seconds(60), threadCounts: [Int]? = nil,
    isStopped: @escaping () -> Bool = { false }
  ) {
    self.budget = budget
    let processors = HostFacts.current().processorCount
    self.threadCounts = (threadCounts ?? [1, processors]).filter { $0 >= 1 }
    self.isStopped = isStopped
  }

  /// `nil` when threads cannot be started.
  public func run() -> HostLimits? {
    let clock = ContinuousClock()
    let start = clock.now
    let host = HostFacts.current()
    let before = HostConditions.now()
    let plan = ProbePlan(host)
    let counts = Set(threadCounts).sorted()
    guard let bench = ProbeBench(bytes: plan.bufferBytes, threadCounts: counts) else { return nil }

    var limits = HostLimits(
      host: host, before: before, after: before, levels: plan.levels, peaks: [], bandwidths: [],
      latencies: [], dispatch: [:], timerResolution: bench.timerResolution(), jitter: 0,
      elapsed: .zero)
    var peaks: [PeakTask] = []
    var streams: [StreamTask] = []
    for threads in counts {
      peaks += ProbePlan.arithmetic.flatMap { arithmetic in
        arithmetic.sets.map {
          PeakTask(
            dtype: arithmetic.dtype, kind: arithmetic.kind, instructionSet: $0, threads: threads)
        }
      }
      streams += plan.places.flatMap { place in
        HostLimits.Stream.allCases.filter { !$0.isBypassing || place.isMemory }.map {
          StreamTask(place: place, stream: $0, threads: threads)
        }
      }
    }

    let deadline = start.advanced(by: budget)
    var round = 0
    while !isStopped(), round == 0 || (round < 1000 && clock.now < deadline) {
      for index in peaks.indices where peaks[index].isThere { peaks[index].burst(bench) }
      for index in streams.indices where !isStopped() || round == 0 { streams[index].burst(bench) }
      for threads in counts {
        limits.dispatch[threads] = min(
          limits.dispatch[threads] ?? Seconds(.infinity), bench.dispatch(threads))
      }
      round += 1
      // Latency needs buffers of its own order, so it is taken once, in the middle of the budget.
      if limits.latencies.isEmpty, clock.now >= start.advanced(by: budget / 3) {
        limits.latencies = plan.places.map { bench.latency($0) }
      }
    }
    if limits.latencies.isEmpty { limits.latencies = plan.places.map { bench.latency($0) } }
    limits.jitter = bench.jitter()
    limits.peaks = peaks.compactMap(\.peak)
    limits.bandwidths = streams.map(\.bandwidth)
    limits.after = HostConditions.now()
    limits.elapsed = Seconds(start.duration(to: clock.now))
    return limits
  }
}

extension HostLimits.Stream {
  var isBypassing: Bool {
    switch self {
    case .writeBypassing, .triadBypassing: true
    case .read, .write, .copy, .triad: false
    }
  }

  var kind: bf_stream {
    switch self {
    case .read: BF_STREAM_READ
    case .write, .writeBypassing: BF_STREAM_WRITE
    case .copy: BF_STREAM_COPY
    case .triad, .triadBypassing: BF_STREAM_TRIAD
    }
  }

  /// Buffers that it goes over.
  var buffers: Int {
    switch self {
    case .read, .write, .writeBypassing: 1
    case .copy: 2
    case .triad, .triadBypassing: 3
    }
  }
}
