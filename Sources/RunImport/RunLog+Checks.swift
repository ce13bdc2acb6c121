import Quantities

/// Why a row, an event or an operator of a log is not read.
public struct RowProblem: Error, Sendable, Hashable {
  public let reason: String
  init(_ reason: String) { self.reason = reason }
}

/// A unit that a log states, in a column's name, a key or beside the number.
enum TimeUnit: String, CaseIterable {
  case seconds = "s"
  case milliseconds = "ms"
  case microseconds = "us"
  case nanoseconds = "ns"

  init?(symbol: some StringProtocol) {
    switch symbol {
    case "µs", "μs": self = .microseconds
    default: self.init(rawValue: String(symbol))
    }
  }

  var name: String {
    switch self {
    case .seconds: "seconds"
    case .milliseconds: "milliseconds"
    case .microseconds: "microseconds"
    case .nanoseconds: "nanoseconds"
    }
  }

  private var factor: Double {
    switch self {
    case .seconds: 1
    case .milliseconds: 1e-3
    case .microseconds: 1e-6
    case .nanoseconds: 1e-9
    }
  }

  /// The time of a run: more than zero, finite, and below a billion seconds.
  func time(_ number: Double?, _ what: String) throws(RowProblem) -> Seconds {
    let time = try part(number, what)
    guard time > .zero else { throw RowProblem("\(what) is 0, expected more than zero") }
    return time
  }

  /// The time of a part of a run, which may lie below what the tool resolves: zero is read.
  func part(_ number: Double?, _ what: String) throws(RowProblem) -> Seconds {
    guard let number else { throw RowProblem("no \(what): expected a number of \(name)") }
    guard number.isFinite else { throw RowProblem("\(what) is \(number), expected \(name)") }
    guard number >= 0 else { throw RowProblem("\(what) is \(number), expected no less than zero") }
    let seconds = number * factor
    guard seconds < 1e9 else {
      throw RowProblem("\(what) is \(number) \(name), longer than anybody ran a model")
    }
    return Seconds(seconds)
  }

  /// As ``time(_:_:)``, of a text that is a number and nothing else.
  func time(_ text: some StringProtocol, _ what: String) throws(RowProblem) -> Seconds {
    guard let number = Double(text) else {
      throw RowProblem("\(what) is '\(text.prefix(40))', expected a number of \(name)")
    }
    return try time(number, what)
  }

  func part(_ text: some StringProtocol, _ what: String) throws(RowProblem) -> Seconds {
    guard let number = Double(text) else {
      throw RowProblem("\(what) is '\(text.prefix(40))', expected a number of \(name)")
    }
    return try part(number, what)
  }
}

extension RunStatistics {
  /// Throws where the figures contradict each other, which mixed units do. `rounding` is the last digit
  /// that the tool writes.
  func checkOrder(rounding: Seconds = .zero) throws(RowProblem) {
    let ordered: [(String, Seconds?)] = [("min", minimum), ("median", median), ("max", maximum)]
    let means: [(String, Seconds?)] = [("min", minimum), ("mean", mean), ("max", maximum)]
    for list in [ordered, means] {
      let known = list.compactMap { name, time in time.map { (name, $0) } }
      for (lower, upper) in zip(known, known.dropFirst())
      where lower.1 > 1.0001 * upper.1 + rounding {
        throw RowProblem(
          "\(lower.0) \(lower.1) is above \(upper.0) \(upper.1): the units are mixed, or the file is damaged"
        )
      }
    }
  }
}

extension RunLog {
  /// The time that stands for the run, and what it is.
  mutating func settleLatency() throws(RowProblem) -> Seconds {
    if !samples.isEmpty {
      let sampled = RunStatistics(
        count: samples.count, minimum: samples.min(), maximum: samples.max(),
        mean: samples.reduce(.zero, +) / Double(samples.count), median: samples.median)
      try statistics.checkAgainst(sampled)
      statistics = RunStatistics(
        count: sampled.count, minimum: sampled.minimum, maximum: sampled.maximum,
        mean: sampled.mean, median: sampled.median,
        standardDeviation: statistics.standardDeviation)
    }
    try statistics.checkOrder(rounding: format.rounding)
    if let median = statistics.median {
      latencyKind = .median
      return median
    }
    if let mean = statistics.mean {
      latencyKind = .mean
      return mean
    }
    if let minimum = statistics.minimum {
      latencyKind = .minimum
      return minimum
    }
    if let firstRun {
      latencyKind = .firstRun
      notes.append("only the first run was timed, which is slower than those that follow")
      return firstRun
    }
    let sum = operators.reduce(.zero) { $0 + $1.time }
    guard sum > .zero else { throw RowProblem("no time of a run and no time of an operator") }
    latencyKind = .sumOfOperators
    notes.append(
      "no time from end to end: the sum of the operators stands in for it, and is another figure")
    return sum
  }
}

extension RunStatistics {
  /// Throws where the tool's own summary lies outside of its samples.
  fileprivate func checkAgainst(_ samples: RunStatistics) throws(RowProblem) {
    guard let least = samples.minimum, let most = samples.maximum else { return }
    for (name, time) in [("mean", mean), ("median", median), ("min", minimum)] {
      guard let time else { continue }
      // The first run may be in the summary and not in the samples.
      guard time >= 0.5 * least, time <= 2 * most else {
        throw RowProblem(
          "\(name) \(time) lies far outside of the samples, \(least) to \(most): the units are mixed, or the file is damaged"
        )
      }
    }
  }
}

extension [Seconds] {
  /// The middle, or the mean of the two in the middle; zero when empty.
  var median: Seconds {
    guard !isEmpty else { return .zero }
    let sorted = sorted()
    let upper = sorted[count / 2]
    return count % 2 == 1 ? upper : (upper + sorted[count / 2 - 1]) / 2
  }
}

extension ImportedRun {
  /// A run of a log; what the log leaves out is empty.
  init(
    _ log: RunLog, model: String, runtime: String, device: String = "", precision: String = "",
    threads: Int? = nil, powerMode: String = "", accelerator: String = "", batch: Int = 1,
    place: RunPlace
  ) throws(RowProblem) {
    var log = log
    let latency = try log.settleLatency()
    self.init(
      device: device, runtime: runtime, precision: precision, threads: threads,
      powerMode: powerMode, accelerator: accelerator, model: model, batch: batch,
      latency: latency, place: place)
    self.log = log
  }
}
