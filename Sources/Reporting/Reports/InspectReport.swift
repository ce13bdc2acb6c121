public import ModelIR
import Quantities
import TensorTypes

/// What a model holds: shapes, weights, work, and what of it is unknown.
public struct InspectReport: Report {
  public var origin: Origin
  /// What the user calls the model.
  public var name: String
  /// What the file says of itself, ready to print: format, producer, operator sets.
  public var metadata: [Document.Pair]
  public let workload: Workload
  public var parameterCount: Int
  public var warnings: [String]
  /// Whether every step is listed.
  public var isVerbose: Bool
  private let operators: [Workload.OperatorSummary]

  public init(
    origin: Origin, name: String, metadata: [Document.Pair], workload: Workload,
    parameterCount: Int, warnings: [String], isVerbose: Bool = false
  ) {
    self.origin = origin
    self.name = name
    self.metadata = metadata
    self.workload = workload
    self.parameterCount = parameterCount
    self.warnings = warnings
    self.isVerbose = isVerbose
    operators = workload.operators
  }

  /// Steps, or operators when not verbose.
  public var records: [JSONObject] {
    isVerbose ? workload.steps.map(stepRecord) : operators.map(operatorRecord)
  }

  // MARK: Text

  public var document: Document {
    var sections = [
      Document.Section("", [.pairs(summary)]),
      Document.Section("Inputs and outputs", [.table(edges)]),
      Document.Section("Operators", [.table(operatorTable)]),
    ]
    if isVerbose {
      sections.append(Document.Section("Steps", isDetail: true, [.table(stepTable)]))
    }
    if !workload.assumptions.isEmpty {
      sections.append(Document.Section("Assumptions", [.notes(workload.assumptions)]))
    }
    if !warnings.isEmpty { sections.append(Document.Section("Warnings", [.notes(warnings)])) }
    return Document(title: name, sections: sections)
  }

  private var unknownStepCount: Int { operators.reduce(0) { $0 + $1.unknownCount } }
  private var isLowerBound: Bool { unknownStepCount > 0 }
  private var mark: String { isLowerBound ? "≥ " : "" }

  private var summary: [Document.Pair] {
    let unknown = operators.filter { $0.unknownCount > 0 }
    let known = workload.steps.count - unknownStepCount
    var pairs = metadata
    pairs += [
      Document.Pair("parameters", "\(counted(parameterCount)), \(workload.weightSize) as stored"),
      Document.Pair("work", "\(mark)\(workload.macs), \(mark)\(workload.flops) in all"),
      Document.Pair("steps", String(workload.steps.count)),
      Document.Pair(
        "coverage",
        Cell(
          isLowerBound
            ? "\(known) of \(workload.steps.count) steps have known work"
            : "the work of every step is known",
          tone: isLowerBound ? .poor : .good)),
    ]
    if !unknown.isEmpty {
      pairs.append(
        Document.Pair(
          "unknown work",
          Cell(
            listed(unknown.map { "\($0.name) (\($0.unknownCount))" }), tone: .poor)))
    }
    return pairs
  }

  /// 25.6 M; exact below 100 000.
  private func counted(_ count: Int) -> String {
    let value = Double(count)
    return switch count {
    case ..<100_000: String(count)
    case ..<1_000_000: "\(threeDigits(value / 1e3)) k"
    case ..<1_000_000_000: "\(threeDigits(value / 1e6)) M"
    default: "\(threeDigits(value / 1e9)) G"
    }
  }

  private var edges: Table {
    func row(_ role: String, _ tensor: Workload.Tensor) -> [Cell] {
      [Cell(role), Cell(tensor.name), Cell(tensor.type?.description ?? "unknown")]
    }
    return Table(
      [.init(""), .init("name", shrinksTo: 12), .init("type")],
      rows: workload.inputs.map { row("input", $0) } + workload.outputs.map { row("output", $0) })
  }

