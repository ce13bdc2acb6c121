import Foundation
import Quantities
import RunImport
import Testing

/// Logs that the real tools wrote, beside the repository. Without them the tests fail.
@Suite struct SampleLogTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("../shared/formats/samples").standardizedFileURL

  private func read(_ name: String) throws -> ImportedRuns {
    try RunFile.read(path: Self.folder.appendingPathComponent(name).path)
  }

  /// Name, kind, runs, and for the first of them samples, operators and microseconds.
  @Test(
    arguments: [
      (
        "onnxruntime/ort_profile_cnn_default_opt.json", RunFormat.onnxRuntimeProfile, 1, 2, 7, 390.5
      ),
      ("onnxruntime/ort_profile_cnn_disable_all.json", .onnxRuntimeProfile, 1, 2, 8, 311),
      ("onnxruntime/ort_profile_cnn_2threads_parallel.json", .onnxRuntimeProfile, 1, 2, 7, 12819.5),
      ("onnxruntime/ort_profile_loop.json", .onnxRuntimeProfile, 1, 0, 1, 116),
      ("tensorrt/resnet18_A100_fp16.timing.json", .trtexecTimes, 1, 3698, 0, 862.183),
      ("tflite/benchmark_model_text_v2.8_excerpt.txt", .benchmarkModel, 1, 0, 4, 2_950_340),
      ("tflite/benchmark_model_count_line_newer.txt", .benchmarkModel, 1, 0, 0, 1_239_807),
      (
        "tflite/benchmark_model_profiling_output_csv_old_with_start.csv", .benchmarkModel, 1, 0, 12,
        207.2
      ),
      ("litert/litert_benchmark_result.json", .liteRT, 1, 0, 0, 580),
      ("llama-bench/llama-bench.json", .llamaBench, 2, 5, 0, 71_745.2),
      ("llama-bench/llama-bench.md", .llamaBench, 4, 0, 0, 69_752.87),
      ("openvino/benchmark_average_counters_report.csv", .openVINO, 1, 0, 8, 102),
      ("openvino/benchmark_detailed_counters_report.csv", .openVINO, 1, 0, 6, 67),
      ("openvino/benchmark_sorted_report.csv", .openVINO, 1, 0, 6, 67),
      ("openvino/benchmark_report.csv", .openVINO, 1, 0, 0, 90),
      ("openvino/benchmark_report.json", .openVINO, 1, 0, 0, 160),
      ("ncnn/benchncnn_agx_orin_1thread.txt", .benchncnn, 33, 0, 0, 11_740),
      ("aihub/SYNTHETIC_values_real_shape_profile.json", .aiHubProfile, 1, 3, 1, 1090),
      ("aihub/mobilenet_v2_perf.yaml", .aiHubPerformance, 79, 0, 0, 1130),
      ("st/network_validate_report_ispu_excerpt.txt", .stEdgeAI, 1, 0, 0, 11_970),
      ("google-benchmark/gbench.json", .googleBenchmark, 2, 3, 0, 0.6118),
      ("hyperfine/hyperfine.json", .hyperfine, 2, 5, 0, 11_321.141),
    ] as [(String, RunFormat, Int, Int, Int, Double)])
  func `a real log is read whole`(
    name: String, format: RunFormat, runs: Int, samples: Int, operators: Int, microseconds: Double
  ) throws {
    let result = try read(name)
    #expect(result.rejected.isEmpty, "\(result.rejected)")
    #expect(result.runs.count == runs)
    let run = try #require(result.runs.first)
    #expect(run.log?.format == format)
    #expect(run.log?.samples.count == samples)
    #expect(run.log?.operators.count == operators)
    #expect(abs(run.latency.rawValue * 1e6 / microseconds - 1) < 1e-3, "\(run.latency)")
  }

  @Test func `layers of TensorRT add up to more than a run`() throws {
    let profile = try #require(try read("tensorrt/resnet18_A100_fp16.profile.json").runs.first)
    #expect(profile.log?.latencyKind == .sumOfOperators)
    #expect(abs(profile.latency.rawValue * 1e3 - 1.0168) < 1e-3)
  }

  /// Both refused with a reason: a header with one column more than its rows, and a report in which the
  /// tool wrote the first layer only. The last was never written.
  @Test(arguments: [
    ("llama-bench/llama-bench.csv", "41 fields, where the header has 42"),
    ("openvino/benchmark_average_counters_report.json", "one layer only"),
    ("onnxruntime/ort_profile_TRUNCATED_process_killed.json", "empty"),
  ])
  func `a real log that cannot be read says why`(name: String, reason: String) {
    let error = #expect(throws: RunImportError.self) { try read(name) }
    #expect(error?.reason.contains(reason) == true, "\(error?.description ?? "")")
  }
}
