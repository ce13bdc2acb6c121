import Foundation
import Quantities
import TensorTypes
import Testing

@testable import Measurement

@Suite struct RunRecordTests {
  private let path = FileManager.default.temporaryDirectory
    .appendingPathComponent("record-\(UUID().uuidString).jsonl").path

  static let operators = [
    MeasuredOperator(
      name: "conv\"1\n", kernel: "reference.Conv", operators: [.conv, .relu],
      nodes: ["conv\"1\n", "relu"], flops: FLOPs(100), traffic: Bytes(200)),
    MeasuredOperator(
      name: "other", kernel: "reference.Other", operators: [], nodes: ["other"], flops: nil,
      traffic: nil),
  ]

  private static var start: RunRecord.Start {
    RunRecord.Start(
      tool: "boardfit", command: "boardfit run m.onnx", date: "2026-01-01T00:00:00Z", model: "m",
      modelDigest: "ab", kernels: "reference", threads: 2, processors: [0, 1], seed: .max,
      plan: RunPlan(length: .time(.milliseconds(1500)), warmupRuns: 1), host: WarningTests.host,
      conditions: WarningTests.before)
  }

  private static let runs = [
    RunSample(purpose: .first, time: Seconds(0.5)),
    RunSample(purpose: .plain, time: Seconds(0.25)),
    RunSample(purpose: .profiled, time: Seconds(0.375), stepTimes: [Seconds(0.125), .zero]),
  ]

  private func write(end: Bool = true) throws {
    let recorder = try RunRecorder(path: path)
    try recorder.start(Self.start)
    try recorder.load(RunRecord.Load(seconds: 0.1, operators: Self.operators))
    for run in Self.runs { try recorder.run(run) }
    if end {
      try recorder.end(
        RunRecord.End(
          isInterrupted: true, peakResidentBytes: 7, conditions: WarningTests.after))
    }
  }

