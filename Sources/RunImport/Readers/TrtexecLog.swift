import Platform
import Quantities

/// What `trtexec` prints: a summary whose times name their unit.
enum TrtexecLog: LogReader {
  static func recognizes(_ content: LogContent) -> Bool {
    content.json == nil
      && (content.shows("TensorRT.trtexec") || content.shows("=== Performance summary ===")
        || content.head.contains {
          $0.text.contains("[I] Latency: ") || $0.text.contains("[I] GPU Compute Time: ")
        })
  }

  static func read(_ content: LogContent) throws(RunImportError) -> ImportedRuns {
    var result = ImportedRuns(runs: [])
    var log = RunLog(format: .trtexecLog)
    var model = ""
    var device = ""
    var precision = ""
    var place: RunPlace?
    var compute: Seconds?
    for line in content.lines {
      let text = line.text
      if let rest = text.rest(after: "[TensorRT v") {
        log.toolVersion = String(rest.prefix { $0 != "]" })
      }
      if let rest = text.rest(after: "[I] Model: ") { model = rest.trimmed.fileName }
      if let rest = text.rest(after: "[I] Selected Device: ") { device = String(rest.trimmed) }
      if let rest = text.rest(after: "[I] Precision: ") {
        precision = Self.precision(rest.trimmed)
      }
      if text.contains("[W]"), let rest = text.rest(after: "[W] "),
        ["unstable", "bound by", "may not be accurate", "throttl"].contains(where: rest.contains)
      {
        log.notes.append(String(rest.trimmed.prefix(300)))
      }
      do throws(RowProblem) {
        if let rest = text.rest(after: "[I] Latency: ") {
          place = content.place(line.number)
          log.statistics = try statistics(rest)
        } else if let rest = text.rest(after: "[I] GPU Compute Time: ") {
          compute = try statistics(rest).median
        }
      } catch {
        result.rejected.append(content.rejected(line.number, error))
      }
    }
    guard let place else {
      if result.rejected.isEmpty {
        throw content.refusal(
          content.lines.count, "no line '[I] Latency: min = … ms': the run did not end, or failed")
      }
      return result
    }
    guard log.statistics != RunStatistics() else { return result }
    if let compute, let median = log.statistics.median, median - compute > 0.01 * median {
      log.notes.append("\(median - compute) of a run are transfers between host and device")
    }
    do throws(RowProblem) {
      result.runs.append(
        try ImportedRun(
          log, model: model, runtime: "tensorrt", device: device, precision: precision, place: place
        ))
    } catch {
      result.rejected.append(content.rejected(place.line, error))
    }
    return result
  }

  /// "min = 0.85 ms, max = 0.87 ms, mean = 0.86 ms, median = 0.86 ms, percentile(99%) = 0.87 ms".
  private static func statistics(_ text: Substring) throws(RowProblem) -> RunStatistics {
    var statistics = RunStatistics()
    for part in text.split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1).map(\.trimmed)
      guard sides.count == 2 else { continue }
      let words = sides[1].words
      guard words.count == 2, let unit = TimeUnit(symbol: words[1]) else {
        throw RowProblem("'\(part.trimmed.prefix(60))' states no unit of time that is known")
      }
      let time = try unit.time(words[0], String(sides[0]))
      switch sides[0] {
      case "min": statistics.minimum = time
      case "max": statistics.maximum = time
      case "mean": statistics.mean = time
      case "median": statistics.median = time
      default: break
      }
    }
    guard statistics.median != nil || statistics.mean != nil else {
      throw RowProblem("neither a median nor a mean")
    }
    return statistics
  }

  /// "FP32+FP16" allows both; the builder chooses layer by layer, so that the lowest names it best.
  private static func precision(_ text: Substring) -> String {
    let words = text.lowercased()
    return ["int8", "fp8", "bf16", "fp16", "fp32"].first { words.contains($0) } ?? ""
  }
}
