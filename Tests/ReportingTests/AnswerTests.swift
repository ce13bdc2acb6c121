import CostModel
import Decision
import Foundation
import HardwareModel
import Quantities
import Reporting
import TestSupport
import Testing

@Suite struct AnswerTests {
  private static let origin = Origin(tool: "boardfit", command: "boardfit")

  private static func object(_ report: some Report) throws -> [String: Any] {
    let object = try JSONSerialization.jsonObject(with: Data(report.text(.json).utf8))
    return try #require(object as? [String: Any])
  }

  @Test func `unknown work makes every format say at least`() throws {
    let comparison = try HostileText.comparison("net")
    let estimate = comparison.entries[0].candidates[0].estimate
    let predict = PredictReport(origin: Self.origin, model: "net", estimate: estimate)
    let compare = CompareReport(origin: Self.origin, comparison: comparison)
    for report in [predict, compare] as [any Report] {
      for format in [ReportFormat.table(TerminalStyle()), .markdown] {
        #expect(report.text(format).contains("≥ "))
      }
    }
    #expect(try Self.object(predict)["isLowerBound"] as? Bool == true)
    #expect(compare.records[0]["isLowerBound"] == true)
    #expect(HTMLReport(origin: Self.origin, comparison: comparison).text.contains("≥ "))
    let known = try SampleComparison.standard()
    #expect(
      !CompareReport(origin: Self.origin, comparison: known).text(.table(TerminalStyle()))
        .contains("≥"))
  }

  @Test func `a prediction's keys name their units`() throws {
    let comparison = try SampleComparison.standard()
    let candidate = try #require(
      comparison.entries[0].candidates.first { $0.estimate.fallback != nil })
    let object = try Self.object(
      PredictReport(origin: Self.origin, model: "m", estimate: candidate.estimate))
    let median = candidate.estimate.latency.median.rawValue
    // Foundation's parser on Linux may be off in the last digit.
    let latency = try #require(object["latencySeconds"] as? Double)
    #expect(abs(latency / median - 1) < 1e-12)
    #expect(object["kind"] as? String == "prediction")
    for key in ["arenaBytes", "weightBytes", "fallbackCostSeconds", "hostOnlyLatencySeconds"] {
      #expect(object[key] is NSNumber, "\(key)")
    }
    #expect(object["energyJoules"] is NSNull)
    let kernels = try #require(object["kernels"] as? [[String: Any]])
    #expect(kernels.count == candidate.estimate.kernels.count)
    #expect(kernels.allSatisfy { $0["seconds"] is NSNumber && $0["trafficBytes"] is NSNumber })
  }

  @Test func `a comparison answers by model with cheapest and fastest`() throws {
    let comparison = try SampleComparison.standard()
    let object = try Self.object(CompareReport(origin: Self.origin, comparison: comparison))
    let models = try #require(object["models"] as? [[String: Any]])
    #expect(models.map { $0["name"] as? String } == ["mobile-net", "tiny-net"])
    #expect(models[0]["cheapest"] as? String == "sample-npu/npu/sample-delegate")
    #expect(models[0]["fastest"] as? String == "sample-gpu/gpu/sample-rt")
    let candidates = try #require(models[0]["candidates"] as? [[String: Any]])
    #expect(candidates.count == 6)
    #expect(candidates[0]["verdict"] as? String == "meets")
    let requirements = try #require(object["requirements"] as? [String: Any])
    #expect(requirements["deadlineSeconds"] as? Double == 0.02)
  }

  @Test func `an accelerator that loses to the host is told so in every format`() throws {
    let comparison = try SampleComparison.standard()
    let losing = try #require(
      comparison.entries[1].candidates.first {
        $0.estimate.deployment.unit.id == "npu"
      })
    let predict = PredictReport(origin: Self.origin, model: "m", estimate: losing.estimate)
    let sentence = "the accelerated plan loses to the host alone"
    #expect(predict.text(.table(TerminalStyle())).contains(sentence))
    #expect(predict.text(.markdown).contains(sentence))
    #expect(predict.json["losesToHostAlone"] == true)
    #expect(HTMLReport(origin: Self.origin, comparison: comparison).text.contains(sentence))
  }

  @Test func `when nothing will do the nearest is named with what is in the way`() throws {
    let comparison = try SampleComparison.compare(
      [SampleComparison.model("mobile-net", try SampleComparison.mobileNetwork())],
      requirements: Requirements(deadline: Seconds(1e-6), maximumPrice: USDollars(10)))
    let text = CompareReport(origin: Self.origin, comparison: comparison)
      .text(.table(TerminalStyle()))
    #expect(text.contains("None of 6 deployments run it within 1 µs, at most 10 USD."))
    #expect(text.contains("Nearest: ") && text.contains("price above 10 USD"))
    let page = HTMLReport(origin: Self.origin, comparison: comparison).text
    #expect(page.contains("Nearest") && !page.contains("Cheapest"))
  }

  @Test func `inspection counts operators and unknown work`() throws {
    let workload = try SampleComparison.partlyUnknown(layer: "net", operatorName: "Mystery")
    let report = InspectReport(
      origin: Self.origin, name: "net", metadata: [.init("format", "ONNX")], workload: workload,
      parameterCount: 432, warnings: [])
    let object = try Self.object(report)
    #expect(object["macs"] as? Int == 16 * 3 * 9 * 32 * 32)
    #expect(object["isLowerBound"] as? Bool == true)
    #expect(object["unknownOperators"] as? [String] == ["Mystery"])
    let text = report.text(.table(TerminalStyle()))
    #expect(text.contains("≥ 442 kMAC") && text.contains("1 of 2 steps have known work"))
    #expect(report.records.count == 2)
  }

  @Test func `a board's numbers come with basis and source`() throws {
    let board = SampleBoards.gpuModule
    let report = BoardFactsReport(origin: Self.origin, board: board, facts: board.facts)
    let facts = try #require(try Self.object(report)["facts"] as? [[String: Any]])
    #expect(facts.count == board.facts.count)
    #expect(facts.allSatisfy { ($0["source"] as? String)?.isEmpty == false })
    let list = BoardListReport(origin: Self.origin, boards: SampleBoards.catalog.boards)
    #expect(list.text(.csv).hasPrefix("board,name,priceUSDollars"))
    #expect(list.records.count == 4)
    for (row, board) in zip(list.records, list.boards) {
      #expect(row["units"] == .string(board.units.map(\.id).joined(separator: " ")))
      #expect(row["memories"] == .string(board.memories.map(\.id).joined(separator: " ")))
      #expect(row["powerModes"] == .string(board.powerModes.map(\.id).joined(separator: " ")))
    }
  }
}

@Suite struct JSONValueTests {
  @Test func `doubles read back as they were and none is not a number`() {
    let numbers = [0.1, 1e-5, 6.02e23, -0.0, .leastNonzeroMagnitude, 12.3456789012345678]
    // Foundation's reader is off in the last digit, so that the text itself is read.
    #expect(numbers.map { Double(JSONValue.number($0).text.dropLast()) } == numbers)
    #expect(JSONValue.array([.number(.nan), .number(-.infinity)]).text == "[null, null]\n")
  }

  @Test func `members keep their order and keys do not repeat`() {
    let object: JSONObject = ["b": 1, "a": 2]
    #expect(
      JSONValue.object(object + ["c": nil, "b": 3]).text
        == "{\n  \"b\": 3,\n  \"a\": 2,\n  \"c\": null\n}\n")
  }

  @Test func `rows of different keys share one header`() {
    #expect(
      CSV.text([["a": 1, "b": "x,y"], ["b": "say \"no\"", "c": 0.5]])
        == "a,b,c\r\n1,\"x,y\",\r\n,\"say \"\"no\"\"\",0.5\r\n")
  }
}
