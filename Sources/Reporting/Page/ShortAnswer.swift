import CostModel
import Decision
import HardwareModel
import Quantities

/// The recommendation for one model: how many will do, the cheapest and the fastest.
struct ShortAnswer {
  let entry: Comparison.Entry
  let requirements: Requirements

  var html: HTML {
    .group([
      tag("p", ["class": "lead"]) { requirements.countAnswer(entry) },
      tag("div", ["class": "picks"]) { HTML.group(picks) },
    ])
  }

  private var picks: [HTML] {
    guard let fastest = entry.fastest else {
      return entry.candidates.first.map { [pick("Nearest", $0, tone: "bad")] } ?? []
    }
    guard let cheapest = entry.cheapest else { return [pick("Fastest", fastest)] }
    if cheapest.estimate.deployment == fastest.estimate.deployment {
      return [pick("Cheapest and fastest", cheapest)]
    }
    return [pick("Cheapest that will do", cheapest), pick("Fastest", fastest)]
  }

  private func pick(_ title: String, _ candidate: Candidate, tone: String = "") -> HTML {
    let estimate = candidate.estimate
    let deployment = estimate.deployment
    var facts = [estimate.latency.range + ", 90 %"]
    if let probability = candidate.verdict.deadlineProbability {
      facts.append("\(probabilityPhrase(probability)) in time")
    }
    if let price = deployment.board.price {
      facts.append("\(fixed(price.value.rawValue, decimals: 0)) USD")
    }
    let objections =
      candidate.verdict.isAcceptable ? [] : candidate.verdict.objections(estimate, requirements)
    return tag("section", ["class": "pick \(tone)"]) {
      tag("h3") { title }
      tag("p", ["class": "name"]) { deployment.board.name }
      tag("p", ["class": "soft"]) { deployment.unitPhrase }
      tag("p", ["class": "number"]) {
        "\(estimate.isLowerBound ? "≥ " : "")\(estimate.latency.median)"
      }
      tag("p", ["class": "note"]) { facts.joined(separator: " · ") }
      if !objections.isEmpty {
        tag("p", ["class": "note \(tone)"]) {
          objections.joined(separator: "; ")
        }
      }
    }
  }
}
