import Quantities

/// `trtexec --exportTimes`: an array with one object a run, in milliseconds. Warm-up runs are left out by
/// the tool.
enum TrtexecTimes: LogReader {
  private static let timeKey = "latencyMs"

  static func recognizes(_ content: LogContent) -> Bool {
    guard let json = content.json, json.isArray, let first = json.records.first else {
      return false
    }
    return first["latencyMs"] != nil || first["computeMs"] != nil || first["startEnqMs"] != nil
  }

  static func read(_ content: LogContent) throws(RunImportError) -> ImportedRuns {
    guard let json = content.json else { return ImportedRuns(runs: []) }
    var result = ImportedRuns(runs: [])
    var log = RunLog(format: .trtexecTimes)
    var computes: [Seconds] = []
    for record in json.records {
      do throws(RowProblem) {
        let time = try TimeUnit.milliseconds.time(record[timeKey]?.number, timeKey)
        let compute = try TimeUnit.milliseconds.part(record["computeMs"]?.number, "computeMs")
        guard compute <= 1.01 * time else {
          throw RowProblem("computeMs \(compute) is longer than \(timeKey) \(time): mixed units")
        }
        log.samples.append(time)
        computes.append(compute)
      } catch {
        result.rejected.append(content.rejected(record.line, error))
      }
    }
    if let fault = json.fault {
      result.rejected.append(.init(place: content.place(fault.line), reason: fault.reason))
    }
    guard !log.samples.isEmpty else { return result }
    let latency = log.samples.median
    let transfers = latency - computes.median
    if transfers > 0.01 * latency {
      log.notes.append("\(transfers) of a run are transfers between host and device")
    }
    do throws(RowProblem) {
      result.runs.append(
        try ImportedRun(
          log, model: "", runtime: "tensorrt", place: content.place(json.records[0].line)))
    } catch {
      result.rejected.append(content.rejected(1, error))
    }
    return result
  }
}
