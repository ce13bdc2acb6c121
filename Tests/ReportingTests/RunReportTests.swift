import CostModel
import Decision
import Foundation
import Measurement
import Quantities
import Reporting
import TensorTypes
import Testing

@Suite struct RunReportTests {
  private func json(_ report: RunReport) throws -> [String: Any] {
    let text = report.text(.json)
    return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func `the answer has its keys with their units`() throws {
    let run = SampleRun.run(of: try SampleRun.estimate())
    let answer = try json(RunReport(origin: SampleRun.origin, run: run))
    for key in [
      "schemaVersion", "model", "threads", "loadSeconds", "firstRunSeconds", "samplesSeconds",
      "medianSeconds", "peakResidentBytes", "weightBytes", "packedBytes", "arenaBytes",
      "scratchBytes", "operators", "unattributedSeconds", "host", "warnings",
    ] {
      #expect(answer[key] != nil, "no \(key)")
    }
    #expect(answer["loadSeconds"] as? Double == 0.25)
    #expect((answer["samplesSeconds"] as? [Double])?.count == 2)
    #expect(answer["p90Seconds"] is NSNull)
    #expect((answer["operators"] as? [Any])?.count == run.operators.count)
    #expect(abs(try #require(answer["unattributedSeconds"] as? Double) - 0.002) < 1e-9)
    #expect((answer["warnings"] as? [String])?.contains { $0.contains("powersave") } == true)
  }

  @Test func `the listed operators, the others and the rest make the whole`() throws {
    let run = SampleRun.run(of: try SampleRun.estimate())
    let text = RunReport(origin: SampleRun.origin, run: run).text(.markdown)
    #expect(text.contains("\(run.operators.count - 10) others"))
    #expect(text.contains("outside all operators"))
    let verbose = RunReport(origin: SampleRun.origin, run: run, isVerbose: true).text(.markdown)
    for op in run.operators { #expect(verbose.contains(op.name)) }
  }

  @Test func `a run without samples says so`() throws {
    var run = SampleRun.run(of: try SampleRun.estimate())
    run.samples = Samples(runs: [], isInterrupted: true)
    let report = RunReport(origin: SampleRun.origin, run: run)
    #expect(report.text(.markdown).contains("no sample"))
    #expect(try json(report)["medianSeconds"] is NSNull)
    #expect(try json(report)["isInterrupted"] as? Bool == true)
  }

  @Test func `differences from the reference are told for each value`() throws {
    let run = SampleRun.run(of: try SampleRun.estimate())
    let values = [
      try #require(
        ValueAgreement(name: "hidden", isOutput: false, reference: [1, 2], other: [1, 2.5])),
      try #require(ValueAgreement(name: "out", isOutput: true, reference: [3], other: [3])),
    ]
    let report = RunReport(origin: SampleRun.origin, run: run, agreement: values)
    let text = report.text(.markdown)
    #expect(text.contains("hidden") && text.contains("5.00e-1") && text.contains("equal"))
    let records = try #require(try json(report)["agreement"] as? [[String: Any]])
    #expect(records[0]["maximumAbsolute"] as? Double == 0.5)
    #expect(records[1]["signalToNoiseDecibels"] is NSNull)
  }

  @Test func `a time line holds each step of each run`() throws {
    let run = SampleRun.run(of: try SampleRun.estimate())
    let spans = [
      StepSpan(step: 0, begin: 5_000, end: 7_500), StepSpan(step: 1, begin: 8_000, end: 9_000),
      StepSpan(step: 9_999, begin: 1, end: 2), StepSpan(step: 1, begin: 9, end: 3),
    ]
    let runs = [RunSpans(steps: Array(spans.prefix(2))), RunSpans(steps: [])]
    let text = TraceText(title: "t", operators: run.operators, runs: runs).text
    let trace = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let events = try #require(trace["traceEvents"] as? [[String: Any]])
    let complete = events.filter { $0["ph"] as? String == "X" }
    #expect(complete.count == 3)
    #expect(complete.map { $0["ts"] as? Double } == [0, 0, 3])
    #expect(complete.map { $0["dur"] as? Double } == [4, 2.5, 1])
    // Spans that make no sense are left out, not drawn.
    let strays = [WorkerSpan(worker: 1, begin: 0, end: 4), WorkerSpan(worker: 1, begin: 9, end: 3)]
    let hostile = TraceText(
      title: "t", operators: run.operators, runs: [RunSpans(steps: spans, workers: strays)]
    ).text
    #expect(!hostile.contains("-"))
  }

  @Test func `a time line has a track with a name for each worker`() throws {
    let run = SampleRun.run(of: try SampleRun.estimate())
    let spans = RunSpans(
      steps: [
        StepSpan(step: 0, begin: 5_000, end: 7_500), StepSpan(step: 1, begin: 8_000, end: 9_000),
      ],
      workers: [
        WorkerSpan(worker: 1, begin: 5_100, end: 7_000),
        WorkerSpan(worker: 2, begin: 8_100, end: 8_900),
        // Between two steps nobody works.
        WorkerSpan(worker: 2, begin: 7_700, end: 7_800),
      ])
    let text = TraceText(title: "t", operators: run.operators, runs: [spans]).text
    let trace = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let events = try #require(trace["traceEvents"] as? [[String: Any]])
    let names = events.filter { $0["name"] as? String == "thread_name" }
      .compactMap { ($0["args"] as? [String: Any])?["name"] as? String }
    #expect(names == ["runs", "steps, calling thread", "worker 1", "worker 2"])
    func drawn(_ thread: Int) -> [[String: Any]] {
      events.filter { $0["tid"] as? Int == thread && $0["ph"] as? String == "X" }
    }
    #expect(drawn(3).map { $0["name"] as? String } == [run.operators[0].name])
    #expect(drawn(4).map { $0["name"] as? String } == [run.operators[1].name])
    #expect(drawn(4).map { $0["ts"] as? Double } == [3.1])
  }
}
