import RunImport

/// A small log of each kind: the shape that the tool writes, with figures of our own.
enum LogFixtures {
  static let all: [(format: RunFormat, text: String)] = [
    (.onnxRuntimeProfile, onnxRuntime), (.trtexecTimes, trtexecTimes),
    (.trtexecProfile, trtexecProfile), (.trtexecLog, trtexecLog), (.llamaBench, llamaJSON),
    (.llamaBench, llamaCSV), (.llamaBench, llamaMarkdown), (.openVINO, openVINOCounters),
    (.openVINO, openVINOSorted), (.openVINO, openVINODetailed), (.openVINO, openVINOReport),
    (.openVINO, openVINOReportJSON), (.aiHubProfile, aiHub), (.aiHubPerformance, aiHubYAML),
    (.googleBenchmark, googleBenchmark), (.hyperfine, hyperfine), (.liteRT, liteRT),
    (.benchmarkModel, benchmarkModel), (.benchmarkModel, profilingCSV), (.benchncnn, benchncnn),
    (.stEdgeAI, stEdgeAI), (.runRecord, runRecord), (.tidyTable, tidyTable),
  ]

  private static func node(
    _ name: String, _ kind: String, ts: Int, dur: Int, index: Int, input: String, output: String
  ) -> String {
    #"{"cat" : "Node","pid" :7,"tid" :7,"dur" :\#(dur),"ts" :\#(ts),"ph" : "X","name" :"\#(name)_kernel_time","args" : {"provider" : "CPUExecutionProvider","node_index" : "\#(index)","op_name" : "\#(kind)","thread_scheduling_stats" : "","input_type_shape" : [{"float":[\#(input)]}],"output_type_shape" : [{"float":[\#(output)]}]}}"#
  }

  /// Of the network of ``MatchingTests``: two convolutions with ReLU fused, in the blocked layout.
  private static func onnxRuntimeRun(_ start: Int, scale: Int, total: Int) -> String {
    [
      node(
        "stem_relu_nchwc", "Conv", ts: start + 5, dur: 60 * scale, index: 10, input: "1,3,32,32",
        output: "1,8,32,32"),
      node(
        "body_nchwc", "Conv", ts: start + 6 + 60 * scale, dur: 30 * scale, index: 11,
        input: "1,8,32,32", output: "1,8,32,32"),
      node(
        "ReorderOutput", "ReorderOutput", ts: start + 7 + 90 * scale, dur: 2 * scale, index: 12,
        input: "1,8,32,32", output: "1,8,32,32"),
      node(
        "GlobalAveragePool_token_4", "GlobalAveragePool", ts: start + 8 + 92 * scale,
        dur: 3 * scale, index: 5, input: "1,8,32,32", output: "1,8,1,1"),
      node(
        "head", "MatMul", ts: start + 9 + 95 * scale, dur: 5 * scale, index: 6, input: "1,8",
        output: "1,10"),
      #"{"cat" : "Session","pid" :7,"tid" :7,"dur" :\#(total),"ts" :\#(start),"ph" : "X","name" :"model_run","args" : {}}"#,
    ].joined(separator: ",\n")
  }

  /// A cold run of 900 µs, warm ones of 140, 120 and 130 µs.
  static let onnxRuntime = """
    [
    {"cat" : "Session","pid" :7,"tid" :7,"dur" :500,"ts" :3,"ph" : "X","name" :"model_loading_uri","args" : {}},
    {"cat" : "Session","pid" :7,"tid" :7,"dur" :1500,"ts" :600,"ph" : "X","name" :"session_initialization","args" : {}},
    \(onnxRuntimeRun(3000, scale: 8, total: 900)),
    \(onnxRuntimeRun(5000, scale: 1, total: 140)),
    \(onnxRuntimeRun(6000, scale: 1, total: 120)),
    \(onnxRuntimeRun(7000, scale: 1, total: 130))
    ]
    """

