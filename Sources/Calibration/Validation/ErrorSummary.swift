import Platform

/// How far predictions lay from measurements.
public struct ErrorSummary: Sendable, Hashable {
  /// Predictions scored.
  public var points: Int
  /// Of `|predicted ÷ measured − 1|`.
  public var medianError: Double
  public var meanError: Double
  /// Shares of points within 10 and 20 % of the measurement.
  public var within10: Double
  public var within20: Double
  /// Median of `predicted ÷ measured − 1`: positive when predictions are too long.
  public var bias: Double
  /// Share of measurements inside the 90 % interval; `nil` where nothing gave one.
  public var coverage: Double?
  /// Median width of the interval over the prediction: `(high − low) ÷ median`.
  public var medianWidth: Double?

  /// One prediction beside its measurement.
  public struct Point: Sendable, Hashable {
    /// Predicted less measured, in logarithms.
    public var logError: Double
    /// Of the 90 % interval, in logarithms.
    public var halfWidth: Double?
    public init(logError: Double, halfWidth: Double? = nil) {
      self.logError = logError
      self.halfWidth = halfWidth
    }
  }

  /// `nil` without a point.
  public init?(_ points: [Point]) {
    guard !points.isEmpty else { return nil }
    let signed = points.map { expm1($0.logError) }
    let errors = signed.map(abs)
    let count = Double(points.count)
    self.points = points.count
    medianError = median(errors)
    meanError = errors.reduce(0, +) / count
    within10 = Double(errors.count { $0 <= 0.1 }) / count
    within20 = Double(errors.count { $0 <= 0.2 }) / count
    bias = median(signed)
    let withInterval = points.compactMap { point in
      point.halfWidth.map { (abs(point.logError), $0) }
    }
    guard !withInterval.isEmpty else { return }
    coverage =
      Double(withInterval.count { $0.0 <= $0.1 }) / Double(withInterval.count)
    medianWidth = median(withInterval.map { exp($0.1) - exp(-$0.1) })
  }
}
