import Quantities
import RunImport
import Testing

@Suite struct LogReaderTests {
  private func read(_ text: String) throws -> ImportedRuns {
    try RunFile.read(Array(text.utf8), file: "log")
  }

  private func near(_ time: Seconds?, _ seconds: Double) -> Bool {
    time.map { abs($0.rawValue - seconds) <= 1e-9 * seconds } ?? false
  }

  @Test func `every kind is known by its content`() throws {
    for (format, text) in LogFixtures.all {
      let runs = try read(text).runs
      #expect(!runs.isEmpty)
      for run in runs where format != .tidyTable { #expect(run.log?.format == format, "\(text)") }
    }
  }

  @Test func `an ONNX Runtime profile keeps samples, the cold run apart, and operators`() throws {
    let result = try read(LogFixtures.onnxRuntime)
    #expect(result.rejected.isEmpty)
    let run = try #require(result.runs.first)
    let log = try #require(run.log)
    #expect(log.samples.map { ($0.rawValue * 1e6).rounded() } == [140, 120, 130])
    #expect(near(run.latency, 130e-6))
    #expect(log.latencyKind == .median)
    #expect(near(log.firstRun, 900e-6))
    #expect(near(log.loadTime, 2e-3))
    #expect(run.threads == 1)
    #expect(run.precision == "fp32")
    #expect(
      log.operators.map(\.name) == [
        "stem_relu_nchwc", "body_nchwc", "ReorderOutput", "GlobalAveragePool_token_4", "head",
      ])
    // Of the warm runs; the cold one takes eight times as long.
    #expect(log.operators.map { ($0.time.rawValue * 1e6).rounded() } == [60, 30, 2, 3, 5])
    #expect(log.operators[0].outputShapes == [[1, 8, 32, 32]])
    #expect(log.operators[0].samples.count == 3)
    #expect(log.operators.map(\.isOverhead) == [false, false, true, false, false])
  }

  @Test func `the body of a loop is counted once, inside the loop`() throws {
    let text = """
      [
      {"cat":"Node","tid":1,"dur":40,"ts":20,"name":"inner_kernel_time","args":{"op_name":"Add","node_index":"0"}},
      {"cat":"Node","tid":1,"dur":40,"ts":60,"name":"inner_kernel_time","args":{"op_name":"Add","node_index":"0"}},
      {"cat":"Node","tid":1,"dur":100,"ts":10,"name":"loop_kernel_time","args":{"op_name":"Loop","node_index":"0"}},
      {"cat":"Session","tid":1,"dur":120,"ts":5,"name":"model_run","args":{}}
      ]
      """
    for form in [text, text.split(separator: "\n").joined()] {
      let run = try #require(try read(form).runs.first)
      #expect(run.log?.operators.map(\.name) == ["loop"])
      // One run is the first run, and is called so.
      #expect(run.log?.latencyKind == .firstRun)
      #expect(run.log?.samples.isEmpty == true)
    }
  }

  @Test func `a profile that was cut off keeps the whole events before`() throws {
    let text = LogFixtures.onnxRuntime
    let cut = String(text.prefix(text.count * 9 / 10))
    let result = try read(cut)
    #expect(result.runs.first?.log?.samples.count == 2)
    #expect(result.rejected.contains { $0.reason.hasPrefix("no valid JSON: ") })
    #expect(result.rejected.allSatisfy { $0.place.line > 1 })
  }