  static let trtexecTimes = """
    [
      { "startEnqMs" : 1.0, "endEnqMs" : 1.1, "h2dMs" : 0.1, "computeMs" : 0.8, "d2hMs" : 0.1, "latencyMs" : 1.0 }
    , { "startEnqMs" : 2.0, "endEnqMs" : 2.1, "h2dMs" : 0.1, "computeMs" : 0.9, "d2hMs" : 0.1, "latencyMs" : 1.1 }
    , { "startEnqMs" : 3.0, "endEnqMs" : 3.1, "h2dMs" : 0.1, "computeMs" : 1.0, "d2hMs" : 0.1, "latencyMs" : 1.2 }
    ]
    """

  static let trtexecProfile = """
    [
      { "count" : 20 }
    , { "name" : "Reformatting CopyNode for Input Tensor 0 to stem + stem_relu", "timeMs" : 2, "averageMs" : 0.1, "medianMs" : 0.1, "percentage" : 10 }
    , { "name" : "stem + stem_relu", "timeMs" : 12, "averageMs" : 0.6, "medianMs" : 0.6, "percentage" : 60 }
    , { "name" : "PWN(body, body_relu)", "timeMs" : 6, "averageMs" : 0.3, "medianMs" : 0.3, "percentage" : 30 }
    ]
    """

  static let trtexecLog = """
    &&&& RUNNING TensorRT.trtexec [TensorRT v10300] # trtexec --onnx=nets/tiny.onnx --fp16
    [08/01/2026-10:00:00] [I] === Model Options ===
    [08/01/2026-10:00:00] [I] Model: nets/tiny.onnx
    [08/01/2026-10:00:00] [I] Precision: FP32+FP16
    [08/01/2026-10:00:00] [I] Selected Device: Orin
    [08/01/2026-10:00:09] [I] === Performance summary ===
    [08/01/2026-10:00:09] [I] Throughput: 480.1 qps
    [08/01/2026-10:00:09] [I] Latency: min = 2.01 ms, max = 2.5 ms, mean = 2.1 ms, median = 2.08 ms, percentile(90%) = 2.2 ms, percentile(99%) = 2.4 ms
    [08/01/2026-10:00:09] [I] GPU Compute Time: min = 1.9 ms, max = 2.3 ms, mean = 1.99 ms, median = 1.98 ms, percentile(99%) = 2.2 ms
    [08/01/2026-10:00:09] [W] * GPU compute time is unstable, with coefficient of variance = 3.4%.
    &&&& PASSED TensorRT.trtexec [TensorRT v10300]
    """

  static let llamaJSON = """
    [
      {"build_commit": "abc1234", "cpu_info": "Some CPU", "gpu_info": "", "backends": "CPU",
       "model_filename": "m/tiny-1B-Q4_0.gguf", "model_type": "llama 1B Q4_0", "n_threads": 4,
       "n_gpu_layers": 0, "n_prompt": 128, "n_gen": 0, "n_depth": 0, "avg_ns": 400000000,
       "stddev_ns": 1000000, "avg_ts": 320.0, "samples_ns": [ 399000000, 400000000, 401000000 ], "field_of_tomorrow": 7},
      {"build_commit": "abc1234", "cpu_info": "Some CPU", "gpu_info": "", "backends": "CPU",
       "model_filename": "m/tiny-1B-Q4_0.gguf", "model_type": "llama 1B Q4_0", "n_threads": 4,
       "n_gpu_layers": 0, "n_prompt": 0, "n_gen": 100, "avg_ns": 5000000000,
       "stddev_ns": 1000000, "avg_ts": 20.0, "samples_ns": [ 4900000000, 5000000000, 5100000000 ]}
    ]
    """

  static let llamaCSV = """
    build_commit,cpu_info,gpu_info,backends,model_filename,model_type,n_threads,n_gpu_layers,n_prompt,n_gen,n_depth,test_time,avg_ns,stddev_ns,avg_ts,stddev_ts
    "abc1234","Some CPU","","CPU","m/tiny-1B-Q4_0.gguf","llama 1B Q4_0","4","0","128","0","0","2026-01-01T00:00:00Z","400000000","1000000","320.0","1.0"
    "abc1234","Some CPU","","CPU","m/tiny-1B-Q4_0.gguf","llama 1B Q4_0","4","0","0","100","64","2026-01-01T00:00:00Z","5000000000","1000000","20.0","0.1"
    """

