import CostModel
import Decision
import Quantities

/// One latency with its range on a scale that all rows of a table share, and the deadline.
struct LatencyStrip {
  private let scale: LogScale
  private let requirements: Requirements

  private static let width = 150
  private static let height = 18
  private static let middle = 9.0

  init(_ candidates: [Candidate], _ requirements: Requirements) {
    let latencies = candidates.map(\.estimate.latency)
    self.requirements = requirements
    scale = LogScale(
      holding: latencies.map(\.low.rawValue) + latencies.map(\.high.rawValue)
        + [requirements.deadline, requirements.budget].compactMap { $0?.rawValue }, start: 4,
      end: Double(Self.width - 4), limit: 6)
  }

  func html(_ candidate: Candidate) -> HTML {
    let latency = candidate.estimate.latency
    let (low, high) = (scale.position(latency.low.rawValue), scale.position(latency.high.rawValue))
    let tone = candidate.verdict.overall.tone.styleClass
    return tag(
      "svg",
      [
        "viewBox": "0 0 \(Self.width) \(Self.height)", "class": "strip", "role": "img",
        "aria-label": latency.phrase(isLowerBound: candidate.estimate.isLowerBound),
      ]
    ) {
      HTML.group(
        scale.ticks.map { decade in
          let at = scale.position(ofDecade: decade)
          return line(at, 0, at, Double(Self.height), kind: "grid")
        })
      if let deadline = requirements.deadline {
        let at = scale.position(deadline.rawValue)
        line(at, 0, at, Double(Self.height), kind: "limit")
      }
      line(low, Self.middle, high, Self.middle, kind: "range \(tone)")
      HTML.void(
        "circle",
        [
          "class": "median \(tone)", "cx": scale.position(latency.median.rawValue).coordinate,
          "cy": Self.middle.coordinate, "r": "3.5",
        ])
    }
  }

  /// What the lines of the strip are.
  var scaleNote: String {
    let ends = "logarithmic from \(Seconds(scale.low)) to \(Seconds(scale.high))"
    let decades = scale.ticks.isEmpty ? "" : ", thin lines at powers of ten"
    let deadline = requirements.deadline == nil ? "" : ", dashed line at the deadline"
    return "\(ends)\(decades)\(deadline)"
  }
}
