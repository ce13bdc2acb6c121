import Quantities
import Testing

@testable import Measurement

@Suite struct WarningTests {
  static let host = HostFacts(
    processor: "test", processorCount: 4, coreCount: 4, instructionSet: "avx2", caches: [],
    governor: "performance", isVirtual: false, memoryBytes: nil, kernel: "6", system: "test")

  static func conditions(
    clock: Double = 3e9, wall: Double, busy: Double, own: Double, stolen: Double = 0
  ) -> HostConditions {
    HostConditions(
      clock: Hertz(clock), loadAverage: nil, wallSeconds: wall, busySeconds: busy,
      ownSeconds: own, stolenSeconds: stolen, availableMemoryBytes: nil)
  }

  static let before = conditions(wall: 100, busy: 50, own: 1)
  /// Ten seconds later, all the work was ours.
  static let after = conditions(wall: 110, busy: 60, own: 11)

  private func warnings(
    _ times: [Double] = Array(repeating: 1, count: 12), threads: Int = 1,
    host: HostFacts = Self.host, after: HostConditions = Self.after, isInterrupted: Bool = false
  ) -> [RunWarning] {
    RunWarning.of(
      Samples(
        runs: times.map { RunSample(purpose: .plain, time: Seconds($0)) },
        isInterrupted: isInterrupted),
      threads: threads, host: host, before: Self.before, after: after)
  }

  @Test func `a quiet machine has no warning`() { #expect(warnings().isEmpty) }

  @Test func `a clock that falls is told`() {
    let after = Self.conditions(clock: 2.4e9, wall: 110, busy: 60, own: 11)
    #expect(warnings(after: after) == [.clockFell(before: Hertz(3e9), after: Hertz(2.4e9))])
  }

  @Test func `other programs are told by what they took`() {
    let after = Self.conditions(wall: 110, busy: 75, own: 11)
    #expect(warnings(after: after) == [.otherLoad(processors: 1.5)])
  }

  @Test func `time that the hypervisor took is told`() {
    let after = Self.conditions(wall: 110, busy: 60, own: 11, stolen: 2)
    #expect(warnings(after: after) == [.stolen(share: 0.05)])
  }

  @Test func `drift is told, and not within a twentieth`() {
    let drifting = [1, 1, 1, 1, 1.03, 1.03, 1.03, 1.03, 1.08, 1.08, 1.08, 1.08]
    #expect(warnings(drifting) == [.drift(ratio: 1.08)])
    #expect(warnings(drifting.map { $0 > 1 ? 1.04 : 1 }).isEmpty)
  }

  @Test func `a wide spread is told`() {
    let wide = [1, 1.4, 1, 1.4, 1, 1.4, 1, 1.4, 1, 1.4, 1, 1.4]
    #expect(warnings(wide).contains { if case .spread = $0 { true } else { false } })
  }

  @Test func `a governor that follows the load is told`() {
    var host = Self.host
    host.governor = "powersave"
    #expect(warnings(host: host) == [.governor("powersave")])
    host.governor = nil
    #expect(warnings(host: host).isEmpty)
  }

  @Test func `too many threads and an interruption are told`() {
    #expect(
      warnings(threads: 9, isInterrupted: true) == [
        .interrupted(samples: 12), .moreThreadsThanProcessors(threads: 9, processors: 4),
      ])
  }

  @Test func `a span too short for the system's ticks says nothing about others`() {
    let after = Self.conditions(wall: 100.1, busy: 60, own: 1)
    #expect(after.otherLoad(since: Self.before) == nil)
  }
}