  static let llamaMarkdown = """
    | model                |       size |     params | backend    | threads |            test |                  t/s |
    | -------------------- | ---------: | ---------: | ---------- | ------: | --------------: | -------------------: |
    | llama 1B Q4_0        | 700.00 MiB |     1.10 B | CPU        |       4 |           pp128 |        320.00 ± 1.00 |
    | llama 1B Q4_0        | 700.00 MiB |     1.10 B | CPU        |       4 |    tg100 @ d64  |         20.00 ± 0.10 |
    """

  static let openVINOCounters = """
    layerName;execStatus;layerType;execType;realTime (ms);cpuTime (ms)
    image;Status.NOT_RUN;Parameter;unknown_f32;0.000;0.000
    stem/WithoutBiases;Status.EXECUTED;Convolution;brgconv_avx512_bf16;0.060;0.060
    stem_relu;Status.NOT_RUN;Relu;undef;0.000;0.000
    body/WithoutBiases;Status.EXECUTED;Convolution;brgconv_avx512_bf16;0.030;0.030
    reorder_7;Status.EXECUTED;Reorder;jit_uni_f32;0.004;0.004
    Total;;;;0.094;0.094
    """

  static let openVINOSorted = """
    layerName,execStatus,layerType,execType,realTime (ms),cpuTime (ms),"proportion (%)
    "
    stem/WithoutBiases,EXECUTED,Convolution,brgconv_avx512_bf16,0.060,0.060,66.00%
    body/WithoutBiases,EXECUTED,Convolution,brgconv_avx512_bf16,0.030,0.030,33.00%

    Total time: 0.09 milliseconds
    Total CPU time: 0.09 milliseconds
    """

  static let openVINODetailed = """
    {"report_type": "detailed", "detailed_performance": [
      {"nodes": [
        {"name": "stem", "node_type": "Convolution", "status": "Status.EXECUTED", "real_time": "0.060", "cpu_time": "0.060", "exec_type": "jit_avx2_FP32"},
        {"name": "body", "node_type": "Convolution", "status": "Status.EXECUTED", "real_time": "0.030", "cpu_time": "0.030", "exec_type": "jit_avx2_FP32"}]},
      {"nodes": [
        {"name": "stem", "node_type": "Convolution", "status": "Status.EXECUTED", "real_time": "0.080", "cpu_time": "0.060", "exec_type": "jit_avx2_FP32"},
        {"name": "body", "node_type": "Convolution", "status": "Status.EXECUTED", "real_time": "0.050", "cpu_time": "0.030", "exec_type": "jit_avx2_FP32"}]}
    ]}
    """

  static let openVINOReport = """
    Command line parameters
    -m;nets/tiny.onnx
    -d;CPU
    -nthreads;2

    Configuration setup
    target device;CPU
    batch size;1
    number of parallel infer requests;1

    Execution results
    compile model time (ms);28.60
    first inference time (ms);4.46
    total number of iterations;20
    latency (ms);2.09
    avg latency;2.10
    min latency;2.00
    max latency;2.40
    throughput;476.9
    """

  static let openVINOReportJSON = """
    {"cmd_options": {"-m": "nets/tiny.onnx", "-nthreads": "2"}, "configuration_setup": {"target device": "CPU", "batch size": "1", "number of parallel infer requests": "4"},
     "execution_results": {"first inference time (ms)": "4.46", "total number of iterations": "20", "latency (ms)": "2.09", "avg latency": "2.10", "min latency": "2.00", "max latency": "2.40"}}
    """

  static let aiHub = """
    {"execution_summary": {"estimated_inference_time": 1000, "estimated_inference_peak_memory": 1048576,
      "warm_load_time": 150000, "compile_memory_peak_range": null, "all_inference_times": [1000, 1100, 1200]},
     "execution_detail": [
      {"name": "/stem/Conv", "type": "Conv2d", "compute_unit": "NPU", "execution_time": 600, "execution_cycles": 9},
      {"name": "softmax", "type": "SOFTMAX", "compute_unit": "NPU"}]}
    """

