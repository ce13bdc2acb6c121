import CostModel
import Platform
import Quantities
import TensorTypes

/// Draws a roofline: both axes logarithmic, kernels sized by their share of the time and shaped
/// and coloured by what binds them (Williams, Waterman, Patterson, CACM 52(4), 2009).
struct RooflineChart {
  let figure: RooflineFigure
  /// Kernels drawn; those with the least time are left out first.
  let dotLimit: Int
  fileprivate let x: LogScale
  fileprivate let y: LogScale

  private static let width = 460
  private static let height = 330
  private static let left = 54.0
  private static let right = 448.0
  private static let top = 14.0
  private static let bottom = 282.0

  init(_ figure: RooflineFigure, dotLimit: Int) {
    self.figure = figure
    self.dotLimit = dotLimit
    // A short kernel far off is drawn at the edge rather than making all others small.
    let shown = (figure.dots.prefix(dotLimit) + figure.measured.prefix(dotLimit))
      .filter { $0.share >= 0.005 }
    let peaks = figure.roofs.map(\.rate.rawValue)
    let bandwidths = figure.slopes.map(\.bandwidth.rawValue)
    let ridges = peaks.flatMap { peak in bandwidths.map { peak / $0 } }
    // Names of roofs stand to the right of the ridges of the first memory.
    let room = peaks.compactMap { peak in bandwidths.first.map { 25 * peak / $0 } }
    x = LogScale(
      holding: shown.map { $0.intensity.rawValue / 1.6 } + ridges.map { $0 * 1.5 } + room
        + ridges.map { $0 / 30 },
      start: Self.left, end: Self.right, limit: 7)
    y = LogScale(
      holding: shown.map { $0.rate.rawValue / 1.5 } + peaks.flatMap { [$0 / 40, $0 * 2.5] },
      start: Self.bottom,
      end: Self.top, limit: 7)
  }

  var html: HTML {
    Reporting.figure(
      "Roofline", width: Self.width, height: Self.height, caption: caption
    ) {
      grid
      memoryLines
      computeLines
      ridgeMarks
      HTML.group(figure.dots.prefix(dotLimit).reversed().map(dot))
      HTML.group(figure.measured.prefix(dotLimit).reversed().map(measuredDot))
    }
  }

  private var caption: String {
    let hidden = figure.dots.dropFirst(dotLimit)
    let count = hidden.reduce(0) { $0 + $1.kernelCount }
    let share = hidden.reduce(0) { $0 + $1.share }
    let rest =
      hidden.isEmpty
      ? ""
      : " \(counted(count, "short kernel")) with \(percent(share)) of the time left out."
    return
      "A mark is a kernel, or several alike, its area the share of the time. A multiply-accumulate is two "
      + "operations; bytes are those beyond the cache, or each tensor once.\(rest)"
  }

  // MARK: Axes

  private var grid: HTML {
    .group(
      x.ticks.map { exponent in
        let at = x.position(ofDecade: exponent)
        return .group([
          line(at, Self.top, at, Self.bottom, kind: "grid"),
          label(decadeLabel(exponent), x: at, y: Self.bottom + 14, kind: "tick mid"),
        ])
      }
        + y.ticks.map { exponent in
          let at = y.position(ofDecade: exponent)
          return .group([
            line(Self.left, at, Self.right, at, kind: "grid"),
            label(decadeLabel(exponent), x: Self.left - 5, y: at + 3.5, kind: "tick end"),
          ])
        } + [
          label(
            "arithmetic intensity, operations per byte", x: (Self.left + Self.right) / 2,
            y: Self.bottom + 32,
            kind: "axis mid"),
          label(
            "operations per second", x: 10, y: (Self.top + Self.bottom) / 2, kind: "axis mid",
            rotation: "rotate(-90 10 \(((Self.top + Self.bottom) / 2).coordinate))"),
        ])
  }

  // MARK: Ceilings

  private var highestPeak: Double { figure.roofs.first?.rate.rawValue ?? y.high }
  private var widestBandwidth: Double {
    figure.slopes.map(\.bandwidth.rawValue).max() ?? highestPeak / x.low
  }

  private var computeLines: HTML {
    var lowest = -Double.infinity
    return .group(
      figure.roofs.map { roof in
        let at = y.position(roof.rate.rawValue)
        let start = x.position(roof.rate.rawValue / widestBandwidth)
        // Above its line, or below where a line or a label of another is in the way.
        let labelAt = at - 4 < lowest + 11 ? max(at + 11, lowest + 11) : at - 4
        lowest = max(labelAt, at)
        return .group([
          line(start, at, Self.right, at, kind: "roof"),
          label(
            roof.text, x: Self.right, y: labelAt,
            kind: "name end"),
        ])
      })
  }

