import Quantities

/// The kinds of files that hold measured runs. A file's content tells its kind, not its name.
public enum RunFormat: String, Sendable, Hashable, CaseIterable {
  case runRecord = "boardfit record"
  case onnxRuntimeProfile = "ONNX Runtime profile"
  case trtexecTimes = "trtexec times"
  case trtexecProfile = "trtexec profile"
  case trtexecLog = "trtexec log"
  case llamaBench = "llama-bench"
  case openVINO = "OpenVINO benchmark_app"
  case aiHubProfile = "Qualcomm AI Hub profile"
  case aiHubPerformance = "Qualcomm AI Hub perf.yaml"
  case googleBenchmark = "Google Benchmark"
  case hyperfine = "hyperfine"
  case liteRT = "LiteRT benchmark"
  case benchmarkModel = "TFLite benchmark_model"
  case benchncnn = "benchncnn"
  case stEdgeAI = "ST Edge AI report"
  case tidyTable = "table of runs"

  var reader: any LogReader.Type {
    switch self {
    case .runRecord: RunRecordLog.self
    case .onnxRuntimeProfile: ONNXRuntimeProfile.self
    case .trtexecTimes: TrtexecTimes.self
    case .trtexecProfile: TrtexecProfile.self
    case .trtexecLog: TrtexecLog.self
    case .llamaBench: LlamaBench.self
    case .openVINO: OpenVINOReport.self
    case .aiHubProfile: AIHubProfile.self
    case .aiHubPerformance: AIHubPerformance.self
    case .googleBenchmark: GoogleBenchmark.self
    case .hyperfine: Hyperfine.self
    case .liteRT: LiteRTBenchmark.self
    case .benchmarkModel: BenchmarkModelLog.self
    case .benchncnn: Benchncnn.self
    case .stEdgeAI: STEdgeAIReport.self
    case .tidyTable: TidyTableLog.self
    }
  }

  /// The last digit that the tool writes: by so much its figures may contradict each other.
  var rounding: Seconds {
    switch self {
    case .openVINO, .liteRT, .benchncnn: Seconds(1e-5)
    case .onnxRuntimeProfile, .benchmarkModel, .aiHubProfile, .aiHubPerformance, .stEdgeAI,
      .trtexecLog:
      Seconds(1e-6)
    case .runRecord, .trtexecTimes, .trtexecProfile, .llamaBench, .googleBenchmark, .hyperfine,
      .tidyTable:
      .zero
    }
  }
}