  static let aiHubYAML = """
    supported_devices:
    - Some Phone
    - Some Board
    precisions:
      w8a8:
        components:
          Tiny-Net:
            universal_assets:
              tflite:
                model_id: m123
            performance_metrics:
              Some Phone:
                tflite:
                  job_id: j1
                  job_status: Passed
                  inference_time_milliseconds: 1.25
                  estimated_peak_memory_range_mb:
                    min: 0
                    max: 10
                  primary_compute_unit: NPU
                  tool_versions:
                    tflite: 2.17.0
                onnx:
                  job_id: j2
                  job_status: Passed
                  inference_time_milliseconds: 2.5
                  primary_compute_unit: CPU
              Some Board:
                tflite:
                  job_id: j3
                  job_status: Failed
    """

  static let googleBenchmark = """
    {"context": {"date": "2026-01-01", "host_name": "box", "num_cpus": 2, "cpu_scaling_enabled": true, "library_build_type": "release"},
     "benchmarks": [
      {"name": "BM_net/1", "run_name": "BM_net/1", "run_type": "iteration", "repetition_index": 0, "threads": 1, "iterations": 10, "real_time": 1.1, "cpu_time": 1.1, "time_unit": "ms"},
      {"name": "BM_net/1", "run_name": "BM_net/1", "run_type": "iteration", "repetition_index": 1, "threads": 1, "iterations": 10, "real_time": 1200.0, "cpu_time": 1.1, "time_unit": "us"},
      {"name": "BM_net/1", "run_name": "BM_net/1", "run_type": "iteration", "repetition_index": 2, "threads": 1, "iterations": 10, "real_time": 1.0, "cpu_time": 1.1, "time_unit": "ms"},
      {"name": "BM_net/1_mean", "run_name": "BM_net/1", "run_type": "aggregate", "aggregate_name": "mean", "aggregate_unit": "time", "real_time": 1.1, "cpu_time": 1.1, "time_unit": "ms"},
      {"name": "BM_net/1_cv", "run_name": "BM_net/1", "run_type": "aggregate", "aggregate_name": "cv", "aggregate_unit": "percentage", "real_time": 0.08, "cpu_time": 0.1, "time_unit": "ms"}
     ]}
    """

  static let hyperfine = """
    {"results": [
      {"command": "./net a", "mean": 0.011, "stddev": 0.001, "median": 0.011, "min": 0.010, "max": 0.012, "times": [0.010, 0.011, 0.012], "exit_codes": [0, 0, 0]},
      {"command": "./net b", "mean": 0.021, "stddev": null, "median": 0.021, "min": 0.021, "max": 0.021, "times": [0.021], "exit_codes": [0]}
    ]}
    """

  static let liteRT = """
    {"model": "nets/tiny.tflite", "accelerators": ["CPU"], "num_threads": 2,
     "latency": {"init_ms": 2.5, "warmup_first_ms": 9.5, "num_warmup_runs": 5, "avg_ms": 5.1, "min_ms": 4.9, "max_ms": 5.6, "median_ms": 5.0, "std_ms": 0.2, "num_runs": 20}}
    """

  static let benchmarkModel = """
    STARTING!
    Graph: [nets/tiny.tflite]
    Num threads: [2]
    Loaded model nets/tiny.tflite
    count=3 first=900 curr=800 min=800 max=900 avg=850 std=40

    INFO: count=50 first=130 curr=120 min=100 max=150 avg=1.2e+02 std=9 p5=101 median=118 p95=140

    INFO: Inference timings in us: Init: 5000, First inference: 900, Warmup (avg): 850, Inference (avg): 120
    Memory footprint delta from the start of the tool (MB): init=1.5 overall=8
    Profiling Info for Benchmark Initialization:
    ============================== Run Order ==============================
    \t[node type]\t[start]\t[first]\t[avg ms]\t[%]\t[cdf%]\t[mem KB]\t[times called]\t[Name]
    \tAllocateTensors\t0.000\t1.356\t1.356\t100.000%\t100.000%\t0.000\t1\tAllocateTensors/0

    Operator-wise Profiling Info for Regular Benchmark Runs:
    ============================== Run Order ==============================
    \t[node type]\t[start]\t[first]\t[avg ms]\t[%]\t[cdf%]\t[mem KB]\t[times called]\t[Name]
    \tCONV_2D\t0.001\t0.070\t0.060\t50.0%\t50.0%\t0.000\t1\t[stem_relu.out]:0
    \tCONV_2D\t0.061\t0.040\t0.030\t25.0%\t75.0%\t0.000\t0\t[body.out, body_relu.out]:1
    \tFULLY_CONNECTED\t0.091\t0.010\t0.010\t8.0%\t83.0%\t0.000\t1\t[head.out]:2

    ============================== Top by Computation Time ==============================
    \t[node type]\t[start]\t[first]\t[avg ms]\t[%]\t[cdf%]\t[mem KB]\t[times called]\t[Name]
    \tCONV_2D\t0.001\t0.070\t0.060\t50.0%\t50.0%\t0.000\t1\t[stem_relu.out]:0

    Timings (microseconds): count=50 first=130 curr=120 min=100 max=150 avg=119 std=9
    """

