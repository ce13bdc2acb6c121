import Foundation
import HardwareModel
import Quantities
import Reporting
import TensorTypes
import Testing

@testable import Measurement

@Suite struct ProbeReportTests {
  /// With figures that noise could bring: one thread above two, an outer level above an inner one.
  static let limits = HostLimits(
    host: SampleRun.host, before: SampleRun.conditions(1), after: SampleRun.conditions(2),
    levels: [
      .init(name: "l1d", capacity: .kibibytes(32), isShared: false),
      .init(name: "l2", capacity: .mebibytes(1), isShared: true),
    ],
    peaks: [1, 4].flatMap { threads in
      [
        .init(
          dtype: .float32, instructionSet: "avx2", threads: threads,
          rate: FLOPsPerSecond(1.25e11 * Double(threads))),
        .init(
          dtype: .int8, instructionSet: "avx2", threads: threads,
          rate: FLOPsPerSecond(2.5e11 * Double(threads))),
      ]
    },
    bandwidths: [1, 4].flatMap { threads in
      [("l1d", 2e11), ("l2", 1e12), ("dram", 2e10 / Double(threads))].map { level, rate in
        HostLimits.Bandwidth(
          level: level, stream: .read, threads: threads, workingSet: .kibibytes(16),
          rate: BytesPerSecond(rate))
      }
    },
    latencies: [.init(level: "dram", workingSet: .mebibytes(128), time: Seconds(1e-7))],
    dispatch: [1: Seconds(1e-8), 4: Seconds(1e-6)], timerResolution: Seconds(2e-8), jitter: 1.01,
    elapsed: Seconds(20))

  @Test func `the profile of a probe loads as a board`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("probe-\(UUID().uuidString)")
    let boards = folder.appendingPathComponent("boards")
    try FileManager.default.createDirectory(at: boards, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let text = BoardProfileText(
      limits: Self.limits, tool: "boardfit 0.1.0", date: "2026-01-01T00:00:00Z"
    ).text
    #expect(text.hasSuffix("- id: default\n"))
    try text.write(
      to: boards.appendingPathComponent("probed.yaml"), atomically: true, encoding: .utf8)
    let bundled = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("HardwareProfiles").path
    let catalog = try Catalog.load(directories: [bundled, folder.path])
    let board = try #require(catalog.board("probed"))
    let unit = try #require(board.unit("cpu"))
    #expect(unit.coreCount == 4)
    #expect(unit.runtimes == ["boardfit"])
    #expect(unit.clusters.first?.peakRates[.float32]?.value == FLOPsPerSecond(1.25e11))
    #expect(unit.clusters.first?.peakRates[.int8]?.basis == .measured)
    #expect(unit.levels.map(\.scope) == [.perCore, .shared])
    #expect(board.memory("dram")?.bandwidth.value == BytesPerSecond(2e10))
    #expect(board.memory("dram")?.reserved?.value == Bytes(2 << 30))
  }

  @Test func `every figure stands in the answer`() throws {
    let report = ProbeReport(origin: SampleRun.origin, limits: Self.limits)
    let text = report.text(.markdown)
    #expect(text.contains("500 GFLOP/s") && text.contains("1.00 TOP/s"))
    // Peaks, bandwidths, a latency, dispatches.
    #expect(report.records.count == 13)
    #expect(report.text(.csv).contains("operationsPerSecond"))
  }
}
