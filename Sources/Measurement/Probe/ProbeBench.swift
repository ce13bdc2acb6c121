import CKernels
import Platform
import Quantities
import TensorTypes

/// The buffers and threads that bursts share.
@safe final class ProbeBench {
  private let pools: [Int: OpaquePointer]
  private let memory: UnsafeMutableRawBufferPointer
  private let bufferBytes: Int

  /// Three buffers, written once so that each page is there. Between them lies an odd number of
  /// cache lines, so that equal offsets do not fall on one set.
  init?(bytes: Int, threadCounts: [Int]) {
    bufferBytes = bytes
    let stride = bytes + Self.gap
    unsafe memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: 3 * stride + Self.slack, alignment: 4096)
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 1)
    var pools: [Int: OpaquePointer] = unsafe [:]
    for threads in threadCounts where threads > 1 {
      unsafe pools[threads] = unsafe bf_pool_create(threads, nil)
    }
    unsafe self.pools = pools
    let started = unsafe pools.count
    guard started == threadCounts.count(where: { $0 > 1 }) else { return nil }
  }

  deinit {
    for unsafe(_, pool) in unsafe pools { unsafe bf_pool_destroy(pool) }
    unsafe memory.deallocate()
  }

  /// Three pages and a third cache line.
  private static let gap = 3 * 4096 + 3 * 64
  private static let slack = 4096

  private func pool(_ threads: Int) -> OpaquePointer? { unsafe pools[threads] }

  /// One of the three buffers.
  private func buffer(_ index: Int) -> UnsafeMutableRawPointer? {
    unsafe memory.baseAddress?.advanced(by: index * (bufferBytes + Self.gap))
  }

  // MARK: Bursts

  /// Operations per second over one burst.
  func peak(_ kind: bf_arithmetic, _ set: bf_isa, threads: Int, repeats: Int) -> Double {
    var seconds = 0.0
    let work = unsafe bf_peak_together(pool(threads), kind, set, repeats, &seconds)
    return seconds > 0 ? work / seconds : 0
  }

  /// Bytes per second over one burst; `bytes` of each buffer for each thread, from `offset` on.
  func stream(
    _ stream: HostLimits.Stream, threads: Int, bytes: Int, offset: Int, repeats: Int
  ) -> Double {
    guard bytes >= 512, offset >= 0, bytes <= (bufferBytes - offset) / threads else { return 0 }
    var seconds = 0.0
    let moved = unsafe bf_stream_together(
      pool(threads), stream.kind, stream.isBypassing, bytes, buffer(0)?.advanced(by: offset),
      buffer(1)?.advanced(by: offset), buffer(2)?.advanced(by: offset), repeats, &seconds)
    return seconds > 0 ? moved / seconds : 0
  }

  /// The time of a step through one random cycle of cache lines.
  func latency(_ place: ProbePlan.Place) -> HostLimits.Latency {
    let line = 64
    let count = max(2, min(place.bytesAThread(1), bufferBytes) / line)
    let steps = 10_000
    unsafe bf_chase_prepare(buffer(0), count, line, 1)
    // Once through, so that what fits a cache is in it; then on and on, never the same cells twice
    // in a row.
    var cell = unsafe bf_chase(buffer(0), 0, line, min(count, 1_000_000))
    var best = Double.infinity
    let clock = ContinuousClock()
    for _ in 0..<100 {
      let begin = clock.now
      cell = unsafe bf_chase(buffer(0), cell, line, steps)
      best = min(best, Seconds(begin.duration(to: clock.now)).rawValue)
    }
    return HostLimits.Latency(
      level: place.name, workingSet: Bytes(count * line), time: Seconds(best / Double(steps)))
  }

  /// The median time of a job.
  func dispatch(_ threads: Int) -> Seconds {
    var times = [Double](repeating: 0, count: 501)
    unsafe bf_dispatch(pool(threads), times.count, &times)
    return Distribution(times.map { Seconds($0) })?.median ?? .zero
  }

  func timerResolution() -> Seconds {
    let clock = ContinuousClock()
    var least = Double.infinity
    for _ in 0..<10_000 {
      let gap = Seconds(clock.now.duration(to: clock.now)).rawValue
      if gap > 0 { least = min(least, gap) }
    }
    return Seconds(least.isFinite ? least : 0)
  }

  func jitter() -> Double {
    let clock = ContinuousClock()
    let times = (0..<1000).map { _ in
      let begin = clock.now
      _ = bf_cycles(1000)
      return Seconds(begin.duration(to: clock.now))
    }
    guard let distribution = Distribution(times), distribution.median > .zero,
      let high = distribution.percentile(0.9)
    else { return 0 }
    return high / distribution.median
  }
}

