import CostModel
import Decision
import HardwareModel
import ModelIR
import Quantities
import TensorTypes

/// One model of a comparison: the verdicts, then each deployment in detail.
struct EntrySection {
  /// The position of the model, for anchors.
  let index: Int
  let entry: Comparison.Entry
  let requirements: Requirements
  let isOnly: Bool
  let detailLimit: Int
  let dotLimit: Int

  var html: HTML {
    let detailed = Array(entry.candidates.prefix(detailLimit))
    let openCount = max(1, min(HTMLReport.openLimit, entry.acceptable.count))
    return tag("section") {
      tag("h2") { isOnly ? "All deployments" : entry.model.name }
      if !isOnly { ShortAnswer(entry: entry, requirements: requirements).html }
      tag("p", ["class": "soft"]) { modelFacts }
      if !entry.candidates.isEmpty { verdictTable }
      if !entry.refusals.isEmpty { refusals }
      if !detailed.isEmpty {
        tag("h3") { "In detail" }
        HTML.group(
          detailed.enumerated().map { position, candidate in
            CandidateDetail(
              candidate: candidate, requirements: requirements, anchor: anchor(position),
              isOpen: position < openCount, shared: Set(entry.sharedAssumptions),
              dotLimit: dotLimit
            ).html
          })
        if entry.candidates.count > detailed.count {
          tag("p", ["class": "note"]) {
            "\(counted(entry.candidates.count - detailed.count, "deployment")) more in the table only."
          }
        }
      }
      assumptions
    }
  }

  private func anchor(_ position: Int) -> String { "m\(index)d\(position)" }

  private var modelFacts: String {
    let workload = entry.model.workload
    let inputs = workload.inputs.map { input in
      "“\(input.name)” \(input.type?.description ?? "of unknown shape")"
    }
    let unknown = workload.steps.count { !$0.isKnown }
    let mark = unknown > 0 ? "≥ " : ""
    return [
      "\(entry.model.name): \(mark)\(workload.macs)", "\(workload.weightSize) of weights",
      counted(workload.steps.count, "step"), "input \(listed(inputs, limit: 3))",
      unknown > 0
        ? "the work of \(counted(unknown, "step")) is unknown, so that times are least values" : "",
    ].filter { !$0.isEmpty }.joined(separator: " · ")
  }

  // MARK: Verdicts

  private var verdictTable: HTML {
    let table = requirements.verdictTable(entry.candidates)
    let kept = table.columns.indices.filter { column in
      column == 0
        || column != Self.precisionColumn && table.rows.contains { !$0[column].text.isEmpty }
    }
    let strip = LatencyStrip(entry.candidates, requirements)
    return tag("div", ["class": "wide"]) {
      tag("table", ["class": "verdict cards"]) {
        tag("thead") {
          tag("tr") {
            HTML.group(
              kept.map { column in
                let title = table.columns[column].title
                return HTML.group([
                  tag("th", ["class": styleClass(table.columns[column])]) { title },
                  column == Self.latencyColumn ? tag("th") { "common scale" } : .empty,
                ])
              })
          }
        }
        tag("tbody") {
          HTML.group(
            table.rows.enumerated().map { position, row in
              tag("tr") {
                tag("td") { name(position) }
                HTML.group(
                  kept.dropFirst().map { column in
                    HTML.group([
                      cell(row[column], table.columns[column]),
                      column == Self.latencyColumn
                        ? tag("td", ["class": "s"]) { strip.html(entry.candidates[position]) }
                        : .empty,
                    ])
                  })
              }
            })
        }
      }
      tag("p", ["class": "note"]) {
        "Below the latency stands the range that holds nine in ten, below the margin its share of the "
          + "deadline, or the latency in deadlines. The common scale is \(strip.scaleNote)."
      }
    }
  }

  private static let latencyColumn = 3
  /// The unit's line says it already.
  private static let precisionColumn = 1

  @HTMLBuilder private func name(_ position: Int) -> HTML {
    let deployment = entry.candidates[position].estimate.deployment
    if position < detailLimit {
      tag("a", ["href": "#\(anchor(position))"]) { deployment.board.name }
    } else {
      deployment.board.name
    }
    tag("small") { deployment.unitPhrase }
  }

  private func cell(_ cell: Cell, _ column: Table.Column) -> HTML {
    tag(
      "td",
      [
        "class": "\(styleClass(column)) \(cell.text.isEmpty ? "" : cell.tone.styleClass)",
        "data-label": column.title,
      ]
    ) {
      HTML.group(stacked(cell.text))
    }
  }

  /// What stands in parentheses comes below the rest: a column is as wide as its numbers.
  private func stacked(_ text: String) -> [HTML] {
    guard text.hasSuffix(")"), let open = text.firstRange(of: " (") else {
      return text.isEmpty ? [] : [.text(text)]
    }
    return [
      .text(String(text[..<open.lowerBound])),
      tag("small") { String(text[open.upperBound...].dropLast()) },
    ]
  }

  private func styleClass(_ column: Table.Column) -> String {
    switch column.alignment {
    case .trailing: "n"
    case .leading: column.shrinksTo == nil ? "w" : ""
    }
  }

  // MARK: The rest

  private var refusals: HTML {
    .group([
      tag("h3") { "Cannot run it" },
      tag("ul") {
        HTML.group(
          entry.refusals.map { refusal in
            tag("li") {
              tag("b") { refusal.deployment }
              ": \(refusal.reason)"
            }
          })
      },
    ])
  }

  @HTMLBuilder private var assumptions: HTML {
    let sentences = entry.sharedAssumptions + entry.model.warnings
    if !sentences.isEmpty {
      tag("h3") { "Taken for granted on every board" }
      tag("ul") { HTML.group(sentences.map { sentence in tag("li") { sentence } }) }
    }
  }
}
