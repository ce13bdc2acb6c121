import Quantities

/// A profile that Qualcomm AI Hub's client downloads: times in microseconds, memory in bytes.
enum AIHubProfile: LogReader {
  static func recognizes(_ content: LogContent) -> Bool {
    guard let object = content.json?.object else { return false }
    return object["execution_summary"] != nil || object["execution_detail"] != nil
  }

  static func read(_ content: LogContent) throws(RunImportError) -> ImportedRuns {
    guard let object = content.json?.object else { return ImportedRuns(runs: []) }
    guard let summary = object["execution_summary"] else {
      throw content.refusal(object.line, "no 'execution_summary'")
    }
    var result = ImportedRuns(runs: [])
    var log = RunLog(format: .aiHubProfile)
    var units: [String: Int] = [:]
    for layer in object["execution_detail"]?.elements ?? [] {
      do throws(RowProblem) {
        let name = layer["name"]?.text ?? ""
        let unit = layer["compute_unit"]?.text ?? ""
        units[unit, default: 0] += 1
        // Layers inside a larger kernel have no time of their own.
        guard let time = layer["execution_time"], !time.isNull else { continue }
        log.operators.append(
          ImportedOperator(
            name: name, nodes: [name], outputs: [name], kind: layer["type"]?.text ?? "", unit: unit,
            time: try TimeUnit.microseconds.part(
              time.number, "execution_time of '\(name.prefix(60))'")))
      } catch {
        result.rejected.append(content.rejected(layer.line, error))
      }
    }
    do throws(RowProblem) {
      func microseconds(_ key: String) throws(RowProblem) -> Seconds? {
        guard let node = summary[key], !node.isNull else { return nil }
        return try wholeMicroseconds(node.number, key)
      }
      for sample in summary["all_inference_times"]?.elements ?? [] {
        log.samples.append(try wholeMicroseconds(sample.number, "a time of all_inference_times"))
      }
      log.statistics.minimum = try microseconds("estimated_inference_time")
      guard !log.samples.isEmpty || log.statistics.minimum != nil else {
        throw RowProblem("neither 'estimated_inference_time' nor 'all_inference_times'")
      }
      if let load = summary["warm_load_time"]?.number, load > 0 {
        log.loadTime = try TimeUnit.microseconds.time(load, "warm_load_time")
      }
      if let bytes = summary["estimated_inference_peak_memory"]?.integer, bytes > 0 {
        log.peakMemory = Bytes(bytes)
      }
      result.runs.append(
        try ImportedRun(
          log, model: "", runtime: "qualcomm-ai-hub", accelerator: mainUnit(units),
          place: content.place(summary.line)))
    } catch {
      result.rejected.append(content.rejected(summary.line, error))
    }
    return result
  }

  /// The client writes whole numbers; a fraction is milliseconds that somebody converted.
  private static func wholeMicroseconds(
    _ number: Double?, _ what: String
  ) throws(RowProblem) -> Seconds {
    let time = try TimeUnit.microseconds.time(number, what)
    if let number, number != number.rounded() {
      throw RowProblem(
        "\(what) is \(number), expected whole microseconds: it looks like milliseconds, which are not guessed"
      )
    }
    return time
  }

  /// The unit of most layers; empty for the processor.
  private static func mainUnit(_ units: [String: Int]) -> String {
    let main = units.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? ""
    return main == "CPU" ? "" : main
  }
}