  private var memoryLines: HTML {
    let angle = atan2(y.decadeLength, x.decadeLength)
    var widerBandwidth = Double.infinity
    return .group(
      figure.slopes.sorted { $0.bandwidth > $1.bandwidth }.map { slope in
        let bandwidth = slope.bandwidth.rawValue
        let from = max(x.low, y.low / bandwidth)
        let to = min(highestPeak / bandwidth, x.high)
        guard from < to else { return .empty }
        let gap = log10(widerBandwidth / bandwidth) * -y.decadeLength * cos(angle)
        widerBandwidth = bandwidth
        let start = (x.position(from), y.position(from * bandwidth))
        // Above its line, or below where the line of another is close.
        let (along, across) = (10.0, gap < 16 ? 11.0 : -4.0)
        let labelX = start.0 + along * cos(angle) - across * sin(angle)
        let labelY = start.1 + along * sin(angle) + across * cos(angle)
        let turn =
          "rotate(\((angle * 180 / .pi).coordinate) \(labelX.coordinate) \(labelY.coordinate))"
        return .group([
          line(start.0, start.1, x.position(to), y.position(to * bandwidth), kind: "roof"),
          label(
            "\(slope.memory) \(slope.bandwidth)", x: labelX, y: labelY, kind: "name",
            rotation: turn),
        ])
      })
  }

  /// Where the board's memory meets each peak.
  private var ridgeMarks: HTML {
    guard let memory = figure.slopes.first else { return .empty }
    var lowest = -Double.infinity
    return .group(
      figure.roofs.map { roof in
        let ridge = roof.rate / memory.bandwidth
        let (atX, atY) = (x.position(ridge.rawValue), y.position(roof.rate.rawValue))
        let text = "ridge \(threeDigits(ridge.rawValue))"
        let hasRoom = atY > lowest + 12
        if hasRoom { lowest = atY }
        let title = "Ridge point: \(roof.text) with \(memory.memory), \(ridge)"
        return .group([
          .element(
            "circle", ["class": "ridge", "cx": atX.coordinate, "cy": atY.coordinate, "r": "2.5"],
            [.element("title", [:], [.text(title)])]),
          hasRoom ? label(text, x: atX - 5, y: atY - 4, kind: "name soft end") : .empty,
        ])
      })
  }

  // MARK: Kernels

  private func dot(_ dot: RooflineFigure.Dot) -> HTML {
    let radius = 2 + 14 * min(1, max(0, dot.share)).squareRoot()
    let title = HTML.element(
      "title", [:],
      [
        .text(
          "\(dot.label): \(percent(dot.share)) of the time, \(dot.intensity), \(dot.rate), "
            + "bound by \(dot.bound.phrase)")
      ])
    return mark(
      dot.bound, x: x.position(dot.intensity.rawValue), y: y.position(dot.rate.rawValue),
      radius: radius, title)
  }
}

extension RooflineChart {
  /// A triangle, filled lightly, so that the prediction below it shows.
  private func measuredDot(_ dot: RooflineFigure.Dot) -> HTML {
    let radius = 2 + 14 * min(1, max(0, dot.share)).squareRoot()
    let title = HTML.element(
      "title", [:],
      [
        .text(
          "\(dot.label), measured: \(percent(dot.share)) of the time, \(dot.intensity), "
            + "\(dot.rate)")
      ])
    return measuredMark(
      x: x.position(dot.intensity.rawValue), y: y.position(dot.rate.rawValue), radius: radius,
      title)
  }
}

/// The mark of what was measured.
func measuredMark(x: Double, y: Double, radius: Double, _ title: HTML = .empty) -> HTML {
  let r = radius * 1.2
  return .element(
    "path",
    [
      "class": "dot measured",
      "d": "M\(x.coordinate) \((y - r).coordinate)l\(r.coordinate) \((1.7 * r).coordinate)"
        + "h-\((2 * r).coordinate)z",
    ], [title])
}

/// A mark whose shape tells the bound where colour does not: a disc for compute, a diamond for
/// memory, a ring for fixed times.
func mark(_ bound: Bound, x: Double, y: Double, radius: Double, _ title: HTML = .empty) -> HTML {
  switch bound {
  case .memory:
    let r = radius * 1.25
    return .element(
      "path",
      [
        "class": "dot memory",
        "d": "M\(x.coordinate) \((y - r).coordinate)l\(r.coordinate) \(r.coordinate)"
          + "l-\(r.coordinate) \(r.coordinate)l-\(r.coordinate) -\(r.coordinate)z",
      ], [title])
  case .compute, .dispatch, .link:
    return .element(
      "circle",
      [
        "class": "dot \(bound.kind)", "cx": x.coordinate, "cy": y.coordinate,
        "r": radius.coordinate,
      ], [title])
  }
}
