import Quantities
import RunImport
import Testing

@Suite struct DamagedLogTests {
  private func read(_ text: String) throws -> ImportedRuns {
    try RunFile.read(Array(text.utf8), file: "log")
  }

  /// The refusal of a file, or the rows that were not read.
  private func complaints(_ text: String) -> [String] {
    do throws(RunImportError) {
      return try RunFile.read(Array(text.utf8), file: "log").rejected.map(\.description)
    } catch {
      return [error.description]
    }
  }

  @Test(arguments: 0..<LogFixtures.all.count)
  func `a file that ends anywhere is read, or refused by name`(fixture: Int) {
    let bytes = Array(LogFixtures.all[fixture].text.utf8)
    for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 150)) {
      do throws(RunImportError) {
        let result = try RunFile.read(Array(bytes[..<length]), file: "log")
        for run in result.runs { #expect(run.latency.rawValue.isFinite && run.latency > .zero) }
      } catch {
        #expect(error.file == "log")
        #expect(!error.reason.isEmpty)
      }
    }
  }

  @Test(arguments: 0..<LogFixtures.all.count)
  func `bytes that are not the tool's do no harm`(fixture: Int) {
    let bytes = Array(LogFixtures.all[fixture].text.utf8)
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15 &+ UInt64(fixture)
    for _ in 0..<60 {
      var damaged = bytes
      for _ in 0..<3 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        damaged[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 20)
      }
      do throws(RunImportError) {
        for run in try RunFile.read(damaged, file: "log").runs {
          #expect(run.latency.rawValue.isFinite && run.latency > .zero)
        }
      } catch { #expect(!error.reason.isEmpty) }
    }
  }

  @Test func `an empty file, and one of zero bytes`() {
    #expect(complaints("").first?.contains("empty") == true)
    #expect(complaints("a\n\0").first?.hasPrefix("log:2: a zero byte") == true)
    #expect(
      complaints("nothing of the kind").first?.hasPrefix("log:1: no kind of run file") == true)
  }

  @Test func `deep and large JSON is refused`() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(complaints("{\"a\": \(deep)").first?.contains("levels deep") == true)
    #expect(complaints("[[[[").first?.contains("log") == true)
    #expect(complaints("{\"results\": 1, \"results\": 2}").first?.contains("stands twice") == true)
  }

  @Test(arguments: ["NaN", "-3", "0", "1e999", "\"fast\"", "null"])
  func `a time that is none loses its row, not the others`(time: String) throws {
    let text = LogFixtures.trtexecTimes.replacing(
      "\"latencyMs\" : 1.1", with: "\"latencyMs\" : \(time)")
    let result = try read(text)
    #expect(result.runs.first?.log?.samples.count == 2)
    #expect(result.rejected.map(\.place.line) == [3])

    let profile = LogFixtures.onnxRuntime.replacing("\"dur\" :120,", with: "\"dur\" :\(time),")
    let damaged = try read(profile)
    #expect(damaged.runs.first?.log?.samples.count == 2)
    #expect(damaged.rejected.count == 1)
    #expect(damaged.rejected.first?.reason.contains("model_run") == true)
  }

  @Test(arguments: ["nan", "-6.50", "0.00", "6.50ms", ""])
  func `one bad line of benchncnn does not lose the other`(time: String) throws {
    let result = try read(LogFixtures.benchncnn.replacing("   6.50 ", with: " \(time) "))
    #expect(result.runs.map(\.model) == ["tinynet"])
    #expect(result.rejected.map(\.place.line) == [8])
  }

  /// A file, what is changed in it, and what the complaint must name.
  @Test(arguments: [
    // Renamed columns and keys.
    (LogFixtures.onnxRuntime, "\"dur\"", "\"duration\"", "dur"),
    (LogFixtures.onnxRuntime, "model_run", "run_of_model", "model_run"),
    (LogFixtures.trtexecTimes, "latencyMs", "latency", "latencyMs"),
    (LogFixtures.trtexecProfile, "averageMs", "meanMs", "averageMs"),
    (LogFixtures.llamaJSON, "n_gen", "n_generated", "n_gen"),
    (LogFixtures.llamaCSV, "avg_ts", "mean_ts", "avg_ts"),
    (LogFixtures.llamaMarkdown, " t/s ", " rate ", "t/s"),
    (LogFixtures.openVINOCounters, "realTime (ms)", "time (ms)", "realTime"),
    (LogFixtures.openVINODetailed, "real_time", "time", "real_time"),
    (LogFixtures.openVINOReport, "latency (ms)", "median (ms)", "latency (ms)"),
    (LogFixtures.aiHub, "execution_summary", "summary", "execution_summary"),
    (LogFixtures.aiHubYAML, "inference_time_milliseconds", "inference_time", "milliseconds"),
    (LogFixtures.googleBenchmark, "time_unit", "unit", "time_unit"),
    (LogFixtures.liteRT, "avg_ms", "mean_ms", "avg_ms"),
    (LogFixtures.profilingCSV, "avg_ms", "mean_ms", "avg_ms"),
    (LogFixtures.benchmarkModel, "Inference (avg)", "Inference (mean)", "Inference (avg)"),
    (LogFixtures.stEdgeAI, "dur (ms)", "duration", "dur (ms)"),
    (LogFixtures.tidyTable, "latency_ms", "latency_us", "latency_us"),
    // Units that are others, or mixed.
    (LogFixtures.trtexecLog, "min = 2.01 ms", "min = 2010 ms", "mixed"),
    (LogFixtures.trtexecLog, "max = 2.5 ms", "max = 2.5", "no unit"),
    (LogFixtures.trtexecTimes, "\"computeMs\" : 0.8", "\"computeMs\" : 800", "mixed"),
    (LogFixtures.llamaJSON, "\"avg_ns\": 400000000", "\"avg_ns\": 400000", "mixed"),
    (LogFixtures.llamaCSV, "\"5000000000\"", "\"5000\"", "mixed"),
    (LogFixtures.openVINOReport, "max latency;2.40", "max latency;0.0024", "mixed"),
    (
      LogFixtures.aiHub, "\"estimated_inference_time\": 1000", "\"estimated_inference_time\": 1",
      "mixed"
    ),
    (
      LogFixtures.aiHub, "\"estimated_inference_time\": 1000", "\"estimated_inference_time\": 1.25",
      "milliseconds"
    ),
    (LogFixtures.hyperfine, "\"mean\": 0.011", "\"mean\": 11", "mixed"),
    (LogFixtures.liteRT, "\"median_ms\": 5.0", "\"median_ms\": 5000.0", "mixed"),
    (LogFixtures.benchmarkModel, "avg=1.2e+02 std=9 p5", "avg=0.12 std=9 p5", "mixed"),
    (LogFixtures.benchncnn, "min =   10.50", "min =   10500.0", "mixed"),
    (LogFixtures.stEdgeAI, "ms by sample", "ticks by sample", "ticks"),
    (LogFixtures.googleBenchmark, "\"time_unit\": \"us\"", "\"time_unit\": \"ticks\"", "time_unit"),
    (LogFixtures.openVINOCounters, "realTime (ms)", "realTime (us)", "realTime (ms)"),
  ])
  func `renamed columns and mixed units are told`(
    text: String, found: String, replacement: String, named: String
  ) {
    #expect(text.contains(found))
    let complaints = complaints(text.replacing(found, with: replacement))
    #expect(complaints.contains { $0.contains(named) }, "\(complaints)")
    #expect(complaints.allSatisfy { $0.hasPrefix("log:") })
  }

  @Test func `operators in cycles are left out, the run is kept`() throws {
    let text = LogFixtures.benchmarkModel.replacing("\t0.060\t50.0%", with: "\t812345\t50.0%")
    let result = try read(text)
    #expect(result.runs.first?.log?.operators.isEmpty == true)
    #expect(result.runs.first?.latency == Seconds(118e-6))
    #expect(result.rejected.contains { $0.reason.contains("cycles") })
  }

  @Test func `a missing file is told apart, a folder is no file`() {
    let missing = #expect(throws: RunImportError.self) { try RunFile.read(path: "/no/such/log") }
    #expect(missing?.isMissingFile == true)
    let folder = #expect(throws: RunImportError.self) { try RunFile.read(path: "/") }
    #expect(folder?.isMissingFile == false)
  }
}
