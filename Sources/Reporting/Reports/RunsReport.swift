public import ModelIR
import Quantities
public import RunImport
import TensorTypes

/// What files of measured runs hold, and how much of each run the model's nodes account for.
public struct RunsReport: Report {
  public var origin: Origin
  public let runs: [ImportedRun]
  /// One for each run; `nil` without a model, or for a run without operators.
  public let matchings: [OperatorMatching?]
  private let workload: Workload?
  public var rejected: [ImportedRuns.Rejected]
  /// Whether every operator is listed.
  public var isVerbose: Bool

  public init(
    origin: Origin, imported: ImportedRuns, workload: Workload?, isVerbose: Bool = false
  ) {
    self.origin = origin
    runs = imported.runs
    rejected = imported.rejected
    self.workload = workload
    self.isVerbose = isVerbose
    matchings = runs.map { run in workload.flatMap { OperatorMatching(run, workload: $0) } }
  }

  public var records: [JSONObject] {
    isVerbose
      ? runs.indices.flatMap { index in operators(index).map { operatorRecord($0, run: index) } }
      : runs.indices.map(runRecord)
  }

  // MARK: Text

  public var document: Document {
    var sections = [
      Document.Section("", [.table(runTable)])
    ]
    for index in runs.indices where matchings[index] != nil || isVerbose || runs.count == 1 {
      sections += details(index)
    }
    if !rejected.isEmpty {
      let shown = rejected.prefix(isVerbose ? Int.max : 10).map(\.description)
      let rest = rejected.count - shown.count
      sections.append(
        Document.Section(
          "\(counted(rejected.count, "row")) not read",
          [.notes(rest > 0 ? shown + ["… and \(rest) more; --verbose shows all"] : shown)]))
    }
    return Document(
      title: "\(counted(runs.count, "run")), \(counted(rejected.count, "row")) not read",
      sections: sections)
  }

  private func name(_ run: ImportedRun) -> String { run.model.isEmpty ? "not stated" : run.model }

  private func tool(_ run: ImportedRun) -> String { run.log?.format.rawValue ?? "table" }

  private var runTable: Table {
    Table(
      [
        .init("run", .trailing), .init("read from", shrinksTo: 16), .init("model", shrinksTo: 12),
        .init("runtime", shrinksTo: 8), .init("precision", isOptional: true),
        .init("threads", .trailing, isOptional: true), .init("time", .trailing),
        .init("which is"), .init("samples", .trailing), .init("operators", .trailing),
      ],
      rows: runs.enumerated().map { index, run in
        let operators = run.log?.operators.count ?? 0
        return [
          Cell(String(index + 1)), Cell(tool(run)),
          Cell(name(run), tone: run.model.isEmpty ? .muted : .plain),
          Cell(run.runtime), Cell(run.precision), Cell(run.threads.map(String.init) ?? ""),
          Cell(run.latency.description), Cell(kind(run), tone: isPoor(run) ? .poor : .plain),
          Cell(samples(run)), Cell(operators == 0 ? "" : String(operators)),
        ]
      })
  }

  /// Samples where the log has them, else how many runs its statistics rest on.
  private func samples(_ run: ImportedRun) -> String {
    guard let log = run.log else { return "" }
    if !log.samples.isEmpty { return String(log.samples.count) }
    return log.statistics.count.map { "of \($0)" } ?? ""
  }

  private func kind(_ run: ImportedRun) -> String {
    switch run.log?.latencyKind {
    case .median: "median"
    case .mean: "mean"
    case .minimum: "minimum"
    case .firstRun: "first run"
    case .sumOfOperators: "sum of operators"
    case nil: run.isNoisy ? "minimum" : "mean"
    }
  }

  private func isPoor(_ run: ImportedRun) -> Bool {
    switch run.log?.latencyKind {
    case .firstRun, .sumOfOperators: true
    case .median, .mean, .minimum, nil: false
    }
  }

  private func details(_ index: Int) -> [Document.Section] {
    let run = runs[index]
    var pairs = [Document.Pair("read from", "\(run.place)")]
    if !run.device.isEmpty { pairs.append(Document.Pair("device", run.device)) }
    if !run.accelerator.isEmpty { pairs.append(Document.Pair("unit", run.accelerator)) }
    if !run.powerMode.isEmpty { pairs.append(Document.Pair("power mode", run.powerMode)) }
    if let log = run.log {
      if let least = log.statistics.minimum, let most = log.statistics.maximum {
        pairs.append(Document.Pair("range", "\(least) to \(most)"))
      }
      if let first = log.firstRun { pairs.append(Document.Pair("first run", first.description)) }
      if let load = log.loadTime { pairs.append(Document.Pair("load", load.description)) }
      if let peak = log.peakMemory { pairs.append(Document.Pair("peak memory", peak.description)) }
    }
    if let matching = matchings[index] {
      func share(_ time: Seconds) -> String {
        "\(time), \(percent(run.latency > .zero ? time / run.latency : 0))"
      }
      pairs += [
        Document.Pair(
          "matched to the model",
          Cell(share(matching.matchedTime), tone: matching.matchedShare < 0.8 ? .poor : .good)),
        Document.Pair("operators matched to nothing", share(matching.unmatchedTime)),
        Document.Pair("added by the runtime", share(matching.overheadTime)),
        // Much of it is waiting: a busy machine, or threads that were not scheduled.
        Document.Pair(
          "outside all operators",
          Cell(
            share(matching.outsideTime),
            tone: matching.outsideTime > 0.3 * run.latency ? .poor : .plain)),
      ]
      if matching.scale != 1 {
        pairs.append(
          Document.Pair(
            "scale", "\(threeDigits(matching.scale)): operators were timed in slower runs"))
      }
      if !matching.stepsWithoutTime.isEmpty, let workload {
        pairs.append(
          Document.Pair(
            "nodes without a time",
            Cell(
              listed(matching.stepsWithoutTime.map { workload.steps[$0].name }), tone: .poor)))
      }
    }
    var blocks: [Document.Block] = [.pairs(pairs)]
    let rows = operators(index)
    if !rows.isEmpty { blocks.append(.table(operatorTable(rows, index))) }
    if let notes = run.log?.notes, !notes.isEmpty { blocks.append(.notes(notes)) }
    return [Document.Section("Run \(index + 1): \(name(run)), \(tool(run))", blocks)]
  }

