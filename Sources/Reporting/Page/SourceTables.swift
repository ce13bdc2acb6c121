import CostModel
import Decision
import HardwareModel
import Quantities

/// Where every number of the boards and runtimes came from.
struct SourceTables {
  private struct Group {
    let title: String
    let facts: [Fact]
  }
  private let groups: [Group]

  init(_ comparison: Comparison) {
    var groups: [Group] = []
    var known: Set<String> = []
    let deployments = comparison.entries.flatMap(\.candidates).map(\.estimate.deployment)
    for board in deployments.map(\.board) where known.insert("board \(board.id)").inserted {
      groups.append(Group(title: board.name, facts: board.facts))
    }
    for deployment in deployments {
      for (runtime, kind) in [
        (deployment.runtime, deployment.unit.kind),
        (deployment.fallback ?? deployment.runtime, deployment.host.kind),
      ] where known.insert("runtime \(runtime.id) \(kind.rawValue)").inserted {
        let facts = runtime.facts(for: kind)
        guard !facts.isEmpty else { continue }
        groups.append(
          Group(title: "\(runtime.name) \(runtime.version) on \(kind.rawValue)", facts: facts))
      }
    }
    self.groups = groups
  }

  var html: HTML {
    guard !groups.isEmpty else { return .empty }
    return tag("section") {
      tag("h2") { "Where every number came from" }
      tag("p", ["class": "soft"]) {
        "Measured numbers were observed on the hardware, datasheet ones are the maker's, derived "
          + "ones follow by a formula from the two, and estimated ones are assumed."
      }
      HTML.group(groups.map(table))
    }
  }

  private func table(_ group: Group) -> HTML {
    tag("details") {
      tag("summary") {
        tag("b") { group.title }
        tag("span", ["class": "soft"]) { counted(group.facts.count, "number") }
      }
      tag("div", ["class": "body wide"]) {
        tag("table") {
          tag("thead") {
            tag("tr") {
              tag("th") { "number" }
              tag("th", ["class": "n"]) { "value" }
              tag("th") { "basis" }
              tag("th") { "source" }
            }
          }
          tag("tbody") {
            HTML.group(
              group.facts.map { fact in
                tag("tr") {
                  tag("td") { fact.path }
                  tag("td", ["class": "n"]) { fact.value }
                  tag("td", ["class": fact.basis.cell.tone.styleClass]) { fact.basis.rawValue }
                  tag("td") { fact.source }
                }
              })
          }
        }
      }
    }
  }
}
