import Quantities

/// The JSON of Google Benchmark. Each row states its unit; rows of one name are the repetitions of one run,
/// each the mean over many iterations.
enum GoogleBenchmark: LogReader {
  static func recognizes(_ content: LogContent) -> Bool {
    guard let object = content.json?.object else { return false }
    return object["benchmarks"]?.elements != nil && object["context"] != nil
  }

  static func read(_ content: LogContent) throws(RunImportError) -> ImportedRuns {
    guard let object = content.json?.object else { return ImportedRuns(runs: []) }
    var result = ImportedRuns(runs: [])
    var order: [String] = []
    var groups: [String: Group] = [:]
    for row in object["benchmarks"]?.elements ?? [] {
      do throws(RowProblem) {
        guard let name = row["run_name"]?.text ?? row["name"]?.text else {
          throw RowProblem("a row without a name")
        }
        if case .bool(true)? = row["error_occurred"]?.value {
          throw RowProblem(
            "'\(name.prefix(60))' failed: \(row["error_message"]?.text?.prefix(100) ?? "")")
        }
        if groups[name] == nil {
          order.append(name)
          groups[name] = Group(line: row.line, threads: row["threads"]?.integer)
        }
        try groups[name]?.add(row, name)
      } catch {
        result.rejected.append(content.rejected(row.line, error))
      }
    }
    let context = object["context"]
    for name in order {
      guard let group = groups[name], !group.isEmpty else { continue }
      do throws(RowProblem) {
        var log = RunLog(format: .googleBenchmark, statistics: group.statistics)
        log.samples = group.samples
        log.toolVersion = context?["library_version"]?.text ?? ""
        if context?["library_build_type"]?.text == "debug" {
          log.notes.append("the benchmark library is a debug build")
        }
        if case .bool(true)? = context?["cpu_scaling_enabled"]?.value {
          log.notes.append("the processor's clock was not fixed")
        }
        result.runs.append(
          try ImportedRun(
            log, model: name, runtime: "", device: context?["host_name"]?.text ?? "",
            threads: group.threads, place: content.place(group.line)))
      } catch {
        result.rejected.append(content.rejected(group.line, error))
      }
    }
    return result
  }

  private struct Group {
    let line: Int
    let threads: Int?
    var samples: [Seconds] = []
    var statistics = RunStatistics()

    var isEmpty: Bool { samples.isEmpty && statistics == RunStatistics() }

    mutating func add(_ row: JSONNode, _ name: String) throws(RowProblem) {
      // Shares of the mean, and counts: no times.
      if row["aggregate_unit"]?.text == "percentage" { return }
      guard let symbol = row["time_unit"]?.text, let unit = TimeUnit(symbol: symbol) else {
        throw RowProblem(
          "'\(name.prefix(60))' has no 'time_unit' of ns, us, ms or s; a unit is not guessed")
      }
      let number = row["real_time"]?.number
      switch row["aggregate_name"]?.text {
      case nil:
        guard row["run_type"]?.text ?? "iteration" == "iteration" else { return }
        samples.append(try unit.time(number, "real_time of '\(name.prefix(60))'"))
      case "mean": statistics.mean = try unit.time(number, "the mean of '\(name.prefix(60))'")
      case "median": statistics.median = try unit.time(number, "the median of '\(name.prefix(60))'")
      case "stddev":
        statistics.standardDeviation = try unit.part(
          number, "the deviation of '\(name.prefix(60))'")
      case .some: break
      }
    }
  }
}
