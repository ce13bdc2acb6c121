import CostModel
import Foundation
import HardwareModel
import ModelIR
import ModelImport
import Quantities
import TensorTypes
import Testing

/// Plans of the bundled graphs and of those of the model zoo and MLPerf Tiny.
@Suite struct RealGraphTests {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let bundled = files(in: "ModelGraphs")
  static let foreign = files(in: "../shared/graphs/onnx")

  private static func files(in folder: String) -> [String] {
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: path(folder))) ?? []
    return names.filter { $0.hasSuffix(".onnx") }.sorted().map { "\(folder)/\($0)" }
  }
  private static func path(_ file: String) -> String { root.appending(path: file).path }

  /// A runtime that fuses by all rules or none, and shares memory to match.
  private static func plan(_ file: String, optimized: Bool) throws -> ExecutionPlan {
    let overhead = Sourced(Seconds(0), basis: .estimated, source: "test")
    let share = Sourced(Factor(value: 1, low: 1, high: 1), basis: .estimated, source: "test")
    let profile = KernelProfile(
      computes: [.float32], dispatchOverhead: overhead, invocationOverhead: overhead,
      computeEfficiency: Dictionary(
        uniqueKeysWithValues: KernelClass.allCases.map { ($0, share) }),
      bandwidthEfficiency: share)
    let runtime = Runtime(
      id: "test", name: "test", version: "1", fallback: nil,
      operators: OperatorSupport(rules: [:], unlisted: .unknown, source: "test"),
      fusion: optimized ? Set(FusionRule.allCases) : [], partition: .any,
      memory: MemoryPolicy(
        aliasesViews: optimized, reusesInputs: optimized, alignment: 64, repacksWeights: false,
        base: nil),
      kernels: [.cpuOutOfOrder: profile])
    return ExecutionPlan(
      try importModel(at: path(file)).graph.inferred().workload(), runtime: runtime,
      kernels: profile, precision: .stored)
  }

  @Test func `the graphs are there`() {
    #expect(Self.bundled.count >= 10)
    #expect(!Self.foreign.isEmpty, "../shared is missing beside the package")
  }

  @Test(arguments: bundled + foreign, [true, false])
  func `plans are sound and never above greedy by size`(file: String, optimized: Bool) throws {
    let plan = try Self.plan(file, optimized: optimized)
    assertPlanIsSound(plan.arena, alignment: 64, file)
    #expect(plan.arena.size <= greedyBySize(plan.arena.buffers.map(\.liveness)))
    let cause = try #require(PeakCause(plan))
    #expect(cause.parts.reduce(.zero) { $0 + $1.size } == plan.arena.peakLiveBytes)
  }

  @Test(arguments: [true, false])
  func `nine arenas of ten are within 2 percent of the bound`(optimized: Bool) throws {
    let files = Self.bundled + Self.foreign
    let close = try files.count { file in
      let arena = try Self.plan(file, optimized: optimized).arena
      return 50 * (arena.size - arena.peakLiveBytes).rawValue <= arena.peakLiveBytes.rawValue
    }
    #expect(10 * close >= 9 * files.count)
  }
}
