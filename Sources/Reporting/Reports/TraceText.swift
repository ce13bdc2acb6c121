public import Measurement
import Quantities
import TensorTypes

/// The steps of profiled runs on a time line, in the trace-event format that Perfetto and Chrome
/// read ("Trace Event Format", Google, 2016): complete events, times in microseconds.
///
/// The executor tells when its calling thread enters and leaves a step; the workers of a pool share
/// each step with it and have no times of their own.
public struct TraceText: Sendable {
  public var title: String
  public var operators: [MeasuredOperator]
  /// The spans of each profiled run.
  public var runs: [[StepSpan]]

  public init(title: String, operators: [MeasuredOperator], runs: [[StepSpan]]) {
    self.title = title
    self.operators = operators
    self.runs = runs
  }

  public var text: String {
    let start = runs.joined().map(\.begin).min() ?? 0
    var events: [JSONValue] = [
      Self.name("process_name", title, thread: 0), Self.name("thread_name", "runs", thread: 1),
      Self.name("thread_name", "steps", thread: 2),
    ]
    for (index, spans) in runs.enumerated() {
      guard let begin = spans.map(\.begin).min(), let end = spans.map(\.end).max() else { continue }
      events.append(
        Self.event("run \(index + 1)", "run", begin - start, end, from: start, thread: 1))
      for span in spans where operators.indices.contains(span.step) && span.end >= span.begin {
        let op = operators[span.step]
        events.append(
          Self.event(
            op.name, op.operators.first?.rawValue ?? op.kernel, span.begin - start, span.end,
            from: start, thread: 2,
            [
              "kernel": .string(op.kernel), "nodes": JSONValue(strings: op.nodes),
              "flops": JSONValue(op.flops?.rawValue), "bytes": JSONValue(op.traffic?.rawValue),
            ]))
      }
    }
    return JSONValue.object(["displayTimeUnit": "ms", "traceEvents": .array(events)]).text
  }

  private static func name(_ what: String, _ name: String, thread: Int) -> JSONValue {
    [
      "ph": "M", "pid": 1, "tid": .integer(thread), "name": .string(what),
      "args": ["name": .string(name)],
    ]
  }

  private static func event(
    _ name: String, _ category: String, _ begin: UInt64, _ end: UInt64, from start: UInt64,
    thread: Int, _ arguments: JSONObject = [:]
  ) -> JSONValue {
    [
      "ph": "X", "pid": 1, "tid": .integer(thread), "ts": .number(Double(begin) / 1000),
      "dur": .number(Double(end - start - begin) / 1000), "name": .string(name),
      "cat": .string(category), "args": .object(arguments),
    ]
  }
}
