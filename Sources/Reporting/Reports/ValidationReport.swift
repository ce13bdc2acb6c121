public import Calibration
import Platform
import Quantities

/// The scoreboard of a validation.
public struct ValidationReport: Report {
  public var origin: Origin
  /// One a prior: CPU runs, runs on accelerators.
  public var parts: [Part]
  /// Rows that were no runs, and runs without a graph, in sentences.
  public var notes: [String]
  public var isVerbose: Bool

  /// What one prior was scored on.
  public struct Part: Sendable {
    /// "ncnn, cpu, float".
    public var title: String
    public var validation: Validation
    public init(title: String, validation: Validation) {
      self.title = title
      self.validation = validation
    }
  }

  public init(origin: Origin, parts: [Part], notes: [String], isVerbose: Bool) {
    self.origin = origin
    self.parts = parts
    self.notes = notes
    self.isVerbose = isVerbose
  }

  public var document: Document {
    var sections: [Document.Section] = []
    for part in parts {
      sections.append(Document.Section(part.title, [.table(overall(part))]))
    }
    for part in parts {
      sections.append(
        Document.Section(
          "\(part.title), by group", isDetail: !isVerbose,
          [.table(byGroup(part, limit: isVerbose ? nil : 10))]))
    }
    if !notes.isEmpty { sections.append(Document.Section("Notes", [.notes(notes)])) }
    return Document(title: "Predictions beside measurements", sections: sections)
  }

  private static let columns: [Table.Column] = [
    .init("points", .trailing), .init("median error", .trailing), .init("mean error", .trailing),
    .init("within 10 %", .trailing), .init("within 20 %", .trailing), .init("bias", .trailing),
    .init("90 % interval covers", .trailing), .init("width", .trailing),
    .init("one scale factor", .trailing), .init("roofline", .trailing),
  ]

  private func overall(_ part: Part) -> Table {
    var table = Table([.init("runs used", .trailing)] + Self.columns)
    for (shots, score) in zip(part.validation.plan.shots, part.validation.overall) {
      table.append([Cell(Self.name(shots))] + Self.cells(score))
    }
    return table
  }

  private static func name(_ shots: Int) -> String {
    shots == Validation.Plan.allOthers ? "all others" : "\(shots)"
  }

  /// A count of runs, or "all" where one is left out at a time.
  private static func value(_ shots: Int) -> JSONValue {
    shots == Validation.Plan.allOthers ? .string("all") : .integer(shots)
  }

  /// Groups, the worst first, at the largest count of runs that leaves any to score.
  private func byGroup(_ part: Part, limit: Int?) -> Table {
    var table = Table([.init("group", shrinksTo: 30)] + Self.columns)
    let ranked = part.validation.groups.compactMap { group in
      group.scores.last { !$0.points.isEmpty }.flatMap { score in
        ErrorSummary(score.points).map { (group.label, score, $0.medianError) }
      }
    }.sorted { $0.2 > $1.2 }
    for (label, score, _) in ranked.prefix(limit ?? ranked.count) {
      table.append([Cell(label)] + Self.cells(score))
    }
    return table
  }

  private static func cells(_ score: Validation.Score) -> [Cell] {
    guard let summary = ErrorSummary(score.points) else { return [] }
    return [
      Cell("\(summary.points)"), Cell(tenths(summary.medianError)),
      Cell(tenths(summary.meanError)), Cell(tenths(summary.within10)),
      Cell(tenths(summary.within20)), Cell(signedTenths(summary.bias)),
      Cell(summary.coverage.map(tenths) ?? ""), Cell(summary.medianWidth.map(tenths) ?? ""),
      Cell(ErrorSummary(score.scaled).map { tenths($0.medianError) } ?? ""),
      Cell(ErrorSummary(score.roofline).map { tenths($0.medianError) } ?? ""),
    ]
  }

  // MARK: For programs

  public var json: JSONObject {
    let plan = parts.first?.validation.plan
    return origin.header("validation")
      + [
        "repeats": JSONValue(plan?.repeats), "seed": JSONValue(plan.map { Int($0.seed % 1 << 53) }),
        "holdOut": JSONValue(plan?.holdOut.rawValue), "advised": .bool(plan?.isAdvised ?? false),
        "parts": JSONValue(
          objects: parts.map { part in
            [
              "title": .string(part.title),
              "overall": JSONValue(
                objects: zip(part.validation.plan.shots, part.validation.overall).map {
                  ["shots": Self.value($0)] + Self.object($1)
                }),
              "groups": JSONValue(
                objects: part.validation.groups.map { group in
                  [
                    "group": .string(group.label),
                    "scores": JSONValue(
                      objects: zip(part.validation.plan.shots, group.scores).map {
                        ["shots": Self.value($0)] + Self.object($1)
                      }),
                  ]
                }),
            ]
          }),
        "notes": JSONValue(strings: notes),
      ]
  }

  public var records: [JSONObject] {
    parts.flatMap { part in
      zip(part.validation.plan.shots, part.validation.overall).map { shots, score in
        ["part": .string(part.title), "group": "all", "shots": Self.value(shots)]
          + Self.object(score)
      }
        + part.validation.groups.flatMap { group in
          zip(part.validation.plan.shots, group.scores).map { shots, score in
            [
              "part": .string(part.title), "group": .string(group.label),
              "shots": Self.value(shots),
            ]
              + Self.object(score)
          }
        }
    }
  }

  private static func object(_ score: Validation.Score) -> JSONObject {
    summary(ErrorSummary(score.points))
      + [
        "oneScaleFactor": .object(summary(ErrorSummary(score.scaled))),
        "roofline": .object(summary(ErrorSummary(score.roofline))),
      ]
  }

  private static func summary(_ summary: ErrorSummary?) -> JSONObject {
    [
      "points": .integer(summary?.points ?? 0),
      "medianError": JSONValue(summary?.medianError), "meanError": JSONValue(summary?.meanError),
      "within10Percent": JSONValue(summary?.within10),
      "within20Percent": JSONValue(summary?.within20), "bias": JSONValue(summary?.bias),
      "coverage": JSONValue(summary?.coverage),
      "medianIntervalWidth": JSONValue(summary?.medianWidth),
    ]
  }
}

/// "12.3 %".
func tenths(_ share: Double) -> String { fixed(100 * share, decimals: 1) + " %" }

func signedTenths(_ share: Double) -> String { (share < 0 ? "" : "+") + tenths(share) }
