import Platform
public import Quantities

/// A positive quantity with the range that holds it nine times in ten; its logarithm is taken as
/// normal, so that errors are relative.
public struct Interval<Value: RealQuantity>: Sendable, Hashable {
  public let median: Value
  /// Standard deviation of the natural logarithm.
  public let logDeviation: Double

  public init(median: Value, logDeviation: Double) {
    self.median = median
    self.logDeviation = logDeviation
  }

  /// The share of the distribution between ``low`` and ``high``.
  public static var level: Double { 0.9 }
  public var low: Value { median / exp(ninetyPercentHalfWidth * logDeviation) }
  public var high: Value { exp(ninetyPercentHalfWidth * logDeviation) * median }

  /// The probability that the value is at most `limit`.
  public func probability(atMost limit: Value) -> Double {
    guard median > .zero, limit > .zero else { return median <= limit ? 1 : 0 }
    guard logDeviation > 0 else { return median <= limit ? 1 : 0 }
    let z = log(limit / median) / logDeviation
    return 0.5 * erfc(-z / 2.0.squareRoot())
  }
}

/// Half the width of a centred interval that holds 90 % of a normal distribution, in standard
/// deviations: Φ⁻¹(0.95).
public let ninetyPercentHalfWidth = 1.6448536269514722
