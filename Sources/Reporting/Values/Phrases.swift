import CostModel
import Decision
import HardwareModel
import Platform
import Quantities

// The words and tones in which values are told, the same in every format.

extension Interval {
  /// "9.80–15.6 ms": the range that holds nine in ten.
  var range: String {
    let (low, high) = (low.description, high.description)
    guard let unit = high.split(separator: " ").last, low.hasSuffix(" \(unit)") else {
      return "\(low)–\(high)"
    }
    return "\(low.dropLast(unit.count + 1))–\(high)"
  }

  /// "12.3 ms (9.80–15.6 ms, 90 %)"; "≥ 12.3 ms" for a lower bound, above which nothing is known.
  func phrase(isLowerBound: Bool) -> String {
    isLowerBound ? "≥ \(median)" : "\(median) (\(range), \(percent(Self.level)))"
  }
}

/// "97 %", a share of a whole; "< 1 %" of what is little, but not nothing.
func percent(_ share: Double) -> String {
  switch share {
  case 0: "0 %"
  case ..<0.01: "< 1 %"
  case 0.99..<1: "> 99 %"
  default: share.isFinite ? "\(fixed(share * 100, decimals: 0)) %" : "unknown"
  }
}

/// "97 %"; a prediction is never certain, however far the deadline.
func probabilityPhrase(_ probability: Double) -> String {
  percent(min(0.995, max(0.005, probability)))
}

extension Quantity {
  /// The quantity as a person would state it: "20 ms", not "20.0 ms".
  var brief: String {
    description.replacing(".000", with: "").replacing(".00", with: "").replacing(".0 ", with: " ")
  }
}

/// "a", "a and b", "a, b and c".
func enumerated(_ names: [String], limit: Int = 4) -> String {
  guard let last = names.last, names.count > 1, names.count <= limit else {
    return listed(names, limit: limit)
  }
  return "\(names.dropLast().joined(separator: ", ")) and \(last)"
}

/// "1 kernel", "3 kernels".
func counted(_ count: Int, _ noun: String, plural: String? = nil) -> String {
  count == 1 ? "1 \(noun)" : "\(count) \(plural ?? noun + "s")"
}

/// At most `limit` names, and how many more there are.
func listed(_ names: [String], limit: Int = 8) -> String {
  let shown = names.prefix(limit).joined(separator: ", ")
  return names.count > limit ? "\(shown) and \(names.count - limit) more" : shown
}

extension Bound {
  /// "compute", "memory (dram)", "dispatch", "link".
  var phrase: String {
    switch self {
    case .compute: "compute"
    case .memory(let name): "memory (\(name))"
    case .dispatch: "dispatch"
    case .link: "link"
    }
  }

  /// The kind alone, as a key.
  var kind: String {
    switch self {
    case .compute: "compute"
    case .memory: "memory"
    case .dispatch: "dispatch"
    case .link: "link"
    }
  }

  /// The memory that binds, where one does.
  var memory: String? {
    switch self {
    case .memory(let name): name
    case .compute, .dispatch, .link: nil
    }
  }

  /// "the arithmetic rate", "the bandwidth of dram": what more of would help.
  var cause: String {
    switch self {
    case .compute: "the arithmetic rate"
    case .memory(let name): "the bandwidth of \(name)"
    case .dispatch: "the time to start kernels"
    case .link: "handing tensors over the link"
    }
  }
}

extension Placement {
  var phrase: String {
    switch self {
    case .unit: "unit"
    case .host: "host"
    }
  }
}

extension MemoryFit.Verdict {
  var phrase: String {
    switch self {
    case .fits: "fits"
    case .marginal: "marginal"
    case .doesNotFit: "does not fit"
    }
  }
  var tone: Cell.Tone {
    switch self {
    case .fits: .good
    case .marginal: .poor
    case .doesNotFit: .bad
    }
  }
  var cell: Cell { Cell(phrase, tone: tone) }
}

extension Outcome {
  /// A sign that reads without colour.
  var sign: String {
    switch self {
    case .meets: "✓"
    case .likely: "~"
    case .unknown: "?"
    case .unlikely: "!"
    case .misses: "✗"
    }
  }
  var tone: Cell.Tone {
    switch self {
    case .meets: .good
    case .likely: .fair
    case .unknown, .unlikely: .poor
    case .misses: .bad
    }
  }
  var cell: Cell { Cell("\(sign) \(rawValue)", tone: tone) }
}

extension MemoryFit {
  /// "1.20 GiB spare", "3.00 MiB too much".
  var slackPhrase: String {
    slack >= .zero ? "\(slack) spare" : "\(Bytes.zero - slack) too much"
  }

  /// "weights 3.40 MiB + activations 1.20 MiB".
  var partsPhrase: String {
    parts.map { "\($0.name) \($0.size)" }.joined(separator: " + ")
  }
}

extension FallbackEstimate {
  /// The accelerated plan is slower than the host alone.
  func losesToHost(_ latency: Seconds) -> Bool { hostOnlyLatency.map { $0 < latency } ?? false }

  /// Whether it speaks against the deployment.
  func isDrawback(_ latency: Seconds) -> Bool { kernelCount > 0 || losesToHost(latency) }

  /// What runs elsewhere, what it costs, and whether the unit is worth having, in sentences.
  func sentences(latency: Seconds, hostName: String) -> [String] {
    var sentences: [String] = []
    if kernelCount > 0 {
      let cause = operators.isEmpty ? "" : ": \(listed(operators))"
      sentences.append(
        "\(counted(kernelCount, "kernel")) on \(hostName)\(cause); "
          + "\(counted(partitionCount, "accelerated part")); "
          + (cost > .zero ? "costs \(cost)" : "at no cost"))
    }
    if let hostOnlyLatency {
      let way = hostOnlyWay.map { " (\($0))" } ?? ""
      sentences.append(
        losesToHost(latency)
          ? "the accelerated plan loses to the host alone\(way): \(latency) against \(hostOnlyLatency)"
          : "the host alone\(way) would take \(hostOnlyLatency)")
    }
    return sentences
  }
}

extension Verdict {
  /// What stands in the way, or is in doubt, in a few words each.
  func objections(_ estimate: Estimate, _ requirements: Requirements) -> [String] {
    var objections: [String] = []
    switch fit {
    case .fits: break
    case .marginal:
      objections += estimate.memory.filter { $0.verdict == .marginal }
        .map { "tight in \($0.memory): \($0.slackPhrase)" }
    case .doesNotFit:
      objections += estimate.memory.filter { $0.verdict == .doesNotFit }
        .map { "does not fit \($0.memory): \($0.slackPhrase)" }
    }
    if let deadline, let slack, let deadlineProbability, deadline != .meets {
      if estimate.isLowerBound {
        objections.append("the work of \(listed(estimate.coverage.unknownOperators)) is unknown")
      }
      objections.append(
        slack < .zero
          ? "late by \(Seconds.zero - slack)"
          : "in time with a probability of \(probabilityPhrase(deadlineProbability))")
    }
    objections += limit(power, "power", requirements.maximumPower?.brief)
    objections += limit(price, "price", requirements.maximumPrice?.brief)
    return objections
  }

  private func limit(_ outcome: Outcome?, _ name: String, _ limit: String?) -> [String] {
    guard let outcome, let limit, outcome != .meets else { return [] }
    return outcome == .unknown ? ["\(name) unknown"] : ["\(name) above \(limit)"]
  }
}
