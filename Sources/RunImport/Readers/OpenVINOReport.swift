import Platform
import Quantities

/// The reports of OpenVINO's benchmark_app: statistics (`benchmark_report`) and counters of each layer
/// (`benchmark_*_counters_report`, `benchmark_sorted_report`), each as CSV or JSON, in milliseconds.
///
/// The precision is that of the kernels that ran, because the plugin chooses it by itself.
enum OpenVINOReport: LogReader {
  static func recognizes(_ content: LogContent) -> Bool {
    if let json = content.json {
      guard let object = json.object else { return false }
      return object["report_type"] != nil || object["execution_results"] != nil
    }
    return content.head.prefix(3).contains {
      $0.text.hasPrefix("layerName;") || $0.text.hasPrefix("layerName,")
    }
      || content.head.contains { $0.text == "Execution results" }
        && content.head.contains {
          $0.text.hasPrefix("latency (") || $0.text.hasPrefix("throughput;")
        }
  }

  static func read(_ content: LogContent) throws(RunImportError) -> ImportedRuns {
    if let object = content.json?.object {
      if let results = object["execution_results"] {
        return try statistics(object, results, content)
      }
      return try counters(object, content)
    }
    if content.lines.contains(where: { $0.text == "Execution results" }) {
      return try statisticsTable(content)
    }
    return try countersTable(content)
  }

  // MARK: Counters

  /// One layer of one infer request.
  private struct Layer {
    let name: String
    let kind: String
    let kernel: String
    /// `nil` when it did not run by itself.
    let time: Seconds?

    init(
      name: String, status: some StringProtocol, kind: String, kernel: String, time: String
    ) throws(RowProblem) {
      self.name = name
      self.kind = kind
      self.kernel = kernel
      let what = "real time of '\(name.prefix(60))'"
      let time = try TimeUnit.milliseconds.part(time, what)
      switch status.split(separator: ".").last {
      case "EXECUTED": self.time = time
      case "NOT_RUN", "OPTIMIZED_OUT": self.time = nil
      default: throw RowProblem("'\(name.prefix(60))' has the status '\(status.prefix(40))'")
      }
    }
  }

  /// Layers of several requests as operators; each request is a sample.
  private static func operators(_ layers: [Layer]) -> [ImportedOperator] {
    var order: [String] = []
    var positions: [String: [Layer]] = [:]
    for layer in layers where layer.time != nil {
      if positions[layer.name] == nil { order.append(layer.name) }
      positions[layer.name, default: []].append(layer)
    }
    return order.compactMap { name in
      guard let members = positions[name], let first = members.first else { return nil }
      let samples = members.compactMap(\.time)
      return ImportedOperator(
        name: name, nodes: [name], kind: first.kind, unit: first.kernel, time: samples.median,
        samples: samples, isOverhead: first.kind == "Reorder")
    }
  }

  /// The suffix of the kernels on which the most time went: "bf16" of "brgconv_avx512_bf16".
  private static func precision(_ operators: [ImportedOperator]) -> String {
    var times: [String: Seconds] = [:]
    for op in operators {
      guard let suffix = op.unit.split(separator: "_").last?.lowercased() else { continue }
      times[suffix, default: .zero] += op.time
    }
    let longest = times.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? ""
    return switch longest {
    case "f32": "fp32"
    case "f16": "fp16"
    case "i8", "u8": "int8"
    default: longest
    }
  }

  private static func counted(
    _ layers: [Layer], _ rejected: [ImportedRuns.Rejected], line: Int, note: String?,
    _ content: LogContent
  ) -> ImportedRuns {
    var result = ImportedRuns(runs: [], rejected: rejected)
    var log = RunLog(format: .openVINO)
    log.operators = operators(layers)
    if let note { log.notes.append(note) }
    do throws(RowProblem) {
      result.runs.append(
        try ImportedRun(
          log, model: "", runtime: "openvino", precision: precision(log.operators),
          place: content.place(line)))
    } catch {
      result.rejected.append(content.rejected(line, error))
    }
    return result
  }

  private static func counters(
    _ object: JSONNode, _ content: LogContent
  ) throws(RunImportError) -> ImportedRuns {
    let requests =
      object["detailed_performance"]?.elements
      ?? object["avg_performance"].map { $0.elements ?? [$0] } ?? []
    var layers: [Layer] = []
    var rejected: [ImportedRuns.Rejected] = []
    var nodeCount = 0
    for request in requests {
      guard let nodes = request["nodes"]?.elements else {
        throw content.refusal(request.line, "a request without 'nodes'")
      }
      nodeCount += nodes.count
      for node in nodes {
        do throws(RowProblem) {
          guard let name = node["name"]?.text else { throw RowProblem("a layer without a name") }
          guard let time = node["real_time"]?.text ?? node["real_time"]?.number.map({ "\($0)" })
          else {
            throw RowProblem("'\(name.prefix(60))' has no 'real_time'")
          }
          layers.append(
            try Layer(
              name: name, status: node["status"]?.text ?? "", kind: node["node_type"]?.text ?? "",
              kernel: node["exec_type"]?.text ?? "", time: time))
        } catch {
          rejected.append(content.rejected(node.line, error))
        }
      }
    }
    guard !requests.isEmpty else {
      throw content.refusal(
        object.line, "no 'detailed_performance' and no 'avg_performance': expected layers")
    }
    guard nodeCount != 1 else {
      throw content.refusal(
        object.line,
        "one layer only, which is a fault of benchmark_app's average counters as JSON; "
          + "use the CSV, or -report_type detailed_counters")
    }
    return counted(layers, rejected, line: object.line, note: nil, content)
  }

