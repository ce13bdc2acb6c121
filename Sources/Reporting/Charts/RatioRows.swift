import Platform

/// Rows of ratios on one logarithmic axis around 1: what was predicted over what was measured, or a
/// rate over what was believed of it.
struct RatioRows {
  struct Row {
    var name: String
    /// Whether nothing was learned of it: it is drawn in the background.
    var isMuted = false
    /// Ends of bands, the widest first.
    var bands: [(low: Double, high: Double)] = []
    var marks: [Mark]
  }
  struct Mark {
    /// What a pointer over it says.
    var title: String
    var ratio: Double
    var kind: Kind
  }
  /// Shape and colour, both different.
  enum Kind { case before, after, leftOut }

  let title: String
  let axis: String
  let caption: String
  let rows: [Row]

  private static let width = 460
  private static let left = 150.0
  private static let right = 448.0
  private static let rowHeight = 19.0
  private static let top = 8.0
  private static let longestName = 23

  private var bottom: Double { Self.top + Double(rows.count) * Self.rowHeight }

  /// Half the axis in logarithms: the farthest mark, or a tenth; nothing beyond a factor of 30 is shown.
  private var reach: Double {
    let values = rows.flatMap { row in
      row.marks.map(\.ratio) + row.bands.flatMap { [$0.low, $0.high] }
    }
    let farthest = values.filter { $0 > 0 && $0.isFinite }.map { abs(log($0)) }.max() ?? 0
    return min(max(1.08 * farthest, 0.1), log(30))
  }

  private func position(_ ratio: Double) -> Double {
    guard ratio > 0 else { return Self.left }
    let share = min(1, max(-1, log(ratio) / reach))
    return (Self.left + Self.right) / 2 + share * (Self.right - Self.left) / 2
  }

  /// Round ratios on both sides of 1, as far apart as their labels need.
  private var ticks: [Double] {
    let all = [0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 1, 1.1, 1.25, 2, 5, 10, 20]
    var kept: [Double] = [1]
    for tick in all.sorted(by: { abs(log($0)) > abs(log($1)) }) {
      let at = position(tick)
      guard abs(log(tick)) <= reach, kept.allSatisfy({ abs(position($0) - at) > 36 }) else {
        continue
      }
      kept.append(tick)
    }
    return kept.sorted()
  }

  var html: HTML {
    figure(title, width: Self.width, height: Int(bottom + 36), caption: caption) {
      HTML.group(
        ticks.map { tick in
          let at = position(tick)
          return .group([
            line(at, Self.top, at, bottom, kind: tick == 1 ? "roof" : "grid"),
            label("\(significant(tick, digits: 3))×", x: at, y: bottom + 14, kind: "tick mid"),
          ])
        })
      label(axis, x: (Self.left + Self.right) / 2, y: bottom + 30, kind: "axis mid")
      HTML.group(rows.enumerated().map { index, row in drawn(row, at: index) })
    }
  }

  private func drawn(_ row: Row, at index: Int) -> HTML {
    let y = Self.top + (Double(index) + 0.5) * Self.rowHeight
    let isLong = row.name.count > Self.longestName
    let name = isLong ? row.name.prefix(Self.longestName - 1) + "…" : Substring(row.name)
    return .group([
      .element(
        "text",
        [
          "x": (Self.left - 8).coordinate, "y": (y + 3.5).coordinate,
          "class": row.isMuted ? "tick end" : "end",
        ], [.text(String(name))] + (isLong ? [.element("title", [:], [.text(row.name)])] : [])),
      .group(
        row.bands.enumerated().map { level, band in
          let start = position(band.low)
          let height = level == 0 ? 3.0 : 8.0
          return .void(
            "rect",
            [
              "class": level == 0 || row.isMuted ? "band" : "band fitted",
              "x": start.coordinate, "y": (y - height / 2).coordinate,
              "width": max(position(band.high) - start, 1).coordinate, "height": height.coordinate,
            ])
        }),
      .group(row.marks.map { Self.mark($0.kind, x: position($0.ratio), y: y, title: $0.title) }),
    ])
  }

  static func mark(_ kind: Kind, x: Double, y: Double, title: String = "") -> HTML {
    let about: [HTML] = title.isEmpty ? [] : [.element("title", [:], [.text(title)])]
    switch kind {
    case .before:
      return .element(
        "rect",
        [
          "class": "dot dispatch", "x": (x - 3.2).coordinate, "y": (y - 3.2).coordinate,
          "width": "6.4", "height": "6.4",
        ], about)
    case .after:
      return .element(
        "circle",
        ["class": "median compute", "cx": x.coordinate, "cy": y.coordinate, "r": "4"], about)
    case .leftOut:
      let points = "M\(x.coordinate) \((y - 4.6).coordinate)l4.6 4.6-4.6 4.6-4.6-4.6z"
      return .element("path", ["class": "dot measured", "d": points], about)
    }
  }
}
