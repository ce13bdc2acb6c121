import Platform
import Quantities

/// What TFLite's and LiteRT's `benchmark_model` prints, and the CSV of `--profiling_output_csv_file`.
///
/// The summary is in microseconds, the tables of operators in milliseconds. A file holds several such
/// tables, most of which show the same operators again; the one read is *Run Order* of the benchmark runs.
/// The inside of a delegate is in the delegate's row already.
enum BenchmarkModelLog: LogReader {
  private static let summaryMarks = [
    "Inference timings in us:", "Average inference timings in us:", "Inference (avg):",
  ]

  static func recognizes(_ content: LogContent) -> Bool {
    content.json == nil
      && content.head.contains { line in
        summaryMarks.contains { line.text.contains($0) } || OperatorTable.Header.isHeader(line.text)
      }
  }

  static func read(_ content: LogContent) throws(RunImportError) -> ImportedRuns {
    var result = ImportedRuns(runs: [])
    var log = RunLog(format: .benchmarkModel)
    var model = ""
    var threads: Int?
    var accelerator = ""
    var counts: [(line: Int, fields: [String: Substring])] = []
    var summaryLine: Int?

    func attempt(_ line: Int, _ body: () throws(RowProblem) -> Void) {
      do throws(RowProblem) { try body() } catch {
        result.rejected.append(content.rejected(line, error))
      }
    }

    for line in content.lines {
      if let rest = line.text.rest(after: "Graph: ") { model = bare(rest).fileName }
      if let rest = line.text.rest(after: "Num threads: ") { threads = Int(bare(rest)) }
      if let rest = line.text.rest(after: "#threads used for CPU inference: ") {
        threads = Int(bare(rest))
      }
      for (mark, name) in [("Use gpu: [1]", "gpu"), ("Use NNAPI: [1]", "nnapi")]
      where line.text.contains(mark) { accelerator = name }
      // Of the run itself; those of the tables begin with "Timings".
      if let start = line.text.firstRange(of: "count="), !line.text.contains("Timings ("),
        !line.text.contains("Memory (")
      {
        counts.append((line.number, fields(line.text[start.lowerBound...])))
      }
      if let rest = line.text.rest(after: "nference timings in us: ") {
        summaryLine = line.number
        attempt(line.number) { () throws(RowProblem) in try log.readSummary(rest) }
      }
      for mark in [
        "Memory footprint delta from the start of the tool (MB): ", "Peak memory footprint (MB): ",
      ] {
        guard let rest = line.text.rest(after: mark), let text = rest.rest(after: "overall="),
          let megabytes = Double(text.trimmed), megabytes.isFinite, (0..<1e9).contains(megabytes)
        else { continue }
        log.peakMemory = Bytes(Int(megabytes * 1_048_576))
      }
    }
    // The first such line is of the warm-up, where there are two.
    if summaryLine != nil, let last = counts.last {
      attempt(last.line) { () throws(RowProblem) in try log.readCounts(last.fields) }
    }

    let table = OperatorTable(content)
    result.rejected += table.rejected
    log.operators = table.operators
    log.notes += table.notes
    let place = content.place(summaryLine ?? table.line ?? 1)
    guard summaryLine != nil || !log.operators.isEmpty else {
      if result.rejected.isEmpty {
        throw content.refusal(
          1,
          "no line 'Inference timings in us:' and no table of operators with 'avg_ms' or '[avg ms]'"
        )
      }
      return result
    }
    attempt(place.line) { () throws(RowProblem) in
      result.runs.append(
        try ImportedRun(
          log, model: model, runtime: "tflite", threads: threads, accelerator: accelerator,
          place: place))
    }
    return result
  }

  /// "[a]" without its brackets.
  private static func bare(_ text: Substring) -> Substring {
    var text = text.trimmed
    if text.first == "[", text.last == "]" { text = text.dropFirst().dropLast() }
    return text
  }

  /// "count=50 first=3 avg=2.9e+06" as names and texts.
  private static func fields(_ text: Substring) -> [String: Substring] {
    var fields: [String: Substring] = [:]
    for word in text.words {
      guard let equals = word.firstIndex(of: "=") else { continue }
      fields[String(word[..<equals])] = word[word.index(after: equals)...]
    }
    return fields
  }
}

extension RunLog {
  /// "Init: 5579, First inference: 1357602, Warmup (avg): 1.3e+06, Inference (avg): 1.2e+06"; older:
  /// "Warmup: 3, Init: 2, Inference: 1".
  fileprivate mutating func readSummary(_ text: Substring) throws(RowProblem) {
    for part in text.split(separator: ",") {
      guard let colon = part.lastIndex(of: ":") else { continue }
      let number = part[part.index(after: colon)...].trimmed
      let unit = TimeUnit.microseconds
      switch part[..<colon].trimmed {
      case "Init", "no stats":
        loadTime = try unit.part(number, "Init")
      case "First inference": firstRun = try unit.time(number, "First inference")
      case "Inference (avg)", "Inference", "no. Inference":
        statistics.mean = try unit.time(number, "Inference (avg)")
      default: break
      }
    }
    guard statistics.mean != nil else {
      throw RowProblem(
        "no 'Inference (avg)' in the summary: the run was cut off, or the line renamed")
    }
  }

  fileprivate mutating func readCounts(_ fields: [String: Substring]) throws(RowProblem) {
    func time(_ name: String) throws(RowProblem) -> Seconds? {
      guard let text = fields[name] else { return nil }
      return try TimeUnit.microseconds.time(text, name)
    }
    let read = RunStatistics(
      count: fields["count"].flatMap { Int($0) }, minimum: try time("min"),
      maximum: try time("max"), mean: try time("avg"), median: try time("median"),
      standardDeviation: try fields["std"].map { text throws(RowProblem) in
        try TimeUnit.microseconds.part(text, "std")
      })
    if let mean = read.mean, let stated = statistics.mean,
      mean > 1.01 * stated || stated > 1.01 * mean
    {
      throw RowProblem(
        "avg=\(mean) where the summary says \(stated): the units are mixed, or the lines are of different runs"
      )
    }
    let mean = statistics.mean
    statistics = read
    statistics.mean = read.mean ?? mean
  }
}
