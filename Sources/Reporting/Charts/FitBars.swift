import CostModel
import Quantities

/// What stands in each memory against its capacity, as stacked bars.
struct FitBars {
  let memory: [MemoryFit]

  private static let width = 460.0
  private static let height = 26

  var html: HTML {
    .group(
      memory.map { fit in
        tag("div", ["class": "fit"]) {
          tag("p") {
            tag("b") { fit.memory }
            " \(fit.needed) of \(fit.capacity) · "
            tag("span", ["class": fit.verdict.tone.styleClass]) {
              "\(fit.verdict.phrase), \(fit.slackPhrase)"
            }
          }
          bar(fit)
          tag("ul", ["class": "key"]) {
            HTML.group(
              fit.parts.enumerated().map { index, part in
                tag("li") {
                  tag("svg", ["viewBox": "0 0 10 10", "class": "chip"]) {
                    HTML.void(
                      "rect",
                      ["class": "part \(Self.shade(part, index))", "width": "10", "height": "10"])
                  }
                  "\(part.name) \(part.size)"
                }
              })
          }
        }
      })
  }

  /// The same shade for the same part on every board.
  private static func shade(_ part: MemoryFit.Part, _ index: Int) -> String {
    switch part.name {
    case "weights": "p0"
    case "activations": "p1"
    case "runtime": "p2"
    case "system": "p3"
    default: index.isMultiple(of: 2) ? "p4" : "p5"
    }
  }

  private func bar(_ fit: MemoryFit) -> HTML {
    let total = max(fit.capacity, fit.needed)
    let scale = LinearScale(maximum: Double(total.rawValue), start: 0, end: Self.width)
    var before = Bytes.zero
    let parts = fit.parts.enumerated().map { index, part -> HTML in
      let start = scale.position(Double(before.rawValue))
      before += part.size
      let length = scale.position(Double(before.rawValue)) - start
      return .element(
        "rect",
        [
          "class": "part \(Self.shade(part, index))", "x": start.coordinate, "y": "4",
          "width": max(length, part.size > .zero ? 1 : 0).coordinate, "height": "18",
        ], [.element("title", [:], [.text("\(part.name): \(part.size)")])])
    }
    let capacity = scale.position(Double(fit.capacity.rawValue))
    return tag(
      "svg",
      [
        "viewBox": "0 0 \(Int(Self.width)) \(Self.height)", "role": "img",
        "aria-label": "\(fit.memory): \(fit.partsPhrase) of \(fit.capacity)",
      ]
    ) {
      HTML.void(
        "rect",
        [
          "class": "capacity", "x": "0.5", "y": "4.5",
          "width": max(capacity - 1, 1).coordinate, "height": "17",
        ])
      HTML.group(parts)
      if fit.needed > fit.capacity { line(capacity, 0, capacity, 26, kind: "over") }
    }
  }
}

extension Cell.Tone {
  /// The name of the tone in the style sheet.
  var styleClass: String {
    switch self {
    case .plain: ""
    case .good: "good"
    case .fair: "fair"
    case .poor: "poor"
    case .bad: "bad"
    case .muted: "muted"
    }
  }
}
