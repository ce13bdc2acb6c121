public import Measurement
import Quantities
import TensorTypes

/// The steps of profiled runs on a time line, in the trace-event format that Perfetto and Chrome
/// read ("Trace Event Format", Google, 2016): complete events, times in microseconds.
///
/// One track has the runs, one the steps as the calling thread enters and leaves them, and one each
/// worker of the pool, where it took part in a step.
public struct TraceText: Sendable {
  public var title: String
  public var operators: [MeasuredOperator]
  /// Of each profiled run.
  public var runs: [RunSpans]

  public init(title: String, operators: [MeasuredOperator], runs: [RunSpans]) {
    self.title = title
    self.operators = operators
    self.runs = runs
  }

  public var text: String {
    let start = runs.lazy.flatMap(\.steps).map(\.begin).min() ?? 0
    var events: [JSONValue] = [Self.name("process_name", title, thread: 0)]
    events += Self.track("runs", thread: Self.runTrack)
    events += Self.track("steps, calling thread", thread: Self.stepTrack)
    for worker in Set(runs.lazy.flatMap(\.workers).map(\.worker)).sorted() {
      events += Self.track("worker \(worker)", thread: Self.stepTrack + worker)
    }
    for (index, run) in runs.enumerated() {
      guard let begin = run.steps.map(\.begin).min(), let end = run.steps.map(\.end).max() else {
        continue
      }
      events.append(
        Self.event(
          "run \(index + 1)", "run", begin - start, end, from: start, thread: Self.runTrack))
      for span in run.steps where operators.indices.contains(span.step) && span.end >= span.begin {
        let op = operators[span.step]
        events.append(
          Self.event(
            op.name, category(op), span.begin - start, span.end, from: start,
            thread: Self.stepTrack,
            [
              "kernel": .string(op.kernel), "nodes": JSONValue(strings: op.nodes),
              "flops": JSONValue(op.flops?.rawValue), "bytes": JSONValue(op.traffic?.rawValue),
            ]))
      }
      events += workerEvents(run, from: start)
    }
    return JSONValue.object(["displayTimeUnit": "ms", "traceEvents": .array(events)]).text
  }

  private static let runTrack = 1
  private static let stepTrack = 2

  private func category(_ op: MeasuredOperator) -> String {
    op.operators.first?.rawValue ?? op.kernel
  }

  /// A worker's span is of the step in which it begins: the last that began before it.
  private func workerEvents(_ run: RunSpans, from start: UInt64) -> [JSONValue] {
    let steps = run.steps.sorted { $0.begin < $1.begin }
    return run.workers.compactMap { span in
      var (low, high) = (0, steps.count)
      while low < high {
        let middle = (low + high) / 2
        if steps[middle].begin <= span.begin { low = middle + 1 } else { high = middle }
      }
      guard low > 0, span.begin >= start, span.end >= span.begin, span.begin < steps[low - 1].end,
        operators.indices.contains(steps[low - 1].step)
      else { return nil }
      let op = operators[steps[low - 1].step]
      return Self.event(
        op.name, category(op), span.begin - start, span.end, from: start,
        thread: Self.stepTrack + span.worker, ["kernel": .string(op.kernel)])
    }
  }

  /// A track's name, and its place below those before it.
  private static func track(_ name: String, thread: Int) -> [JSONValue] {
    [
      Self.name("thread_name", name, thread: thread),
      [
        "ph": "M", "pid": 1, "tid": .integer(thread), "name": "thread_sort_index",
        "args": ["sort_index": .integer(thread)],
      ],
    ]
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
