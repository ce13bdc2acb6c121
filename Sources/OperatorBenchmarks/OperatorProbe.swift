public import HardwareModel
public import Measurement
public import Quantities
import ReferenceExecutor

/// Times every operator of the catalogue by itself, and fits what it costs.
///
/// Each shape is run again and again with warm caches and its median taken. The catalogue is gone
/// through twice, so that a bad minute of the machine does not meet all samples of an operator, and
/// the shapes of an operator take turns.
public struct OperatorProbe {
  /// How long it may take, roughly.
  public var budget: Duration
  public var threads: Int
  /// Asked between operators; when true, there is no result.
  public var isStopped: () -> Bool

  public init(
    budget: Duration = .seconds(150), threads: Int = 1,
    isStopped: @escaping () -> Bool = { false }
  ) {
    self.budget = budget
    self.threads = threads
    self.isStopped = isStopped
  }

  /// What was measured, and under which conditions.
  public struct Outcome: Sendable {
    public var costs: [OperatorCost]
    public var host: HostFacts
    public var before: HostConditions
    public var after: HostConditions
    public var elapsed: Seconds

    public init(
      costs: [OperatorCost], host: HostFacts, before: HostConditions, after: HostConditions,
      elapsed: Seconds
    ) {
      self.costs = costs
      self.host = host
      self.before = before
      self.after = after
      self.elapsed = elapsed
    }
  }

  /// `nil` when it was stopped.
  public func run() throws(OperatorBenchmarkError) -> Outcome? {
    try run(OperatorBenchmark.catalogue)
  }

  func run(_ catalogue: [OperatorBenchmark]) throws(OperatorBenchmarkError) -> Outcome? {
    let clock = ContinuousClock()
    let start = clock.now
    let before = HostConditions.now()
    var samples = catalogue.map { Array(repeating: [Seconds](), count: $0.cases.count) }
    var costs: [OperatorCost] = []
    let turns = Self.passes * max(catalogue.count, 1)
    for turn in 0..<Self.passes * catalogue.count {
      if isStopped() { return nil }
      let row = turn % catalogue.count
      let benchmark = catalogue[row]
      var cases: [LoadedCase] = []
      for written in benchmark.cases {
        cases.append(try LoadedCase(benchmark, written, threads: threads))
      }
      // What earlier rows took too long, or left over, is shared by all that follow.
      let left = start.advanced(by: budget) - clock.now
      let deadline = clock.now.advanced(by: max(left, .zero) / (turns - turn))
      do throws(ExecutionError) {
        try Self.time(&cases, until: deadline, into: &samples[row])
      } catch {
        throw OperatorBenchmarkError(
          kind: benchmark.kind, variant: benchmark.variant, reason: "\(error)")
      }
      guard turn >= (Self.passes - 1) * catalogue.count else { continue }
      costs.append(Self.cost(benchmark, cases, samples[row]))
    }
    return Outcome(
      costs: costs, host: HostFacts.current(), before: before, after: HostConditions.now(),
      elapsed: Seconds(start.duration(to: clock.now)))
  }

  private static let passes = 2
  /// Of each shape in each pass, however little time there is.
  private static let leastRuns = 3
  /// How long a shape runs before the next one has its turn.
  private static let turnTime = Seconds(0.002)

  /// Lets the shapes take turns until the deadline; their first runs warm the caches.
  private static func time(
    _ cases: inout [LoadedCase], until deadline: ContinuousClock.Instant,
    into samples: inout [[Seconds]]
  ) throws(ExecutionError) {
    let clock = ContinuousClock()
    var runs: [Int] = []
    for index in cases.indices {
      _ = try cases[index].run()
      let once = try cases[index].run()
      runs.append(Int(min(max(turnTime / max(once, Seconds(1e-7)), 1), 200)))
    }
    var taken = 0
    while taken < leastRuns || clock.now < deadline {
      for index in cases.indices {
        // The first run of a turn finds what the shape before it left in the caches.
        if runs[index] > 1 { _ = try cases[index].run() }
        for _ in 0..<runs[index] { samples[index].append(try cases[index].run()) }
      }
      taken += 1
    }
  }

  private static func cost(
    _ benchmark: OperatorBenchmark, _ cases: [LoadedCase], _ samples: [[Seconds]]
  ) -> OperatorCost {
    var kernels: [String] = []
    for kernel in cases.flatMap(\.kernels) where !kernels.contains(kernel) {
      kernels.append(kernel)
    }
    let observations = zip(cases, samples).map { loaded, samples in
      loaded.observation(Distribution(samples)?.median ?? .zero, samples: samples.count)
    }
    return OperatorCost(
      kind: benchmark.kind, variant: benchmark.variant, dtype: benchmark.dtype, kernels: kernels,
      scale: benchmark.scale, fitting: observations)
  }
}
