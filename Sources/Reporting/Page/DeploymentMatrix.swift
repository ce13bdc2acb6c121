import CostModel
import Decision
import HardwareModel
import Quantities

/// Deployments against models: who wants one board for all reads it by row, best rows first.
struct DeploymentMatrix {
  private struct Row {
    let deployment: Deployment
    var cells: [Int: Candidate]
    /// The worst verdict over the models; a model that cannot run misses.
    var worst: Outcome = .misses
    var slowest: Seconds = .zero
  }

  private let models: [String]
  private let rows: [Row]

  init(_ comparison: Comparison) {
    models = comparison.entries.map(\.model.name)
    var rows: [String: Row] = [:]
    for (index, entry) in comparison.entries.enumerated() {
      for candidate in entry.candidates {
        let deployment = candidate.estimate.deployment
        rows[deployment.label, default: Row(deployment: deployment, cells: [:])].cells[index] =
          candidate
      }
    }
    let count = comparison.entries.count
    self.rows = rows.values.map { row in
      var row = row
      let verdicts = row.cells.values.map(\.verdict.overall)
      if row.cells.count == count { row.worst = verdicts.max() ?? .misses }
      row.slowest =
        row.cells.count == count
        ? row.cells.values.map(\.estimate.latency.median).max() ?? .zero : Seconds(.infinity)
      return row
    }.sorted {
      ($0.worst, $0.slowest, $0.deployment.label) < ($1.worst, $1.slowest, $1.deployment.label)
    }
  }

  /// Which deployments do for every model.
  private var summary: String {
    let common = rows.filter { $0.worst <= .likely }.map { row in
      "\(row.deployment.board.name) (\(row.deployment.unitPhrase))"
    }
    guard !common.isEmpty else { return "No deployment will do for all models." }
    let verb = common.count == 1 ? "does" : "do"
    return
      "\(counted(common.count, "deployment")) \(verb) for all models: \(listed(common, limit: 3))."
  }

  var html: HTML {
    .group([
      tag("p") { summary },
      .group(stride(from: 0, to: models.count, by: Self.columnLimit).map(table)),
      tag("p", ["class": "note"]) {
        Outcome.allCases.sorted().map { "\($0.sign) \($0.rawValue)" }.joined(separator: " · ")
          + ": memory and all that was asked, not the time alone."
      },
    ])
  }

  /// Models side by side on a sheet of A4; more stand in a table below.
  private static let columnLimit = 6

  private func table(from first: Int) -> HTML {
    let shown = first..<min(first + Self.columnLimit, models.count)
    return tag("div", ["class": "wide"]) {
      tag("table", ["class": "verdict"]) {
        tag("thead") {
          tag("tr") {
            tag("th") { "deployment" }
            HTML.group(models[shown].map { model in tag("th", ["class": "n"]) { model } })
          }
        }
        tag("tbody") {
          HTML.group(
            rows.map { row in
              tag("tr") {
                tag("td") {
                  row.deployment.board.name
                  tag("small") { row.deployment.unitPhrase }
                }
                HTML.group(shown.map { cell(row.cells[$0]) })
              }
            })
        }
      }
    }
  }

  private func cell(_ candidate: Candidate?) -> HTML {
    guard let candidate else { return tag("td", ["class": "n soft"]) { "cannot run" } }
    let verdict = candidate.verdict.overall
    let mark = candidate.estimate.isLowerBound ? "≥ " : ""
    return tag("td", ["class": "n \(verdict.tone.styleClass)"]) {
      "\(mark)\(candidate.estimate.latency.median) \(verdict.sign)"
    }
  }
}
