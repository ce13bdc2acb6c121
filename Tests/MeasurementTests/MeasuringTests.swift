import Quantities
import Testing

@testable import Measurement

@Suite struct MeasuringTests {
  private let clock = ManualClock()

  /// A run of 10 ms, one millisecond longer when profiled, with two steps of 3 and 4 ms.
  private func body(_ purpose: RunPurpose) -> [StepSpan] {
    clock.advance(by: .milliseconds(purpose == .profiled ? 11 : 10))
    return [
      StepSpan(step: 0, begin: 0, end: 3_000_000),
      StepSpan(step: 1, begin: 3_000_000, end: 5_000_000),
      StepSpan(step: 1, begin: 6_000_000, end: 8_000_000),
    ]
  }

  @Test func `the first run and the warm-up are no samples`() {
    let samples = measure(
      RunPlan(length: .runs(3), warmupRuns: 2), stepCount: 2, clock: clock, spans: { $0 }, body)
    #expect(
      samples.runs.map(\.purpose) == [
        .first, .warmup, .warmup, .plain, .profiled, .plain, .profiled, .plain, .profiled,
      ])
    #expect(samples.firstRun == Seconds(0.01))
    #expect(samples.plain == [Seconds(0.01), Seconds(0.01), Seconds(0.01)])
  }

  @Test func `turns of a loop add up, and the rest is told`() throws {
    let samples = measure(
      RunPlan(length: .runs(1), warmupRuns: 0), stepCount: 2, clock: clock, spans: { $0 }, body)
    let medians = samples.stepMedians(count: 2).map(\.rawValue)
    #expect(abs(medians[0] - 0.003) < 1e-12 && abs(medians[1] - 0.004) < 1e-12)
    #expect(abs(try #require(samples.unattributed).rawValue - 0.004) < 1e-12)
    #expect(abs(try #require(samples.profilingOverhead) - 0.1) < 1e-12)
  }

  @Test func `a time budget ends after the pair of runs that passes it`() {
    let samples = measure(
      RunPlan(length: .time(.milliseconds(50)), warmupRuns: 0), stepCount: 2, clock: clock,
      spans: { $0 }, body)
    #expect(samples.plain.count == 3)
  }

  @Test func `a budget of nothing still takes one sample`() {
    let samples = measure(
      RunPlan(length: .time(.zero), warmupRuns: 0), stepCount: 2, clock: clock, spans: { $0 }, body)
    #expect(samples.plain.count == 1)
  }

  @Test func `what prepares a run does not count`() {
    var count = 0
    let samples = measure(
      RunPlan(length: .runs(2), warmupRuns: 1, isCold: true), stepCount: 2, clock: clock,
      prepare: {
        count += 1
        clock.advance(by: .seconds(1))
      }, spans: { $0 }, body)
    #expect(count == 6)
    #expect(samples.plain.allSatisfy { $0 == Seconds(0.01) })
  }

  @Test func `whoever stops keeps what was measured`() {
    var taken = 0
    let samples = measure(
      RunPlan(length: .runs(100), warmupRuns: 0), stepCount: 2, clock: clock,
      isStopped: { taken >= 6 }, note: { _ in taken += 1 },
      spans: { $0 }, body)
    #expect(samples.isInterrupted)
    #expect(samples.runs.count == 6)
    #expect(samples.plain.count == 3)
  }

  @Test func `an error ends the measurement`() {
    struct Fault: Error {}
    #expect(throws: Fault.self) {
      try measure(RunPlan(), stepCount: 0, clock: clock, spans: { $0 }) {
        _ throws(Fault) -> [StepSpan] in throw Fault()
      }
    }
  }

  @Test func `spans of steps that do not exist are ignored`() {
    let samples = measure(
      RunPlan(length: .runs(1), warmupRuns: 0), stepCount: 1, clock: clock, spans: { $0 }
    ) {
      _ in
      [StepSpan(step: 7, begin: 0, end: 1000), StepSpan(step: 0, begin: 9, end: 4)]
    }
    #expect(samples.profiled.first?.stepTimes == [.zero])
  }
}
