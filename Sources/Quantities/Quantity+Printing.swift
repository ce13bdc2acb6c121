extension Quantity {
  /// Chooses the largest of the given units that leaves at least 1, then prints three digits.
  fileprivate func printed(_ value: Double, in symbols: [String]) -> String {
    let candidates = symbols.compactMap { symbol in
      Self.units.first { $0.symbol == symbol }
    }.sorted { $0.factor < $1.factor }
    guard let smallest = candidates.first else { return threeDigits(value) }
    let unit = candidates.last { abs(value) >= $0.factor } ?? smallest
    let number = threeDigits(value / unit.factor)
    return unit.symbol.isEmpty ? number : "\(number) \(unit.symbol)"
  }
}

/// A number with three significant digits and no exponent: 0.123, 4.09, 25.6, 1234.
public func threeDigits(_ value: Double) -> String {
  guard value.isFinite else { return value.isNaN ? "unknown" : value < 0 ? "-∞" : "∞" }
  let magnitude = abs(value)
  let decimals = magnitude >= 99.95 ? 0 : magnitude >= 9.995 ? 1 : magnitude >= 0.9995 ? 2 : 3
  return fixed(value, decimals: decimals)
}

/// A number with exactly `decimals` digits after the point, rounded half away from zero.
public func fixed(_ value: Double, decimals: Int) -> String {
  guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  let scaled = (abs(value) * scale).rounded()
  let whole = (scaled / scale).rounded(.down)
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard decimals > 0 else { return "\(sign)\(Int(scaled))" }
  let digits = String(Int(scaled - whole * scale))
  let padding = String(repeating: "0", count: Swift.max(0, decimals - digits.count))
  return "\(sign)\(Int(whole)).\(padding)\(digits)"
}

extension Bytes {
  public var description: String {
    printed(Double(rawValue), in: ["B", "KiB", "MiB", "GiB"])
  }
}
extension FLOPs {
  public var description: String {
    printed(Double(rawValue), in: ["FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP"])
  }
}
extension MACs {
  public var description: String {
    printed(Double(rawValue), in: ["MAC", "kMAC", "MMAC", "GMAC", "TMAC"])
  }
}
extension Seconds {
  public var description: String { printed(rawValue, in: ["ns", "µs", "ms", "s"]) }
}
extension BytesPerSecond {
  public var description: String { printed(rawValue, in: ["B/s", "kB/s", "MB/s", "GB/s"]) }
}
extension FLOPsPerSecond {
  public var description: String {
    printed(rawValue, in: ["FLOP/s", "MFLOP/s", "GFLOP/s", "TFLOP/s"])
  }
}
extension ArithmeticIntensity {
  public var description: String { printed(rawValue, in: ["FLOP/B"]) }
}
extension Hertz {
  public var description: String { printed(rawValue, in: ["Hz", "kHz", "MHz", "GHz"]) }
}
extension Watts {
  public var description: String { printed(rawValue, in: ["uW", "mW", "W"]) }
}
extension Joules {
  public var description: String { printed(rawValue, in: ["µJ", "mJ", "J"]) }
}
extension USDollars {
  public var description: String { printed(rawValue, in: ["USD"]) }
}
extension Fraction {
  public var description: String { "\(threeDigits(rawValue * 100)) %" }
}
