import Quantities

/// hyperfine's `--export-json`: seconds, every sample of each command. The time is that of a whole process.
enum Hyperfine: LogReader {
  static func recognizes(_ content: LogContent) -> Bool {
    guard let results = content.json?.object?["results"]?.elements else { return false }
    return results.contains { $0["command"] != nil }
  }

  static func read(_ content: LogContent) throws(RunImportError) -> ImportedRuns {
    guard let results = content.json?.object?["results"]?.elements else {
      return ImportedRuns(runs: [])
    }
    var result = ImportedRuns(runs: [])
    for record in results {
      do throws(RowProblem) {
        func time(_ key: String) throws(RowProblem) -> Seconds? {
          guard let node = record[key], !node.isNull else { return nil }
          return try TimeUnit.seconds.time(node.number, key)
        }
        let command = record["command"]?.text ?? ""
        var log = RunLog(format: .hyperfine)
        log.statistics = RunStatistics(
          minimum: try time("min"), maximum: try time("max"), mean: try time("mean"),
          median: try time("median"))
        if let node = record["stddev"], !node.isNull {
          log.statistics.standardDeviation = try TimeUnit.seconds.part(node.number, "stddev")
        }
        for sample in record["times"]?.elements ?? [] {
          log.samples.append(try TimeUnit.seconds.time(sample.number, "a time of 'times'"))
        }
        let failures = (record["exit_codes"]?.elements ?? []).count { $0.integer != 0 }
        guard failures == 0 else {
          throw RowProblem("\(failures) runs of '\(command.prefix(60))' failed")
        }
        log.notes.append("the time of a whole process, its start included")
        result.runs.append(
          try ImportedRun(log, model: command, runtime: "", place: content.place(record.line)))
      } catch {
        result.rejected.append(content.rejected(record.line, error))
      }
    }
    return result
  }
}