  private var operatorTable: Table {
    let total = Double(workload.flops.rawValue)
    return Table(
      [
        .init("operator", shrinksTo: 12), .init("steps", .trailing), .init("MACs", .trailing),
        .init("operations", .trailing), .init("share", .trailing),
        .init("unknown", .trailing),
      ],
      rows: operators.map { summary in
        let isUnknown = summary.unknownCount == summary.stepCount
        return [
          Cell(summary.name), Cell(String(summary.stepCount)),
          Cell(isUnknown ? "?" : summary.macs == .zero ? "–" : summary.macs.description),
          Cell(isUnknown ? "?" : summary.flops == .zero ? "–" : summary.flops.description),
          Cell(isUnknown || total == 0 ? "" : percent(Double(summary.flops.rawValue) / total)),
          Cell(summary.unknownCount == 0 ? "" : String(summary.unknownCount), tone: .poor),
        ]
      })
  }

  private var stepTable: Table {
    Table(
      [
        .init("step", shrinksTo: 16), .init("operator", shrinksTo: 10),
        .init("output", shrinksTo: 12), .init("times", .trailing, isOptional: true),
        .init("MACs", .trailing), .init("operations", .trailing), .init("traffic", .trailing),
      ],
      rows: workload.steps.map { step in
        [
          Cell(step.name), Cell(step.op.name), Cell(outputs(of: step)),
          Cell(step.repetitions.map { $0 == 1 ? "" : "\($0)×" } ?? "?"),
          Cell(step.work.map(\.macs.description) ?? "?", tone: step.work == nil ? .poor : .plain),
          Cell(step.work.map(\.flops.description) ?? "?"),
          Cell(step.work.map(\.traffic.description) ?? "?"),
        ]
      })
  }

  private func tensors(_ ids: [Workload.TensorID?]) -> [Workload.Tensor] {
    ids.compactMap { id in
      id.flatMap { workload.tensors.indices.contains($0) ? workload.tensors[$0] : nil }
    }
  }

  private func outputs(of step: Workload.Step) -> String {
    tensors(step.outputs).map { $0.type?.description ?? "?" }.joined(separator: ", ")
  }

  // MARK: JSON

  public var json: JSONObject {
    var json =
      origin.header("inspection")
      + [
        "model": .string(name),
        "metadata": .object(
          metadata.reduce(into: JSONObject()) { $0[$1.key] = .string($1.value.text) }),
        "parameterCount": .integer(parameterCount),
        "weightBytes": .integer(workload.weightSize.rawValue),
        "macs": .integer(workload.macs.rawValue),
        "operations": .integer(workload.flops.rawValue),
        "isLowerBound": .bool(isLowerBound),
        "knownSteps": .integer(workload.steps.count - unknownStepCount),
        "totalSteps": .integer(workload.steps.count),
        "unknownOperators": JSONValue(
          strings: operators.filter { $0.unknownCount > 0 }.map(\.name)),
        "inputs": JSONValue(objects: workload.inputs.map(edgeRecord)),
        "outputs": JSONValue(objects: workload.outputs.map(edgeRecord)),
        "operators": JSONValue(objects: operators.map(operatorRecord)),
        "assumptions": JSONValue(strings: workload.assumptions),
        "warnings": JSONValue(strings: warnings),
      ]
    if isVerbose { json["steps"] = JSONValue(objects: workload.steps.map(stepRecord)) }
    return json
  }

  private func edgeRecord(_ tensor: Workload.Tensor) -> JSONObject {
    [
      "name": .string(tensor.name), "dtype": JSONValue(tensor.type?.dtype.rawValue),
      "dimensions": tensor.type.map { .array($0.dimensions.map { .integer($0) }) } ?? .null,
    ]
  }

  private func operatorRecord(_ summary: Workload.OperatorSummary) -> JSONObject {
    [
      "operator": .string(summary.name), "steps": .integer(summary.stepCount),
      "macs": .integer(summary.macs.rawValue), "operations": .integer(summary.flops.rawValue),
      "unknownSteps": .integer(summary.unknownCount),
    ]
  }

  private func stepRecord(_ step: Workload.Step) -> JSONObject {
    [
      "step": .string(step.name), "operator": .string(step.op.name),
      "output": .string(outputs(of: step)), "repetitions": JSONValue(step.repetitions),
      "macs": JSONValue(step.work?.macs.rawValue),
      "operations": JSONValue(step.work?.flops.rawValue),
      "readBytes": JSONValue(step.work.map { $0.reads.reduce(.zero, +).rawValue }),
      "writtenBytes": JSONValue(step.work.map { $0.writes.reduce(.zero, +).rawValue }),
    ]
  }
}
