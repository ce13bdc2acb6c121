import CostModel
import Decision
import HardwareModel
import Quantities

/// One model on one deployment: the answer, what it rests on, and the charts that explain it.
struct CandidateDetail {
  let candidate: Candidate
  let requirements: Requirements
  let anchor: String
  let isOpen: Bool
  /// Assumptions that are told once for all deployments.
  let shared: Set<String>
  let dotLimit: Int

  private var estimate: Estimate { candidate.estimate }

  var html: HTML {
    let roofline = RooflineFigure(estimate)
    return tag("details", ["id": anchor, "class": "sheet", "open": isOpen ? "open" : ""]) {
      tag("summary") {
        tag("b") {
          estimate.deployment.board.name
          tag("small") { estimate.deployment.unitPhrase }
        }
        tag("span") { "\(estimate.isLowerBound ? "≥ " : "")\(estimate.latency.median)" }
        tag("span", ["class": candidate.verdict.overall.tone.styleClass]) {
          candidate.verdict.overall.cell.text
        }
      }
      tag("div", ["class": "body"]) {
        facts
        tag("div", ["class": "charts"]) {
          if !roofline.dots.isEmpty {
            tag("div") {
              RooflineChart(roofline, dotLimit: dotLimit).html
              boundKey
            }
          }
          tag("div") {
            KernelBars(estimate: estimate).html
            if roofline.dots.isEmpty { boundKey }
            operatorTable
          }
          MemoryTimeline(estimate: estimate).html
          tag("div") {
            tag("h4") { "Memory needed and there" }
            FitBars(memory: estimate.memory).html
          }
        }
        own
      }
    }
  }

  // MARK: Facts

  private var facts: HTML { Document.Block.pairs(pairs).html }

  private var pairs: [Document.Pair] {
    var pairs = [
      Document.Pair("setting", "\(runtime), \(estimate.deployment.settingPhrase)"),
      Document.Pair("latency", estimate.latency.phrase(isLowerBound: estimate.isLowerBound)),
    ]
    if let probability = candidate.verdict.deadlineProbability,
      let outcome = candidate.verdict.deadline
    {
      pairs.append(
        Document.Pair(
          "deadline",
          Cell(
            "\(requirements.deadlinePhrase): probability \(probabilityPhrase(probability))",
            tone: outcome.tone)))
    }
    pairs.append(Document.Pair("limited by", estimate.bound.cause))
    if let energy = estimate.energy {
      pairs.append(
        Document.Pair("energy a run", energy.phrase(isLowerBound: estimate.isLowerBound)))
    }
    if let fallback = estimate.fallbackPair { pairs.append(fallback) }
    if estimate.isLowerBound {
      let coverage = estimate.coverage
      pairs.append(
        Document.Pair(
          "lower bound",
          Cell(
            "\(coverage.knownSteps) of \(coverage.totalSteps) steps have known work; unknown: "
              + listed(coverage.unknownOperators), tone: .poor)))
    }
    let objections = candidate.verdict.objections(estimate, requirements)
    if !candidate.verdict.isAcceptable, !objections.isEmpty {
      pairs.append(
        Document.Pair("in the way", Cell(objections.joined(separator: "; "), tone: .poor)))
    }
    pairs.append(
      Document.Pair(
        "rests on", "\(estimate.basis.rawValue) numbers: the weakest that carry the time"))
    return pairs
  }

  private var runtime: String {
    "\(estimate.deployment.runtime.name) \(estimate.deployment.runtime.version)"
  }

  // MARK: Around the charts

  /// Which mark is which bound.
  private var boundKey: HTML {
    let bounds: [(Bound, String)] = [
      (.compute, "bound by compute"), (.memory(""), "by memory"), (.dispatch, "by dispatch"),
    ]
    return tag("ul", ["class": "key"]) {
      HTML.group(
        bounds.map { bound, text in
          tag("li") {
            tag("svg", ["viewBox": "0 0 10 10", "class": "chip"]) {
              mark(bound, x: 5, y: 5, radius: 4)
            }
            text
          }
        })
    }
  }

  private static let operatorLimit = 6

  private var operatorTable: HTML {
    let operators = estimate.operatorsByTime
    return tag("table") {
      tag("thead") {
        tag("tr") {
          tag("th") { "operator" }
          tag("th", ["class": "n"]) { "kernels" }
          tag("th", ["class": "n"]) { "time" }
          tag("th", ["class": "n"]) { "share" }
        }
      }
      tag("tbody") {
        HTML.group(
          operators.prefix(Self.operatorLimit).map { sum in
            row(sum.name, sum.kernelCount, sum.time)
          })
        if operators.count > Self.operatorLimit {
          let rest = operators.dropFirst(Self.operatorLimit)
          row(
            "\(rest.count) others", rest.reduce(0) { $0 + $1.kernelCount },
            rest.reduce(.zero) { $0 + $1.time })
        }
        if estimate.transferTime > .zero {
          row("hand-overs", nil, estimate.transferTime)
        }
        row("entering the runtime", nil, estimate.invocationTime)
      }
    }
  }

  private func row(_ name: String, _ count: Int?, _ time: Seconds) -> HTML {
    tag("tr") {
      tag("td") { name }
      tag("td", ["class": "n"]) { count.map(String.init) ?? "" }
      tag("td", ["class": "n"]) { time.description }
      tag("td", ["class": "n"]) { percent(estimate.share(of: time)) }
    }
  }

  /// Assumptions of this deployment alone.
  @HTMLBuilder private var own: HTML {
    let sentences = estimate.assumptions.filter { !shared.contains($0) }
    if !sentences.isEmpty {
      tag("h4") { "Taken for granted here" }
      tag("ul") { HTML.group(sentences.map { sentence in tag("li") { sentence } }) }
    }
  }
}
