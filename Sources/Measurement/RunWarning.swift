public import Quantities

/// A reason to distrust a measurement.
public enum RunWarning: Sendable, Hashable, CustomStringConvertible {
  case clockFell(before: Hertz, after: Hertz)
  /// Processors that other programs kept busy, on average.
  case otherLoad(processors: Double)
  /// The share of the time in which the hypervisor ran somebody else.
  case stolen(share: Double)
  /// The median of the last third of the samples over that of the first.
  case drift(ratio: Double)
  case governor(String)
  /// Half the samples lie further apart than a tenth of their median.
  case spread(share: Double)
  case moreThreadsThanProcessors(threads: Int, processors: Int)
  case interrupted(samples: Int)

  /// A clock, or a drift, is said when it is off by a twentieth: less is within the spread of quiet
  /// machines.
  static let tolerance = 0.05

  static func of(
    _ samples: Samples, threads: Int, host: HostFacts, before: HostConditions,
    after: HostConditions
  ) -> [RunWarning] {
    var warnings: [RunWarning] = []
    if samples.isInterrupted { warnings.append(.interrupted(samples: samples.plain.count)) }
    if threads > host.processorCount {
      warnings.append(
        .moreThreadsThanProcessors(threads: threads, processors: host.processorCount))
    }
    if after.clock.rawValue < before.clock.rawValue * (1 - tolerance) {
      warnings.append(.clockFell(before: before.clock, after: after.clock))
    }
    if let load = after.otherLoad(since: before), load > 0.1 {
      warnings.append(.otherLoad(processors: load))
    }
    if let share = after.stolenShare(since: before, processors: host.processorCount), share > 0.01 {
      warnings.append(.stolen(share: share))
    }
    if let latency = Distribution(samples.plain) {
      if let drift = latency.drift, abs(drift - 1) > tolerance {
        warnings.append(.drift(ratio: drift))
      }
      if let spread = latency.spread, spread > 0.1 { warnings.append(.spread(share: spread)) }
    }
    if let governor = host.governor, governor != "performance" {
      warnings.append(.governor(governor))
    }
    return warnings
  }

  public var description: String {
    switch self {
    case .clockFell(let before, let after):
      "the clock fell from \(before) to \(after): heat or power held it back"
    case .otherLoad(let processors):
      "other programs kept \(threeDigits(processors)) processors busy during the runs"
    case .stolen(let share):
      "the hypervisor ran others for \(threeDigits(share * 100)) % of the time"
    case .drift(let ratio):
      "the last third of the runs took \(threeDigits(ratio)) times the first: not settled"
    case .governor(let name):
      "the clock governor is '\(name)', which follows the load; 'performance' holds the clock"
    case .spread(let share):
      "the middle half of the samples spreads over \(threeDigits(share * 100)) % of the median"
    case .moreThreadsThanProcessors(let threads, let processors):
      "\(threads) threads share \(processors) processors"
    case .interrupted(let samples):
      "stopped after \(samples) \(samples == 1 ? "sample" : "samples")"
    }
  }
}

extension Distribution {
  /// The distance of the quartiles over the median; `nil` below eight samples.
  public var spread: Double? {
    guard count >= 8, median > .zero else { return nil }
    let ranked = samples.sorted()
    return (ranked[count * 3 / 4] - ranked[count / 4]) / median
  }
}
