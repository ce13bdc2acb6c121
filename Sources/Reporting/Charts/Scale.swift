import Platform
import Quantities

/// A line of a chart on which values lie by their logarithm.
struct LogScale: Sendable {
  /// Logarithms to the base of ten at both ends.
  private let exponents: ClosedRange<Double>
  /// Coordinates of the ends; the second is less where the axis points up.
  let start: Double
  let end: Double

  /// The scale that holds all values, down to `limit` decades below the largest.
  init(holding values: [Double], start: Double, end: Double, limit: Double = 9) {
    let logarithms = values.filter { $0 > 0 && $0.isFinite }.map { log10($0) }
    let high = logarithms.max() ?? 1
    let low = max(logarithms.min() ?? 0, high - limit)
    exponents = low...max(high, low + 0.1)
    self.start = start
    self.end = end
  }

  /// The coordinate of a value, kept inside the scale.
  func position(_ value: Double) -> Double {
    guard value > 0 else { return start }
    let share =
      (log10(value) - exponents.lowerBound) / (exponents.upperBound - exponents.lowerBound)
    return start + min(1, max(0, share)) * (end - start)
  }

  /// Coordinates that one decade takes, negative where the axis points up.
  var decadeLength: Double { (end - start) / (exponents.upperBound - exponents.lowerBound) }

  /// The powers of ten on the scale, as exponents; only some where all would crowd.
  var ticks: [Int] {
    let low = Int(exponents.lowerBound.rounded(.up))
    let high = Int(exponents.upperBound.rounded(.down))
    guard low <= high else { return [] }
    let step = max(1, (high - low + 7) / 7)
    return (low...high).filter { $0.isMultiple(of: step) }
  }

  func position(ofDecade exponent: Int) -> Double { position(pow(10, Double(exponent))) }

  var low: Double { pow(10, exponents.lowerBound) }
  var high: Double { pow(10, exponents.upperBound) }
}

/// A line of a chart on which equal steps are equal amounts, from zero.
struct LinearScale: Sendable {
  let maximum: Double
  let start: Double
  let end: Double

  func position(_ value: Double) -> Double {
    guard maximum > 0 else { return start }
    return start + min(1, max(0, value / maximum)) * (end - start)
  }

  /// Round amounts, binary ones for bytes: 1, 2 or 4 times a power of two, three to six of them.
  var binaryTicks: [Double] {
    guard maximum > 0 else { return [0] }
    let step = exp2((log2(maximum / 3)).rounded(.down))
    return stride(from: 0, through: maximum, by: max(step, 1)).map { $0 }
  }
}

extension Double {
  /// A coordinate with at most one digit after the point.
  var coordinate: String {
    let text = fixed(self, decimals: 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

/// A power of ten with its prefix: "100 k", "1 M", "0.01".
func decadeLabel(_ exponent: Int) -> String {
  let prefixes = ["", " k", " M", " G", " T", " P"]
  guard exponent >= 0 else { return "0." + String(repeating: "0", count: -exponent - 1) + "1" }
  let group = min(exponent / 3, prefixes.count - 1)
  return "1" + String(repeating: "0", count: exponent - 3 * group) + prefixes[group]
}

/// Text inside a chart.
func label(
  _ text: String, x: Double, y: Double, kind: String = "", rotation: String = ""
) -> HTML {
  .element(
    "text",
    ["x": x.coordinate, "y": y.coordinate, "class": kind, "transform": rotation], [.text(text)])
}

/// A straight line inside a chart.
func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, kind: String) -> HTML {
  .void(
    "path",
    ["class": kind, "d": "M\(x1.coordinate) \(y1.coordinate)L\(x2.coordinate) \(y2.coordinate)"])
}

/// A chart: its title is what a screen reader says, its caption stands below it.
func figure(
  _ title: String, width: Int, height: Int, caption: String = "", @HTMLBuilder _ shapes: () -> HTML
) -> HTML {
  let drawing = shapes()
  return tag("figure") {
    tag("h4") { title }
    tag("svg", ["viewBox": "0 0 \(width) \(height)", "role": "img", "aria-label": title]) {
      drawing
    }
    if !caption.isEmpty { tag("figcaption") { caption } }
  }
}
