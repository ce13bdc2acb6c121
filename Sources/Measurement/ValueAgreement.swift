import Platform

/// How far two executors lie apart in one value.
public struct ValueAgreement: Sendable, Hashable {
  public var name: String
  /// Whether it is an output of the model.
  public var isOutput: Bool
  public var elementCount: Int
  /// The largest difference of two elements.
  public var maximumAbsolute: Double
  /// The largest difference over the reference's magnitude. Elements below a thousandth of the
  /// largest are measured against that thousandth: near zero, every difference is large.
  public var maximumRelative: Double
  /// `10 log₁₀(Σ reference² / Σ difference²)`, in decibels; infinite when they are equal.
  public var signalToNoise: Double
  /// Elements of which only one is finite, or which are infinite with different signs.
  public var strayCount: Int

  /// `nil` when the counts differ.
  public init?(name: String, isOutput: Bool, reference: [Double], other: [Double]) {
    guard reference.count == other.count else { return nil }
    self.name = name
    self.isOutput = isOutput
    elementCount = reference.count
    let largest = reference.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
    let floor = max(largest / 1000, .leastNormalMagnitude)
    var absolute = 0.0
    var relative = 0.0
    var signal = 0.0
    var noise = 0.0
    var strays = 0
    for (expected, found) in zip(reference, other) {
      guard expected.isFinite, found.isFinite else {
        let isSame = expected == found || expected.isNaN && found.isNaN
        strays += isSame ? 0 : 1
        continue
      }
      let difference = abs(expected - found)
      absolute = max(absolute, difference)
      relative = max(relative, difference / max(abs(expected), floor))
      signal += expected * expected
      noise += difference * difference
    }
    maximumAbsolute = absolute
    maximumRelative = relative
    strayCount = strays
    signalToNoise = noise == 0 ? .infinity : 10 * log10(signal / noise)
  }
}
