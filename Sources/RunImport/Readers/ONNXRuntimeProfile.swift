import Quantities

/// A profile that ONNX Runtime writes when `enable_profiling` is set: an array of events, in microseconds.
///
/// `model_run` is a run from end to end; the events of its nodes lie within its interval. The first run is
/// cold and stands apart. Nodes inside a Loop, an If or a Scan lie within their parent's interval, which
/// counts them already. Names and shapes are those of the optimized graph.
enum ONNXRuntimeProfile: LogReader {
  static let nodeSuffix = "_kernel_time"

  static func recognizes(_ content: LogContent) -> Bool {
    guard let json = content.json, json.isArray else { return false }
    return json.records.prefix(100).contains {
      ($0["cat"]?.text).map { ["Session", "Node"].contains($0) } ?? false
    }
  }

  static func read(_ content: LogContent) throws(RunImportError) -> ImportedRuns {
    guard let json = content.json else { return ImportedRuns(runs: []) }
    var result = ImportedRuns(runs: [])
    var runs: [Event] = []
    var nodes: [Event] = []
    var loadTime = Seconds.zero
    for record in json.records {
      do throws(RowProblem) {
        let event = try Event(record)
        switch (event.category, event.name) {
        case ("Session", "model_run"):
          _ = try TimeUnit.microseconds.time(event.duration, "dur of model_run")
          runs.append(event)
        case ("Session", "session_initialization"), ("Session", "model_loading_uri"),
          ("Session", "model_loading_array"):
          loadTime += event.time
        case ("Node", let name) where name.hasSuffix(nodeSuffix): nodes.append(event)
        default: break
        }
      } catch {
        result.rejected.append(content.rejected(record.line, error))
      }
    }
    if let fault = json.fault {
      result.rejected.append(
        .init(
          place: content.place(fault.line), reason: "\(fault.reason); the events before it are read"
        ))
    }
    guard !runs.isEmpty else {
      if result.rejected.isEmpty {
        throw content.refusal(
          1, "no event 'model_run': the process was ended before its first run was")
      }
      return result
    }
    runs.sort { $0.begin < $1.begin }

    var log = RunLog(format: .onnxRuntimeProfile)
    log.firstRun = runs.first?.time
    log.loadTime = loadTime > .zero ? loadTime : nil
    let warm = runs.dropFirst()
    log.samples = warm.map(\.time)
    let timing = NodeTiming(nodes, in: runs)
    log.notes = timing.notes
    log.operators = timing.operators(ofRuns: warm.isEmpty ? 0..<1 : 1..<runs.count)
    do throws(RowProblem) {
      result.runs.append(
        try ImportedRun(
          log, model: "", runtime: "onnxruntime", precision: timing.precision,
          threads: timing.threads, place: content.place(runs[0].line)))
    } catch {
      result.rejected.append(content.rejected(runs[0].line, error))
    }
    return result
  }

  struct Event {
    let line: Int
    let category: String
    let name: String
    let thread: String
    let begin: Double
    let duration: Double
    let arguments: JSONNode?

    var end: Double { begin + duration }
    var time: Seconds { Seconds(duration * 1e-6) }

    init(_ record: JSONNode) throws(RowProblem) {
      guard let category = record["cat"]?.text, let name = record["name"]?.text else {
        throw RowProblem("an event without 'cat' and 'name'")
      }
      guard let begin = record["ts"]?.number, begin.isFinite else {
        throw RowProblem("'\(name.prefix(60))' has no number 'ts': expected microseconds")
      }
      let time = try TimeUnit.microseconds.part(
        record["dur"]?.number, "'dur' of '\(name.prefix(60))'")
      line = record.line
      self.category = category
      self.name = name
      thread = record["tid"]?.text ?? record["tid"]?.number.map { "\($0)" } ?? ""
      self.begin = begin
      duration = time.rawValue * 1e6
      arguments = record["args"]
    }
  }
}
