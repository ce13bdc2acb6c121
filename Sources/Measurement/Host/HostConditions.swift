import CKernels
import Platform
public import Quantities

/// The state of a host at one moment: what may change between two runs.
public struct HostConditions: Sendable, Hashable, Codable {
  /// The clock of the processor that this thread runs on, measured by a chain of operations of one
  /// cycle each. What the system reports is often the nominal clock, above all in a virtual machine.
  public var clock: Hertz
  /// Programs that run or wait to run, averaged over a minute; `nil` when the system does not say.
  public var loadAverage: Double?
  /// Since an arbitrary moment: seconds of the wall, of all processors at work, of this program at
  /// work, and of processors that the hypervisor gave to others.
  public var wallSeconds: Double
  public var busySeconds: Double?
  public var ownSeconds: Double
  public var stolenSeconds: Double?
  public var availableMemoryBytes: Int?

  public init(
    clock: Hertz, loadAverage: Double?, wallSeconds: Double, busySeconds: Double?,
    ownSeconds: Double, stolenSeconds: Double?, availableMemoryBytes: Int?
  ) {
    self.clock = clock
    self.loadAverage = loadAverage
    self.wallSeconds = wallSeconds
    self.busySeconds = busySeconds
    self.ownSeconds = ownSeconds
    self.stolenSeconds = stolenSeconds
    self.availableMemoryBytes = availableMemoryBytes
  }

  /// This host, now; takes some 5 ms.
  public static func now(_ files: SystemFiles = .current) -> HostConditions {
    let clock = measuredClock()
    let ticks = TickCounts(files.text("/proc/stat") ?? "")
    return HostConditions(
      clock: clock, loadAverage: loadAverage(files),
      wallSeconds: ProcessInfo.processInfo.systemUptime, busySeconds: ticks?.busySeconds,
      ownSeconds: ProcessUsage.now().processorSeconds, stolenSeconds: ticks?.stolenSeconds,
      availableMemoryBytes: files.value(of: "MemAvailable", in: "/proc/meminfo")
        .flatMap(HostFacts.bytes(ofSize:)))
  }

  /// The processors that others kept busy since `earlier`, on average; `nil` when unknown.
  public func otherLoad(since earlier: HostConditions) -> Double? {
    guard let busySeconds, let earlierBusy = earlier.busySeconds,
      wallSeconds > earlier.wallSeconds + Self.leastSpan
    else { return nil }
    let others = busySeconds - earlierBusy - (ownSeconds - earlier.ownSeconds)
    return max(0, others / (wallSeconds - earlier.wallSeconds))
  }

  /// The share of the processors' time since `earlier` that went to other virtual machines.
  public func stolenShare(since earlier: HostConditions, processors: Int) -> Double? {
    guard let stolenSeconds, let earlierStolen = earlier.stolenSeconds, processors > 0,
      wallSeconds > earlier.wallSeconds + Self.leastSpan
    else { return nil }
    return max(0, stolenSeconds - earlierStolen)
      / ((wallSeconds - earlier.wallSeconds) * Double(processors))
  }

  /// The system counts in hundredths of a second: shorter spans say nothing.
  private static let leastSpan = 0.2

  /// The best of ten bursts of some 0.3 ms, so that an interruption does not count.
  private static func measuredClock() -> Hertz {
    var best = 0.0
    let clock = ContinuousClock()
    for _ in 0..<10 {
      let begin = clock.now
      let cycles = bf_cycles(16_000)
      let seconds = Seconds(begin.duration(to: clock.now)).rawValue
      if seconds > 0 { best = max(best, cycles / seconds) }
    }
    return Hertz(best)
  }

  private static func loadAverage(_ files: SystemFiles) -> Double? {
    if let text = files.line("/proc/loadavg") {
      return text.split(separator: " ").first.flatMap { Double($0) }
    }
    var averages = [0.0, 0.0, 0.0]
    return unsafe getloadavg(&averages, 3) > 0 ? averages[0] : nil
  }
}

/// The first line of `/proc/stat`, in seconds.
struct TickCounts {
  let busySeconds: Double
  let stolenSeconds: Double

  /// "cpu user nice system idle iowait irq softirq steal …"; `nil` for other texts.
  init?(_ text: String, ticksPerSecond: Double = Double(sysconf(Int32(_SC_CLK_TCK)))) {
    let fields = text.prefix { $0 != "\n" }.split(separator: " ")
    guard fields.first == "cpu", fields.count >= 8, ticksPerSecond > 0 else { return nil }
    let ticks = fields.dropFirst().prefix(8).compactMap { Double($0) }
    guard ticks.count >= 7 else { return nil }
    busySeconds = (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / ticksPerSecond
    stolenSeconds = (ticks.count > 7 ? ticks[7] : 0) / ticksPerSecond
  }
}

/// What this program has used since its start.
public struct ProcessUsage: Sendable, Hashable {
  public let processorSeconds: Double
  public let peakResident: Bytes

  /// The system's account of the peak also counts what the parent held when it started the program;
  /// Linux states the program's own elsewhere.
  public static func now(_ files: SystemFiles = .current) -> ProcessUsage {
    let ownPeak = files.value(of: "VmHWM", in: "/proc/self/status")
      .flatMap(HostFacts.bytes(ofSize:))
    var usage = rusage()
    #if canImport(Darwin)
      let status = unsafe getrusage(RUSAGE_SELF, &usage)
      let unit = 1
    #else
      let status = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      let unit = 1024
    #endif
    guard status == 0 else { return ProcessUsage(processorSeconds: 0, peakResident: .zero) }
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
    return ProcessUsage(
      processorSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
      peakResident: ownPeak.map { Bytes($0) } ?? unit * Bytes(Int(usage.ru_maxrss)))
  }
}