  @Test func `benchmark_model reads the summary in microseconds and one table in milliseconds`()
    throws
  {
    let run = try #require(try read(LogFixtures.benchmarkModel).runs.first)
    let log = try #require(run.log)
    #expect(run.model == "tiny.tflite")
    #expect(run.threads == 2)
    #expect(near(run.latency, 118e-6))
    #expect(near(log.firstRun, 900e-6))
    #expect(near(log.loadTime, 5e-3))
    #expect(log.statistics.count == 50)
    #expect(near(log.statistics.minimum, 100e-6))
    #expect(log.peakMemory == .mebibytes(8))
    #expect(log.operators.map { ($0.time.rawValue * 1e6).rounded() } == [60, 30, 10])
    #expect(
      log.operators.map(\.outputs) == [
        ["stem_relu.out"], ["body.out", "body_relu.out"], ["head.out"],
      ])
    #expect(log.operators.map(\.kind) == ["CONV_2D", "CONV_2D", "FULLY_CONNECTED"])
  }

  @Test func `a profiling CSV has no time from end to end, and says so`() throws {
    let run = try #require(try read(LogFixtures.profilingCSV).runs.first)
    #expect(run.log?.latencyKind == .sumOfOperators)
    #expect(near(run.latency, 100e-6))
    #expect(run.log?.operators.map(\.outputs) == [["stem_relu.out"], ["left", "right"]])
    #expect(run.log?.notes.isEmpty == false)
  }

  @Test func `trtexec's three files`() throws {
    let times = try #require(try read(LogFixtures.trtexecTimes).runs.first)
    #expect(times.log?.samples.count == 3)
    #expect(near(times.latency, 1.1e-3))
    #expect(times.log?.notes.first?.contains("transfers") == true)
    let profile = try #require(try read(LogFixtures.trtexecProfile).runs.first)
    #expect(profile.log?.latencyKind == .sumOfOperators)
    #expect(
      profile.log?.operators.map(\.nodes) == [[], ["stem", "stem_relu"], ["body", "body_relu"]])
    #expect(profile.log?.operators.map(\.isOverhead) == [true, false, false])
    let log = try #require(try read(LogFixtures.trtexecLog).runs.first)
    #expect(near(log.latency, 2.08e-3))
    #expect(log.model == "tiny.onnx")
    #expect(log.device == "Orin")
    #expect(log.precision == "fp16")
    #expect(log.log?.notes.contains { $0.contains("unstable") } == true)
    // Each figure states its unit.
    let other = try read(
      LogFixtures.trtexecLog.replacing("median = 2.08 ms", with: "median = 2080 us"))
    #expect(near(other.runs.first?.latency, 2.08e-3))
  }

  @Test func `a quote in a layer's name does not lose a trtexec profile`() throws {
    let text = LogFixtures.trtexecProfile.replacing("stem + stem_relu\"", with: "st\"em\\x\"")
    let run = try #require(try read(text).runs.first)
    #expect(run.log?.operators.count == 3)
    #expect(run.log?.operators.map(\.name).contains("st\"em\\x") == true)
  }

  @Test(arguments: [LogFixtures.llamaJSON, LogFixtures.llamaCSV, LogFixtures.llamaMarkdown])
  func `llama-bench: a prompt as a whole, a generation by the token`(text: String) throws {
    let runs = try read(text).runs
    #expect(runs.count == 2)
    #expect(near(runs[0].latency, 0.4))
    #expect(near(runs[1].latency, 0.05))
    #expect(runs.map(\.threads) == [4, 4])
    #expect(runs.map(\.precision) == ["Q4_0", "Q4_0"])
    #expect(runs[0].model.hasSuffix("pp128"))
    #expect(runs[1].model.contains("tg100"))
    #expect(runs.map(\.accelerator) == ["", ""])
  }

  @Test func `llama-bench as JSON keeps its samples`() throws {
    let runs = try read(LogFixtures.llamaJSON).runs
    #expect(runs.map { $0.log?.samples.count } == [3, 3])
    #expect(near(runs[1].log?.samples.last, 0.051))
  }

  @Test(arguments: [LogFixtures.openVINOCounters, LogFixtures.openVINOSorted])
  func `OpenVINO's counters take the precision from the kernels`(text: String) throws {
    let run = try #require(try read(text).runs.first)
    #expect(run.precision == "bf16")
    let operators = run.log?.operators.filter { !$0.isOverhead } ?? []
    #expect(operators.map(\.name) == ["stem/WithoutBiases", "body/WithoutBiases"])
    #expect(near(operators.first?.time, 60e-6))
  }

  @Test func `OpenVINO's requests are samples, its statistics name the unit`() throws {
    let detailed = try #require(try read(LogFixtures.openVINODetailed).runs.first)
    #expect(detailed.precision == "fp32")
    #expect(near(detailed.log?.operators.first?.time, 70e-6))
    for text in [LogFixtures.openVINOReport, LogFixtures.openVINOReportJSON] {
      let run = try #require(try read(text).runs.first)
      #expect(near(run.latency, 2.09e-3))
      #expect(near(run.log?.firstRun, 4.46e-3))
      #expect(run.model == "tiny.onnx")
      #expect(run.threads == 2)
    }
    let several = try #require(try read(LogFixtures.openVINOReportJSON).runs.first)
    #expect(several.log?.notes.contains { $0.contains("4 requests") } == true)
  }

  @Test func `average counters with one layer are a fault of the tool`() throws {
    let text =
      #"{"report_type": "average", "avg_performance": {"nodes": [{"name": "x", "node_type": "Parameter", "status": "Status.NOT_RUN", "real_time": "0.000", "exec_type": "u"}]}}"#
    let error = #expect(throws: RunImportError.self) { try read(text) }
    #expect(error?.reason.contains("one layer only") == true)
  }

  @Test func `AI Hub's times are microseconds, and its YAML's milliseconds`() throws {
    let profile = try #require(try read(LogFixtures.aiHub).runs.first)
    #expect(near(profile.latency, 1.1e-3))
    #expect(profile.accelerator == "NPU")
    #expect(profile.log?.peakMemory == .mebibytes(1))
    // A layer without a time of its own is none.
    #expect(profile.log?.operators.map(\.name) == ["/stem/Conv"])
    let table = try read(LogFixtures.aiHubYAML)
    #expect(table.runs.map(\.device) == ["Some Phone", "Some Phone"])
    #expect(table.runs.map(\.runtime) == ["tflite", "onnx"])
    #expect(table.runs.map(\.accelerator) == ["NPU", ""])
    #expect(table.runs.map(\.precision) == ["w8a8", "w8a8"])
    #expect(near(table.runs[0].latency, 1.25e-3))
    #expect(table.rejected.map(\.reason) == ["the job has the status 'Failed'"])
  }

  @Test func `Google Benchmark's rows state their units, and aggregates are no samples`() throws {
    let runs = try read(LogFixtures.googleBenchmark).runs
    #expect(runs.count == 1)
    #expect(runs[0].log?.samples.count == 3)
    #expect(near(runs[0].latency, 1.1e-3))
    #expect(near(runs[0].log?.statistics.maximum, 1.2e-3))
  }

  @Test func `hyperfine, LiteRT, benchncnn, ST Edge AI`() throws {
    let commands = try read(LogFixtures.hyperfine).runs
    #expect(commands.map { $0.log?.samples.count } == [3, 1])
    #expect(near(commands[0].latency, 0.011))
    let lite = try #require(try read(LogFixtures.liteRT).runs.first)
    #expect(near(lite.latency, 5e-3))
    #expect(near(lite.log?.firstRun, 9.5e-3))
    let ncnn = try read(LogFixtures.benchncnn).runs
    #expect(ncnn.map(\.model) == ["tinynet", "tinynet_int8"])
    #expect(ncnn.map(\.precision) == ["", "int8"])
    #expect(ncnn.map(\.powerMode) == ["big cores only", "big cores only"])
    #expect(ncnn.map(\.threads) == [4, 4])
    #expect(near(ncnn[0].latency, 11e-3))
    #expect(ncnn[0].log?.latencyKind == .mean)
    #expect(ncnn[0].log?.statistics.count == 8)
    let node = try #require(try read(LogFixtures.stEdgeAI).runs.first)
    #expect(near(node.latency, 12e-3))
    #expect(node.model == "tiny")
    #expect(node.log?.operators.map(\.nodes) == [["stem"], ["head"], []])
    #expect(node.log?.operators.map(\.isOverhead) == [false, false, true])
  }

  @Test func `our own record, and how much longer profiled runs take`() throws {
    let run = try #require(try read(LogFixtures.runRecord).runs.first)
    #expect(near(run.latency, 2e-3))
    #expect(run.log?.samples.count == 2)
    #expect(near(run.log?.firstRun, 9e-3))
    #expect(near(run.log?.profiledLatency, 2.4e-3))
    #expect(run.log?.operators.map(\.nodes) == [["stem", "stem_relu"], ["body"]])
    #expect(run.log?.notes.contains { $0.contains("cut off") } == true)
  }
}
