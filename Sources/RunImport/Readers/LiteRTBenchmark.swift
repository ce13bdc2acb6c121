import Quantities

/// The JSON of LiteRT's Python benchmark: milliseconds, rounded to two decimals.
enum LiteRTBenchmark: LogReader {
  static func recognizes(_ content: LogContent) -> Bool {
    guard let object = content.json?.object else { return false }
    return object["latency"]?.members?.contains { $0.key.hasSuffix("_ms") } ?? false
  }

  static func read(_ content: LogContent) throws(RunImportError) -> ImportedRuns {
    guard let object = content.json?.object, let latency = object["latency"] else {
      return ImportedRuns(runs: [])
    }
    var log = RunLog(format: .liteRT)
    do throws(RowProblem) {
      func time(_ key: String) throws(RowProblem) -> Seconds? {
        guard let node = latency[key], !node.isNull else { return nil }
        return try TimeUnit.milliseconds.time(node.number, key)
      }
      log.statistics = RunStatistics(
        count: latency["num_runs"]?.integer, minimum: try time("min_ms"),
        maximum: try time("max_ms"), mean: try time("avg_ms"), median: try time("median_ms"),
        standardDeviation: try TimeUnit.milliseconds.part(
          latency["std_ms"]?.number ?? 0, "std_ms"))
      log.firstRun = try time("warmup_first_ms")
      log.loadTime = try time("init_ms")
      guard log.statistics.mean != nil else { throw RowProblem("no 'avg_ms' in 'latency'") }
      if let mean = log.statistics.mean, mean < Seconds(0.0005) {
        log.notes.append("times are rounded to 0.01 ms, more than 2 % of this one")
      }
      let accelerators = (object["accelerators"]?.elements ?? []).compactMap(\.text)
      return ImportedRuns(runs: [
        try ImportedRun(
          log, model: object["model"]?.text?.fileName ?? "", runtime: "tflite",
          threads: object["num_threads"]?.integer,
          accelerator: accelerators.filter { $0 != "CPU" }.joined(separator: "+"),
          place: content.place(latency.line))
      ])
    } catch {
      throw content.refusal(latency.line, error.reason)
    }
  }
}