  private static func countersTable(_ content: LogContent) throws(RunImportError) -> ImportedRuns {
    var layers: [Layer] = []
    var rejected: [ImportedRuns.Rejected] = []
    var headerLine: Int?
    var sawTotal = false
    let separator: Character =
      content.lines.contains { $0.text.hasPrefix("layerName;") } ? ";" : ","
    for line in content.lines {
      let fields = line.text.split(separator: separator, omittingEmptySubsequences: false)
      if fields.first == "layerName" {
        guard fields.count >= 6, fields[1] == "execStatus", fields[2] == "layerType",
          fields[3] == "execType", fields[4].trimmed == "realTime (ms)"
        else {
          throw content.refusal(
            line.number,
            "expected the columns layerName, execStatus, layerType, execType, realTime (ms); found "
              + fields.joined(separator: ", "))
        }
        headerLine = headerLine ?? line.number
        continue
      }
      if fields.first == "Total" || line.text.hasPrefix("Total time:") { sawTotal = true }
      guard headerLine != nil, !sawTotal || separator == ";", fields.first != "Total",
        !line.text.trimmed.isEmpty, line.text != "\"", !line.text.hasPrefix("Total ")
      else { continue }
      do throws(RowProblem) {
        // Names may hold the separator, so that fields are counted from the right.
        let tail = separator == ";" ? 5 : 6
        guard fields.count > tail else {
          throw RowProblem("\(fields.count) fields, expected \(tail + 1)")
        }
        let end = fields.count - tail
        layers.append(
          try Layer(
            name: fields[..<end].joined(separator: String(separator)), status: fields[end],
            kind: String(fields[end + 1]), kernel: String(fields[end + 2]),
            time: String(fields[end + 3].trimmed)))
      } catch {
        rejected.append(content.rejected(line.number, error))
      }
    }
    return counted(
      layers, rejected, line: headerLine ?? 1,
      note: sawTotal ? nil : "no total at the end: the file may be cut off, and layers missing",
      content)
  }

  // MARK: Statistics

  private static func statistics(
    _ object: JSONNode, _ results: JSONNode, _ content: LogContent
  ) throws(RunImportError) -> ImportedRuns {
    var values: [String: Entry] = [:]
    for part in [object["cmd_options"], object["configuration_setup"], results] {
      for member in part?.members ?? [] {
        let text = member.value.text ?? member.value.number.map { "\($0)" }
        if let text { values[member.key] = Entry(line: member.value.line, text: text[...]) }
      }
    }
    return try statistics(values, results.line, content)
  }

  private static func statisticsTable(_ content: LogContent) throws(RunImportError) -> ImportedRuns
  {
    var values: [String: Entry] = [:]
    var start = 1
    for line in content.lines {
      if line.text == "Execution results" { start = line.number }
      guard let separator = line.text.firstIndex(of: ";") else { continue }
      values[String(line.text[..<separator])] = Entry(
        line: line.number, text: line.text[line.text.index(after: separator)...].trimmed)
    }
    return try statistics(values, start, content)
  }

  private struct Entry {
    let line: Int
    let text: Substring
  }

  private static func statistics(
    _ values: [String: Entry], _ line: Int, _ content: LogContent
  ) throws(RunImportError) -> ImportedRuns {
    func time(_ key: String) throws(RunImportError) -> Seconds? {
      guard let entry = values[key] else { return nil }
      do throws(RowProblem) { return try TimeUnit.milliseconds.time(entry.text, key) } catch {
        throw content.refusal(entry.line, error.reason)
      }
    }
    // The unit stands in one key; the others share it.
    guard let median = try time("latency (ms)") else {
      throw content.refusal(line, "no 'latency (ms)' among the results: no median in a known unit")
    }
    var log = RunLog(format: .openVINO)
    log.statistics = RunStatistics(
      count: values["total number of iterations"].flatMap { Int($0.text) },
      minimum: try time("min latency"), maximum: try time("max latency"),
      mean: try time("avg latency"), median: median)
    log.firstRun = try time("first inference time (ms)")
    log.loadTime = try time("compile model time (ms)")
    if median < Seconds(0.0005) {
      log.notes.append("times are rounded to 0.01 ms, more than 2 % of this one")
    }
    let requests = values["number of parallel infer requests"].flatMap { Int($0.text) } ?? 1
    if requests > 1 {
      log.notes.append(
        "\(requests) requests ran side by side: the latency of one is longer than alone")
    }
    let device = values["target device"].map { String($0.text) } ?? ""
    do throws(RowProblem) {
      return ImportedRuns(runs: [
        try ImportedRun(
          log, model: values["-m"]?.text.fileName ?? "", runtime: "openvino",
          threads: values["-nthreads"].flatMap { Int($0.text) },
          accelerator: device == "CPU" ? "" : device,
          batch: values["batch size"].flatMap { Int($0.text) }.flatMap { $0 > 0 ? $0 : nil } ?? 1,
          place: content.place(values["latency (ms)"]?.line ?? line))
      ])
    } catch {
      throw content.refusal(line, error.reason)
    }
  }
}