  static let profilingCSV = """
    Operator-wise Profiling Info for Regular Benchmark Runs:
    ============================== Run Order ==============================
    node type, first, avg_ms, %, cdf%, mem KB, times called, name
    CONV_2D, 0.07, 0.060, 60%, 60%, 0, 1, [stem_relu.out]:0
    SPLIT, 0.07, 0.040, 40%, 100%, 0, 1, [left, right]:1

    ============================== Top by Computation Time ==============================
    node type, first, avg_ms, %, cdf%, mem KB, times called, name
    CONV_2D, 0.07, 0.060, 60%, 60%, 0, 1, [stem_relu.out]:0
    """

  static let benchncnn = """
    $ ./benchncnn 8 4 2 -1 1
    loop_count = 8
    num_threads = 4
    powersave = 2
    gpu_device = -1
    cooling_down = 1
              tinynet  min =   10.50  max =   12.00  avg =   11.00
         tinynet_int8  min =    6.50  max =    8.00  avg =    7.00
    """

  static let stEdgeAI = """
    ST.AI Profiling results v2.0 - "tiny"
    ---------------------------------------------------------------
    nb sample(s)   :   10
    duration       :   12.000 ms by sample (11.700/12.300/0.100)
    macc           :   2938
    ---------------------------------------------------------------
     Inference time per node
    ---------------------------------------------------------------
    c_id  m_id  type              dur (ms)     %      cumul    name
    ---------------------------------------------------------------
    0     2     Conv2D (0x103)       7.000   58.3%    58.3%    stem
    1     4     Dense (0x104)        4.000   33.3%    91.6%    head
    n/a   n/a   Inter-nodal          1.000    8.4%   100.0%    n/a
    ---------------------------------------------------------------
    total                           12.000
    """

  static let runRecord = """
    {"record":"start","schemaVersion":1,"tool":"boardfit 0.1.0","command":"run","date":"2026-01-01T00:00:00Z","model":"tiny","modelDigest":"","kernels":"tuned","threads":2,"processors":[],"seed":1,"runs":2,"warmupRuns":1,"isCold":false,\(hostFacts)}
    {"record":"load","seconds":0.5,"steps":[{"name":"stem","kernel":"conv.f32","operators":["Conv","Relu"],"nodes":["stem","stem_relu"]},{"name":"body","kernel":"conv.f32","operators":["Conv"],"nodes":["body"]}]}
    {"record":"run","purpose":"first","seconds":0.009}
    {"record":"run","purpose":"warmup","seconds":0.005}
    {"record":"run","purpose":"plain","seconds":0.002}
    {"record":"run","purpose":"profiled","seconds":0.0024,"stepSeconds":[0.0012,0.0006]}
    {"record":"run","purpose":"plain","seconds":0.002}
    """

  private static let hostFacts =
    #""host":{"processor":"Some CPU","processorCount":2,"instructionSet":"avx2","caches":[],"isVirtual":false,"kernel":"k","system":"s"},"conditions":{"clock":1000000000,"wallSeconds":1,"ownSeconds":1}"#

  static let tidyTable = """
    device,runtime,precision,threads,model,latency_ms
    Board,ncnn-cpu,fp32,4,tiny,12.5
    Board,ncnn-cpu,int8,4,tiny,7.5
    """
}