  private struct Row {
    let index: Int
    let op: ImportedOperator
    let match: OperatorMatching.Match?
    let time: Seconds
  }

  private func operators(_ run: Int) -> [Row] {
    let matching = matchings[run]
    let matches = Dictionary(
      (matching?.matches ?? []).map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
    let scale = matching?.scale ?? 1
    return (runs[run].log?.operators ?? []).enumerated().map { index, op in
      Row(index: index, op: op, match: matches[index], time: scale * op.time)
    }
  }

  private func nodes(_ row: Row) -> [String] {
    guard let workload, let match = row.match else { return [] }
    return match.steps.map { workload.steps[$0].name }
  }

  /// The longest ten, or all.
  private func operatorTable(_ all: [Row], _ run: Int) -> Table {
    let shown = isVerbose ? all : Array(all.sorted { $0.time > $1.time }.prefix(10))
    let latency = runs[run].latency
    return Table(
      [
        .init(isVerbose ? "operator" : "longest operators", shrinksTo: 16),
        .init("kind", shrinksTo: 8), .init("time", .trailing), .init("share", .trailing),
        .init("nodes", shrinksTo: 16), .init("by", isOptional: true),
      ],
      rows: shown.map { row in
        let nodes = nodes(row)
        return [
          Cell(row.op.name), Cell(row.op.kind), Cell(row.time.description),
          Cell(latency > .zero ? percent(row.time / latency) : ""),
          Cell(
            row.op.isOverhead && nodes.isEmpty ? "added by the runtime" : listed(nodes, limit: 3),
            tone: nodes.isEmpty ? .muted : .plain),
          Cell(row.match?.evidence.rawValue ?? ""),
        ]
      })
  }

  // MARK: JSON

  public var json: JSONObject {
    origin.header("runs")
      + [
        "runs": JSONValue(
          objects: runs.indices.map { index in
            var record = runRecord(index)
            record["samplesSeconds"] = .array(
              (runs[index].log?.samples ?? []).map { .number($0.rawValue) })
            record["notes"] = JSONValue(strings: runs[index].log?.notes ?? [])
            record["operators"] = JSONValue(
              objects: operators(index).map { operatorRecord($0, run: index) })
            return record
          }),
        "rejected": JSONValue(
          objects: rejected.map {
            [
              "file": .string($0.place.file), "line": .integer($0.place.line),
              "reason": .string($0.reason),
            ]
          }),
      ]
  }

  private func runRecord(_ index: Int) -> JSONObject {
    let run = runs[index]
    let log = run.log
    let matching = matchings[index]
    return [
      "file": .string(run.place.file), "line": .integer(run.place.line),
      "format": .string(tool(run)), "model": .string(run.model), "device": .string(run.device),
      "runtime": .string(run.runtime), "precision": .string(run.precision),
      "threads": JSONValue(run.threads), "powerMode": .string(run.powerMode),
      "accelerator": .string(run.accelerator), "batch": .integer(run.batch),
      "latencySeconds": .number(run.latency.rawValue), "latencyIs": .string(kind(run)),
      "sampleCount": .integer(log?.samples.count ?? 0),
      "runCount": JSONValue(log?.statistics.count),
      "minimumSeconds": JSONValue(log?.statistics.minimum?.rawValue),
      "maximumSeconds": JSONValue(log?.statistics.maximum?.rawValue),
      "firstRunSeconds": JSONValue(log?.firstRun?.rawValue),
      "loadSeconds": JSONValue(log?.loadTime?.rawValue),
      "peakMemoryBytes": JSONValue(log?.peakMemory?.rawValue),
      "operatorCount": .integer(log?.operators.count ?? 0),
      "matchedSeconds": JSONValue(matching?.matchedTime.rawValue),
      "unmatchedSeconds": JSONValue(matching?.unmatchedTime.rawValue),
      "addedSeconds": JSONValue(matching?.overheadTime.rawValue),
      "outsideSeconds": JSONValue(matching?.outsideTime.rawValue),
      "scale": JSONValue(matching?.scale),
    ]
  }

  private func operatorRecord(_ row: Row, run: Int) -> JSONObject {
    [
      "run": .integer(run + 1), "operator": .string(row.op.name), "kind": .string(row.op.kind),
      "unit": .string(row.op.unit), "seconds": .number(row.time.rawValue),
      "isAddedByRuntime": .bool(row.op.isOverhead),
      "nodeNames": .string(nodes(row).joined(separator: " ")),
      "matchedBy": JSONValue(row.match?.evidence.rawValue),
    ]
  }
}
