import Foundation
import HardwareModel
import Quantities
import Reporting
import TensorTypes
import Testing

@Suite struct OperatorCostReportTests {
  private static let costs = OperatorCosts(
    id: "my-machine", source: "boardfit 0.1.0 probe --operators: medians",
    host: OperatorCosts.Host(
      processor: "A \"CPU\"\n", instructionSet: "avx2", threads: 2, clock: Hertz(3.5e9),
      otherLoad: 0.25),
    rows: [
      OperatorCost(
        kind: .conv, variant: "3x3", dtype: .float32,
        kernels: ["conv.indirect.f32", "conv.winograd.f32"], scale: .mac,
        fitting: [
          OperatorCost.Observation(
            shape: "1×2×3×3", macs: MACs(1000), elements: 18, bytes: Bytes(64),
            time: Seconds(2e-6), samples: 9),
          OperatorCost.Observation(
            shape: "1×2×9×9", macs: MACs(9000), elements: 162, bytes: Bytes(640),
            time: Seconds(1e-5), samples: 7),
        ]),
      OperatorCost(
        kind: .relu, variant: "", dtype: .float32, kernels: ["elementwise.f32"], scale: .element,
        fitting: [
          OperatorCost.Observation(
            shape: "64", macs: .zero, elements: 64, bytes: Bytes(512), time: Seconds(1e-7),
            samples: 9)
        ]),
    ])

  @Test func `what is written is read`() throws {
    let text = OperatorCostsText(Self.costs).text
    let read = try OperatorCosts(
      ProfileFile(kind: .operators, name: "operators/my-machine.yaml", text: text))
    #expect(read.id == Self.costs.id && read.source == Self.costs.source)
    #expect(read.host.processor == "A \"CPU\" " && read.host.otherLoad == 0.25)
    #expect(read.rows.count == 2)
    for (read, written) in zip(read.rows, Self.costs.rows) {
      #expect(read.kind == written.kind && read.variant == written.variant)
      #expect(read.kernels == written.kernels && read.scale == written.scale)
      #expect(abs(read.slope.rawValue / written.slope.rawValue - 1) < 1e-3)
      #expect(abs(read.fixed.rawValue - written.fixed.rawValue) <= 1e-3 * written.fixed.rawValue)
      #expect(read.observations.map(\.shape) == written.observations.map(\.shape))
      #expect(read.observations.map(\.bytes) == written.observations.map(\.bytes))
    }
  }

  @Test func `tables and records hold each operator`() throws {
    let report = OperatorCostReport(
      origin: Origin(tool: "boardfit", command: "boardfit probe --operators"), costs: Self.costs,
      host: SampleRun.host, before: SampleRun.conditions(1), after: SampleRun.conditions(2),
      elapsed: Seconds(9))
    let table = report.text(.markdown)
    #expect(table.contains("Conv") && table.contains("3x3") && table.contains("1000 ps"))
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(report.text(.json).utf8)) as? [String: Any])
    let rows = try #require(json["operators"] as? [[String: Any]])
    #expect(json["kind"] as? String == "operatorCosts" && rows.count == 2)
    // 1 µs + 1 ns a multiply-accumulate.
    #expect(abs(try #require(rows[0]["secondsPerMAC"] as? Double) - 1e-9) < 1e-15)
    #expect(rows[0]["secondsPerByte"] is NSNull && rows[0]["points"] as? Int == 2)
    #expect((rows[0]["observations"] as? [Any])?.count == 2)
    #expect(report.text(.csv).split(whereSeparator: \.isNewline).count == 3)
  }
}
