import CostModel
import Platform

extension Prior {
  /// The prior with the half widths that hold 90 % of held-out points, by cross-validation over folds
  /// of devices, for 0 to `most` runs.
  public func withIntervals(
    from groups: [RunGroup], networks: [Network], upTo most: Int = 8, repeats: Int = 2,
    seed: UInt64 = 7
  ) -> Prior {
    let validation = Validation(
      groups.map { Validation.Subject(group: $0) }, networks: networks, prior: self,
      training: groups,
      plan: .init(
        shots: Array(0...most), repeats: repeats, seed: seed, holdOut: .device, deviceFolds: 6))
    var prior = self
    var factors: [Double] = []
    for score in validation.overall {
      // Without factors, half widths are those of a normal distribution.
      let ratios = score.points.compactMap { point in
        point.halfWidth.map { abs(point.logError) / ($0 / ninetyPercentHalfWidth) }
      }.sorted()
      factors.append(
        ratios.count < Self.fewestPoints
          ? factors.last ?? ninetyPercentHalfWidth
          : ratios[min(ratios.count - 1, Int(0.9 * Double(ratios.count)))])
    }
    prior.intervalFactors = factors
    return prior
  }

  /// Held-out points from which a nine-tenths quantile is read; with fewer, the factor of one run less
  /// holds.
  private static let fewestPoints = 40

  /// The prior of another runtime, for want of one of its own: wider by what runtimes differ in, all
  /// rates together and each by itself.
  public func widened(shared: Double = 0.5, own: Double = 0.3) -> Prior {
    var prior = self
    for row in prior.terms.indices {
      for column in prior.terms.indices { prior.covariance[row, column] += shared * shared }
      prior.covariance[row, row] += own * own
    }
    return prior
  }
}
