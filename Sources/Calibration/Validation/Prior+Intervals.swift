import CostModel
import Platform

extension Prior {
  /// The prior with the half widths that hold 90 % of held-out points, by leaving out each device in
  /// turn, for 0 to `most` runs. `training` is what the prior was learned from, `groups` the same runs
  /// as those who calibrate have them: of one precision.
  public func withIntervals(
    of groups: [RunGroup], training: [RunGroup], networks: [Network], upTo most: Int = 8,
    repeats: Int = 6, seed: UInt64 = 7
  ) -> Prior {
    let validation = Validation(
      groups.map { Validation.Subject(group: $0) }, networks: networks, prior: self,
      training: training,
      plan: .init(shots: Array(0...most), repeats: repeats, seed: seed, holdOut: .device))
    var prior = self
    prior.intervalFactors = []
    for shot in 0...most {
      let scored = validation.groups.filter { !$0.scores[shot].points.isEmpty }
      // A group's points share `√count`, so that those of many runs do not speak for all.
      let votes = scored.flatMap { group in
        let points = group.scores[shot].points
        return points.compactMap { point in
          // Without factors, half widths are those of a normal distribution.
          point.halfWidth.map {
            (
              value: abs(point.logError) / ($0 / ninetyPercentHalfWidth),
              weight: 1 / Double(points.count).squareRoot()
            )
          }
        }
      }
      let last = prior.intervalFactors.last ?? ninetyPercentHalfWidth
      let own = quantile(0.9, of: votes) ?? last
      let isTold = shot == 0 || Set(scored.map(\.device)).count >= Self.fewestDevices
      prior.intervalFactors.append(isTold ? own : max(own, last))
    }
    return prior
  }

  /// Devices from which a nine-tenths quantile says something about another; fewer make no interval
  /// narrower than that of one run less.
  private static let fewestDevices = 8

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

/// The least value that has `share` of all weight at or below it; `nil` of none.
private func quantile(_ share: Double, of votes: [(value: Double, weight: Double)]) -> Double? {
  var remaining = share * votes.reduce(0) { $0 + $1.weight }
  return votes.sorted { $0.value < $1.value }.first { vote in
    remaining -= vote.weight
    return remaining <= 0
  }?.value
}
