import Quantities
import TensorTypes
import Testing

@testable import Measurement

@Suite struct ProbeTests {
  @Test func `working sets of a host lie within their cache and beyond the last`() {
    let plan = ProbePlan(HostFacts(reading: SystemFiles { HostFactsTests.x86[$0] }))
    #expect(plan.levels.map(\.name) == ["l1d", "l3"])
    #expect(plan.places.map(\.name) == ["l1d", "l3", "dram"])
    // Two hardware threads share the first cache, five processors the last.
    #expect(plan.places[0].bytesAThread(1) == 16384)
    #expect(plan.places[0].bytesAThread(4) == 8192)
    #expect(plan.places[1].bytesAThread(4) == 2_097_152)
    #expect(plan.places[2].bytesAThread(1) == 4 * 33_554_432)
    #expect(plan.bufferBytes == 4 * 33_554_432)
  }

  @Test func `a host without known caches still has memory`() {
    let plan = ProbePlan(HostFacts(reading: SystemFiles { _ in nil }))
    #expect(plan.levels.isEmpty)
    #expect(plan.places.map(\.name) == ["dram"])
  }

  @Test func `a short probe measures every figure of this host`() throws {
    let limits = try #require(Probe(budget: .zero, threadCounts: [1, 2]).run())
    #expect(limits.threadCounts == [1, 2])
    for threads in [1, 2] {
      #expect(limits.peak(.float32, threads: threads) != nil)
      #expect(
        limits.peak(.int8, threads: threads) != nil
          || limits.peak(.float32, threads: threads)?.instructionSet == "portable")
      #expect(limits.dispatch[threads].map { $0 >= .zero } == true)
      for stream in HostLimits.Stream.allCases {
        #expect(try #require(limits.bandwidth("dram", stream, threads: threads)).rate > .zero)
      }
    }
    #expect(limits.latencies.map(\.level).last == "dram")
    #expect(limits.latencies.allSatisfy { $0.time > .zero && $0.time.rawValue.isFinite })
    #expect(limits.timerResolution > .zero)
    #expect(limits.jitter >= 1)
  }
}