  @Test func `a record reads back as it was written, and a second is appended`() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try write()
    try write(end: false)
    let records = try RunRecord.read(path: path)
    #expect(records.count == 2)
    let first = try #require(records.first)
    #expect(first.start == Self.start)
    #expect(first.start.budgetSeconds == 1.5)
    #expect(first.load?.steps.map(\.operations) == [100, nil])
    #expect(first.samples.runs == Self.runs)
    #expect(first.samples.isInterrupted)
    #expect(first.end?.conditions == WarningTests.after)
    #expect(!first.isTruncated)
    #expect(records[1].end == nil)
  }

  @Test func `a record cut at any byte reads back to the last whole line`() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try write()
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    var bytesBefore = 0
    for length in 0..<whole.count {
      let cut = whole.prefix(length)
      let lines = cut.count { $0 == UInt8(ascii: "\n") }
      do throws(RecordError) {
        let records = try RunRecord.read(Array(cut), path: "r")
        let samples = records.first?.samples.runs.count ?? 0
        // A line without its end counts when it is whole.
        #expect(samples == max(0, lines - 2) || samples == max(0, lines - 1))
        let isOpen = cut.last != UInt8(ascii: "\n")
        if records.first?.isTruncated == true { #expect(isOpen) }
      } catch {
        // Within the first line there is no record yet.
        #expect(lines == 0)
        bytesBefore += 1
      }
    }
    #expect(bytesBefore > 0)
    // One byte into the last sample's line: everything before is there, and the cut is told.
    let endOfSecond = whole.enumerated().filter { $0.element == UInt8(ascii: "\n") }[3].offset
    let cut = try #require(
      try RunRecord.read(Array(whole.prefix(endOfSecond + 2)), path: "r").first)
    #expect(cut.isTruncated)
    #expect(cut.samples.runs == Array(Self.runs.prefix(2)))
  }

  @Test func `a line that a killed writer left open does not spoil the next record`() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try write(end: false)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    try whole.prefix(whole.count - 9).write(to: URL(fileURLWithPath: path))
    try write()
    let records = try RunRecord.read(path: path)
    #expect(records.map(\.isTruncated) == [true, false])
    #expect(records.map(\.samples.runs.count) == [2, 3])
  }

  @Test(arguments: [
    (#"{"record":"run","purpose":"plain","seconds":1}"#, "a run before the model was loaded"),
    (#"{"record":"load","seconds":-1,"steps":[]}"#, "-1.0 is no time"),
    (#"{"record":"hello"}"#, "'record' has no such value"),
    (#"{"record":"load","seconds":"x","steps":[]}"#, "'seconds' has another type"),
    (#"{"record":"load"}"#, "no 'seconds'"),
    ("nonsense", "not a line of JSON"),
    (String(repeating: "[", count: 100_000), "not a line of JSON"),
  ])
  func `a line that means nothing is an error with its number`(line: String, reason: String)
    throws
  {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let recorder = try RunRecorder(path: path)
    try recorder.start(Self.start)
    var data = try Data(contentsOf: URL(fileURLWithPath: path))
    data += Data("\(line)\n\(#"{"record":"load","seconds":1,"steps":[]}"#)\n".utf8)
    #expect(throws: RecordError.malformed(path: "r", line: 2, reason: reason)) {
      try RunRecord.read(Array(data), path: "r")
    }
  }

  @Test func `a run's line is read at once as the decoder reads it`() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let numbers: [Double] = [
      0, .leastNonzeroMagnitude, 1.0 / 3, 0.00021895600000000002, 1e-7, 2.5e300,
    ]
    for purpose in RunPurpose.allCases {
      for steps in [[], [Seconds(0.5)], numbers.map { Seconds($0) }] {
        for number in numbers {
          let run = RunSample(purpose: purpose, time: Seconds(number), stepTimes: steps)
          let line = Array(try encoder.encode(RecordLine.run(run)))
          #expect(RunSample(line: line[...]) == run)
          for end in 0..<line.count { #expect(RunSample(line: line[..<end]) == nil) }
          #expect(RunSample(line: (line + Array(" ".utf8))[...]) == nil)
        }
      }
    }
  }

  @Test(arguments: [
    #"{"purpose":"plain","record":"run","seconds":}"#,
    #"{"purpose":"plain","record":"run","seconds":.5}"#,
    #"{"purpose":"plain","record":"run","seconds":+5}"#,
    #"{"purpose":"plain","record":"run","seconds":1-5}"#,
    #"{"purpose":"plain","record":"run","seconds":nan}"#,
    #"{"purpose":"other","record":"run","seconds":1}"#,
    #"{"record":"run","purpose":"plain","seconds":1}"#,
    #"{"purpose":"profiled","record":"run","seconds":1,"stepSeconds":[]}"#,
    #"{"purpose":"profiled","record":"run","seconds":1,"stepSeconds":[1,]}"#,
    #"{"purpose":"profiled","record":"run","seconds":1,"stepSeconds":[1]"#,
  ])
  func `any other line is left to the decoder`(line: String) {
    #expect(RunSample(line: Array(line.utf8)[...]) == nil)
  }

  @Test func `step times must be those of the steps`() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let recorder = try RunRecorder(path: path)
    try recorder.start(Self.start)
    try recorder.load(RunRecord.Load(seconds: 0.1, operators: Self.operators))
    try recorder.run(RunSample(purpose: .profiled, time: .zero, stepTimes: [.zero]))
    #expect(
      throws: RecordError.malformed(
        path: path, line: 3, reason: "1 times for the 2 steps of the model")
    ) { try RunRecord.read(path: path) }
  }

  @Test func `a file that cannot be opened says why`() {
    #expect(throws: RecordError.self) { try RunRecorder(path: "/no/such/folder/r.jsonl") }
    #expect(throws: RecordError.self) { try RunRecord.read(path: "/no/such/file.jsonl") }
  }
}
