import Platform
public import Quantities

/// Samples of one quantity by rank. Nothing is thrown away: an outlier is a fact about the machine.
public struct Distribution: Sendable, Hashable {
  /// In the order in which they were taken.
  public let samples: [Seconds]
  private let sorted: [Seconds]

  /// `nil` without samples.
  public init?(_ samples: [Seconds]) {
    guard !samples.isEmpty else { return nil }
    self.samples = samples
    sorted = samples.sorted()
  }

  public var count: Int { sorted.count }
  public var minimum: Seconds { sorted[0] }
  public var maximum: Seconds { sorted[sorted.count - 1] }

  /// The middle sample, or the mean of the two in the middle.
  public var median: Seconds {
    let upper = sorted[sorted.count / 2]
    return sorted.count % 2 == 1 ? upper : (upper + sorted[sorted.count / 2 - 1]) / 2
  }

  /// The least sample that at least this share of the samples do not exceed (nearest rank); `nil`
  /// below ``floor(ofPercentile:)``.
  public func percentile(_ share: Double) -> Seconds? {
    guard let floor = Self.floor(ofPercentile: share), count >= floor else { return nil }
    let rank = Int((share * Double(count)).rounded(.up))
    return sorted[max(0, min(count - 1, rank - 1))]
  }

  /// The samples that a percentile needs: 29 for the 90th, 299 for the 99th.
  ///
  /// The least n with `1 − shareⁿ ≥ 95 %`: with fewer, the chance is above one in twenty that no
  /// sample lies beyond the true percentile, whatever the distribution, so that the figure would be
  /// too low for want of samples. `nil` unless the share is between 0 and 1.
  public static func floor(ofPercentile share: Double) -> Int? {
    guard share > 0, share < 1 else { return nil }
    let needed = (log(0.05) / log(share)).rounded(.up)
    return needed < 1e9 ? max(1, Int(needed)) : nil
  }

  /// The two samples that hold the true median with at least 95 % probability; `nil` below six
  /// samples, which cannot.
  ///
  /// By ranks, whatever the distribution: `P(X ≤ k) ≤ 2.5 %` for X binomial with n trials of one half
  /// (David, Nagaraja, Order Statistics, section 7.1).
  public var medianInterval: ClosedRange<Seconds>? {
    guard count >= 6 else { return nil }
    // Logarithms, because 2⁻ⁿ is zero for large n.
    var logProbability = -Double(count) * log(2.0)
    var tail = exp(logProbability)
    var rank = 0
    while rank + 1 < count / 2 {
      logProbability += log(Double(count - rank) / Double(rank + 1))
      let next = tail + exp(logProbability)
      guard next <= 0.025 else { break }
      tail = next
      rank += 1
    }
    return sorted[rank]...sorted[count - 1 - rank]
  }

  /// The median of the last third over that of the first; `nil` below nine samples.
  public var drift: Double? {
    guard count >= 9, let first = Distribution(Array(samples.prefix(count / 3))),
      let last = Distribution(Array(samples.suffix(count / 3))), first.median > .zero
    else { return nil }
    return last.median / first.median
  }
}
