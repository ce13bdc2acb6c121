import CostModel
import Decision
import HardwareModel
import Measurement
import ModelIR
import Quantities
import Reporting
import TensorTypes
import TestSupport
import Testing

/// A made-up measurement of the sample network on a sample board's estimate.
enum SampleRun {
  static let host = HostFacts(
    processor: "Test & \"Processor\" #1: big", processorCount: 4, coreCount: 4,
    instructionSet: "avx2",
    caches: [
      .init(level: 1, kind: "Data", capacityBytes: 32_768, sharedBy: 1),
      .init(level: 2, kind: "Unified", capacityBytes: 1 << 20, sharedBy: 4),
    ],
    governor: "powersave", isVirtual: true, memoryBytes: 8 << 30, kernel: "6.1", system: "Debian")

  static func conditions(_ wall: Double) -> HostConditions {
    HostConditions(
      clock: Hertz(3e9), loadAverage: 0.5, wallSeconds: wall, busySeconds: wall,
      ownSeconds: wall, stolenSeconds: 0, availableMemoryBytes: 6 << 30)
  }

  static func estimate() throws -> Estimate {
    let comparison = try SampleComparison.standard()
    return try #require(comparison.entries.first?.candidates.first?.estimate)
  }

  /// Every second node of the estimate's steps as an operator of its own, the one after it fused
  /// in; each takes 1 ms.
  static func run(of estimate: Estimate, stepTime: Seconds = Seconds(0.001)) -> MeasuredRun {
    let steps = estimate.plan.workload.steps
    let operators = stride(from: 0, to: steps.count, by: 2).map { index in
      let nodes = steps[index..<min(index + 2, steps.count)]
      return MeasuredOperator(
        name: nodes[index].name, kernel: "test.\(nodes[index].op.name)",
        operators: nodes.compactMap(\.kind), nodes: nodes.map(\.name),
        flops: nodes[index].work?.flops, traffic: nodes[index].work?.traffic)
    }
    let inside = Double(operators.count) * stepTime
    let profiled = RunSample(
      purpose: .profiled, time: inside + Seconds(0.002),
      stepTimes: operators.map { _ in stepTime })
    let plain = RunSample(purpose: .plain, time: inside + Seconds(0.001))
    return MeasuredRun(
      model: "mobile-net", kernels: "tuned", threads: 2, processors: [0, 1],
      plan: RunPlan(length: .runs(3)), loadTime: Seconds(0.25),
      samples: Samples(
        runs: [RunSample(purpose: .first, time: Seconds(1))] + [plain, profiled, plain, profiled]),
      operators: operators,
      memory: MeasuredMemory(
        peakResident: Bytes(100), weights: Bytes(50), packed: Bytes(25), arena: Bytes(12),
        scratch: Bytes(6)),
      host: host, before: conditions(10), after: conditions(20), notes: ["a note"])
  }

  static let origin = Origin(tool: "boardfit 0.1.0", command: "boardfit run", date: nil)
}
