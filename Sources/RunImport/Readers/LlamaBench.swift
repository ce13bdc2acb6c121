import Platform
import Quantities

/// llama-bench as JSON, JSON Lines, CSV or Markdown. Each test is a run: a prompt of so many tokens, or
/// the generation of so many; the latency of a generation is that of one token, of a prompt that of the
/// whole prompt. Unknown fields are passed over, because the tool adds some with each version.
enum LlamaBench: LogReader {
  static func recognizes(_ content: LogContent) -> Bool {
    if let json = content.json, json.records.first?["n_prompt"] != nil { return true }
    guard content.json == nil else { return false }
    if let first = content.head.first(where: { !$0.text.trimmed.isEmpty })?.text {
      if first.contains("n_prompt,n_gen") || first.contains("\"n_prompt\",\"n_gen\"") {
        return true
      }
      if first.contains("avg_ns") && first.contains("n_gen") { return true }
    }
    return content.head.contains { MarkdownTable.isHeader($0.text) }
  }

  static func read(_ content: LogContent) throws(RunImportError) -> ImportedRuns {
    if let json = content.json { return read(json, content) }
    if content.lines.contains(where: { MarkdownTable.isHeader($0.text) }) {
      return try MarkdownTable.read(content)
    }
    return try readCSV(content)
  }

  private static func read(_ json: JSONDocument, _ content: LogContent) -> ImportedRuns {
    var result = ImportedRuns(runs: [])
    for record in json.records {
      do throws(RowProblem) {
        var test = Test()
        test.prompt = record["n_prompt"]?.integer
        test.generated = record["n_gen"]?.integer
        test.depth = record["n_depth"]?.integer ?? 0
        test.model = record["model_filename"]?.text ?? record["model_type"]?.text ?? ""
        test.kind = record["model_type"]?.text ?? ""
        test.threads = record["n_threads"]?.integer
        test.device = record["cpu_info"]?.text ?? ""
        test.accelerator = accelerator(
          record["backends"]?.text ?? record["backend"]?.text ?? "", record["gpu_info"]?.text ?? "",
          layers: record["n_gpu_layers"]?.integer)
        test.version = record["build_commit"]?.text ?? ""
        test.mean = record["avg_ns"]?.number
        test.deviation = record["stddev_ns"]?.number
        test.rate = record["avg_ts"]?.number
        if let samples = record["samples_ns"]?.elements {
          for sample in samples {
            test.samples.append(
              try TimeUnit.nanoseconds.time(sample.number, "a sample of samples_ns"))
          }
        }
        result.runs.append(try test.run(content.place(record.line)))
      } catch {
        result.rejected.append(content.rejected(record.line, error))
      }
    }
    if let fault = json.fault {
      result.rejected.append(.init(place: content.place(fault.line), reason: fault.reason))
    }
    return result
  }

  private static func readCSV(_ content: LogContent) throws(RunImportError) -> ImportedRuns {
    let rows = try CSVText(content.bytes, file: content.file).rows
    guard let header = rows.first else { return ImportedRuns(runs: []) }
    var positions: [String: Int] = [:]
    for (index, name) in header.fields.enumerated() { positions[String(name.trimmed)] = index }
    let needed = ["n_prompt", "n_gen", "avg_ns", "avg_ts"]
    let missing = needed.filter { positions[$0] == nil }
    guard missing.isEmpty else {
      throw content.refusal(
        header.line,
        "no column \(missing.map { "'\($0)'" }.joined(separator: ", ")); expected "
          + needed.joined(separator: ", "))
    }
    var result = ImportedRuns(runs: [])
    for row in rows.dropFirst() {
      do throws(RowProblem) {
        guard row.fields.count == header.fields.count else {
          throw RowProblem(
            "\(row.fields.count) fields, where the header has \(header.fields.count)")
        }
        func field(_ name: String) -> String { positions[name].map { row.fields[$0] } ?? "" }
        var test = Test()
        test.prompt = Int(field("n_prompt"))
        test.generated = Int(field("n_gen"))
        test.depth = Int(field("n_depth")) ?? 0
        test.model = field("model_filename").isEmpty ? field("model_type") : field("model_filename")
        test.kind = field("model_type")
        test.threads = Int(field("n_threads"))
        test.device = field("cpu_info")
        test.accelerator = accelerator(
          field("backends"), field("gpu_info"), layers: Int(field("n_gpu_layers")))
        test.version = field("build_commit")
        test.mean = Double(field("avg_ns"))
        test.deviation = Double(field("stddev_ns"))
        test.rate = Double(field("avg_ts"))
        result.runs.append(try test.run(content.place(row.line)))
      } catch {
        result.rejected.append(content.rejected(row.line, error))
      }
    }
    return result
  }