/// The best rate of one kind of arithmetic so far.
struct PeakTask {
  let dtype: DType
  let kind: bf_arithmetic
  let instructionSet: bf_isa
  let threads: Int
  private var best = 0.0
  /// Of a burst of some millisecond: shorter than what a scheduler gives to others at a time.
  private var repeats = 0

  init(dtype: DType, kind: bf_arithmetic, instructionSet: bf_isa, threads: Int) {
    self.dtype = dtype
    self.kind = kind
    self.instructionSet = instructionSet
    self.threads = threads
  }

  /// Whether this host has the instructions.
  var isThere: Bool { bf_peak(kind, instructionSet, 1) > 0 }

  mutating func burst(_ bench: ProbeBench) {
    if repeats == 0 {
      let rate = bench.peak(kind, instructionSet, threads: 1, repeats: 20_000)
      let work = bf_peak(kind, instructionSet, 1)
      repeats = max(1000, min(1 << 24, Int(rate * 0.001 / max(work, 1))))
    }
    best = max(best, bench.peak(kind, instructionSet, threads: threads, repeats: repeats))
  }

  var peak: HostLimits.Peak? {
    guard best > 0 else { return nil }
    let name = unsafe bf_isa_name(instructionSet).map { unsafe String(cString: $0) } ?? ""
    return HostLimits.Peak(
      dtype: dtype, instructionSet: name, threads: threads, rate: FLOPsPerSecond(best))
  }
}

/// The rates of one stream so far.
struct StreamTask {
  let place: ProbePlan.Place
  let stream: HostLimits.Stream
  let threads: Int
  private var rates: [Double] = []

  init(place: ProbePlan.Place, stream: HostLimits.Stream, threads: Int) {
    self.place = place
    self.stream = stream
    self.threads = threads
  }

  private var bytes: Int { place.bytesAThread(threads) / stream.buffers / 512 * 512 }

  /// Bytes that a burst moves for each thread: a millisecond or so.
  private static let burstBytes = 8 << 20

  /// Caches: over and over. Memory: piece after piece to the end, of which only the second half
  /// counts: by then, more than the caches hold has come after whatever was in them. The middle piece
  /// stands for the pass, so that one in which another program ran does not.
  mutating func burst(_ bench: ProbeBench) {
    guard bytes > 0 else { return }
    if place.isMemory {
      let piece = min(bytes / 4, Self.burstBytes / stream.buffers) / 512 * 512
      guard piece > 0 else { return }
      let count = bytes / piece
      let pieces = (0..<count).map { index in
        bench.stream(
          stream, threads: threads, bytes: piece, offset: index * piece * threads, repeats: 1)
      }
      rates.append(Self.middle(Array(pieces.dropFirst(count / 2))))
    } else {
      let repeats = max(2, Self.burstBytes / (bytes * stream.buffers))
      rates.append(
        bench.stream(stream, threads: threads, bytes: bytes, offset: 0, repeats: repeats))
    }
  }

  private static func middle(_ rates: [Double]) -> Double {
    rates.isEmpty ? 0 : rates.sorted()[rates.count / 2]
  }

  /// Of a cache the best: what else runs only takes away. Of memory the middle pass: its rate differs
  /// from pass to pass on an idle machine too, and what a model gets is not the luckiest.
  private var rate: Double {
    place.isMemory ? Self.middle(rates) : rates.max() ?? 0
  }

  var bandwidth: HostLimits.Bandwidth {
    HostLimits.Bandwidth(
      level: place.name, stream: stream, threads: threads,
      workingSet: Bytes(bytes * stream.buffers), rate: BytesPerSecond(rate))
  }
}