  /// The unit beside the processor; empty when the backend is the processor, or gets no layer.
  static func accelerator(_ backend: String, _ gpu: String, layers: Int?) -> String {
    guard !["", "CPU", "BLAS"].contains(backend), layers != 0 else { return "" }
    return gpu.isEmpty ? backend : gpu
  }

  /// One test, whatever form it was written in.
  struct Test {
    var prompt: Int?
    var generated: Int?
    var depth = 0
    var model = ""
    var kind = ""
    var threads: Int?
    var device = ""
    var accelerator = ""
    var version = ""
    /// Of the whole test, in nanoseconds; `nil` when only the rate is known.
    var mean: Double?
    var deviation: Double?
    /// Tokens in a second.
    var rate: Double?
    var samples: [Seconds] = []

    func run(_ place: RunPlace) throws(RowProblem) -> ImportedRun {
      guard let prompt, let generated, prompt >= 0, generated >= 0, depth >= 0,
        prompt < 1 << 40, generated < 1 << 40, prompt + generated > 0
      else { throw RowProblem("no n_prompt and n_gen: expected the tokens of the test") }
      let tokens = Double(prompt + generated)
      var whole: Seconds
      if let mean {
        whole = try TimeUnit.nanoseconds.time(mean, "avg_ns")
        if let rate {
          guard rate.isFinite, rate > 0 else { throw RowProblem("avg_ts is \(rate)") }
          let ratio = rate * whole.rawValue / tokens
          guard (0.5...2).contains(ratio) else {
            throw RowProblem(
              "avg_ns \(mean) and avg_ts \(rate) contradict each other over \(prompt + generated) tokens: mixed units"
            )
          }
        }
      } else {
        guard let rate else { throw RowProblem("neither avg_ns nor a rate") }
        guard rate.isFinite, rate > 0 else {
          throw RowProblem("the rate is \(rate), expected tokens a second")
        }
        whole = try TimeUnit.seconds.time(tokens / rate, "the time of the test")
      }
      // A generation is one run of the model a token.
      let runs = prompt == 0 ? Double(generated) : 1
      var log = RunLog(format: .llamaBench)
      log.toolVersion = version
      log.samples = samples.map { $0 / runs }
      log.statistics.mean = whole / runs
      if let deviation, deviation.isFinite, deviation >= 0 {
        log.statistics.standardDeviation = Seconds(deviation * 1e-9 / runs)
      }
      let task =
        switch (prompt, generated) {
        case (0, _): "one token, of \(generated) generated"
        case (_, 0): "a prompt of \(prompt) tokens"
        case (_, _): "a prompt of \(prompt) tokens and \(generated) generated"
        }
      log.notes.append("the run is \(task)\(depth > 0 ? ", after \(depth) tokens" : "")")
      let name = [
        prompt > 0 ? "pp\(prompt)" : "", generated > 0 ? "tg\(generated)" : "",
      ].filter { !$0.isEmpty }.joined(separator: "+")
      return try ImportedRun(
        log, model: "\(model.fileName) \(name)\(depth > 0 ? " @ d\(depth)" : "")",
        runtime: "llama.cpp", device: device,
        precision: Self.precision(kind.isEmpty ? model : kind),
        threads: threads, accelerator: accelerator, place: place)
    }

    /// "Q4_K" of "qwen2 7B Q4_K - Medium"; empty without such a word.
    private static func precision(_ text: String) -> String {
      let words = text.split { " -./".contains($0) }
      return words.first { word in
        let word = word.uppercased()
        return word == "F16" || word == "F32" || word == "BF16" || word.hasPrefix("IQ")
          || word.first == "Q" && word.dropFirst().first?.isNumber == true
      }.map(String.init) ?? ""
    }
  }
}
