public import Measurement
import Platform
import Quantities
import TensorTypes

/// A probed host as a hardware profile, in the form of `Documentation/Profiles.md`.
public struct BoardProfileText: Sendable {
  public var limits: HostLimits
  /// "boardfit 0.1.0".
  public var tool: String
  /// ISO 8601.
  public var date: String

  public init(limits: HostLimits, tool: String, date: String) {
    self.limits = limits
    self.tool = tool
    self.date = date
  }

  private var most: Int { limits.threadCounts.last ?? 1 }
  private var cores: Int { limits.host.coreCount ?? limits.host.processorCount }

  public var text: String {
    """
    # Measured by \(tool) probe, \(date). Do not edit: run it again.
    schema: 1
    name: \(quoted(limits.host.processor))
    memories:
      - id: dram
        kind: dram
        holds: [weights, activations]
        capacity: \(number("\(capacity) B", memorySource))
    \(reserved)\
        bandwidth: \(number(rate(memoryBandwidth), source(memoryReads, threads: most, statistic)))
        single_core_bandwidth: \(number(rate(coreBandwidth), source(memoryReads, threads: 1, statistic)))
    units:
      - id: cpu
        name: \(quoted("\(cores)x \(limits.host.processor)"))
        kind: \(limits.host.isInOrder ? "cpu_in_order" : "cpu_out_of_order")
        memory: dram
        runtimes: [boardfit]
        clusters:
          - name: \(quoted(limits.host.processor))
            count: \(cores)
            clock: \(number(clock, source("dependent exclusive-ors", threads: 1)))
            peak_rates:
    \(peakLines.map { "          \($0)" }.joined(separator: "\n"))
    \(levelLines.isEmpty ? "" : "    levels:\n\(levelLines.map { "      \($0)" }.joined(separator: "\n"))\n")\
    power_modes:
      - id: default

    """
  }

  // MARK: Parts

  /// A system that does not tell its memory is taken to have little.
  private var capacity: Int { limits.host.memoryBytes ?? 1 << 30 }

  /// What others held while it was measured.
  private var reserved: String {
    guard let available = limits.before.availableMemoryBytes, available > 0, available < capacity
    else { return "" }
    let what = "in use before the probe, \(tool) probe, \(date)"
    return "    reserved: \(number("\(capacity - available) B", what))\n"
  }

  private var peakLines: [String] {
    let dtypes = DType.allCases.filter { limits.peak($0, threads: 1) != nil }
    return dtypes.compactMap { dtype in
      guard let peak = limits.peak(dtype, threads: 1) else { return nil }
      let unit = dtype.isFloatingPoint ? "GFLOP/s" : "GOP/s"
      let what = "independent multiply-adds in registers, \(peak.instructionSet)"
      return "  \(dtype.rawValue): "
        + number("\(fourDigits(peak.rate.rawValue / 1e9)) \(unit)", source(what, threads: 1))
    }
  }

  /// Capacities and all cores' bandwidths must not grow against the order of the hierarchy, which
  /// noise can make them do: the inner level's figure then stands for both.
  private var levelLines: [String] {
    var lines: [String] = []
    var inner = Double.infinity
    var innerCapacity = 0
    for level in limits.levels where level.capacity.rawValue >= innerCapacity {
      innerCapacity = level.capacity.rawValue
      let isPerCore = !level.isShared
      let copies = isPerCore ? Double(cores) : 1
      let threads = isPerCore ? 1 : most
      lines.append("- id: \(level.name)")
      lines.append("  scope: \(isPerCore ? "per_core" : "shared")")
      lines.append("  capacity: \(number("\(level.capacity.rawValue) B", cacheSource))")
      if let read = limits.bandwidth(level.name, .read, threads: threads), read.rate > .zero {
        let all = min(inner, read.rate.rawValue * copies)
        inner = all
        lines.append(
          "  bandwidth: "
            + number(rate(all / copies), source("sequential reads", threads: threads)))
        if !isPerCore, let one = limits.bandwidth(level.name, .read, threads: 1), one.rate > .zero {
          lines.append(
            "  single_core_bandwidth: "
              + number(rate(min(all, one.rate.rawValue)), source("sequential reads", threads: 1)))
        }
      }
    }
    return lines
  }

  private func read(_ threads: Int) -> Double {
    limits.bandwidth("dram", .read, threads: threads)?.rate.rawValue ?? 0
  }
  /// One thread cannot draw more than all.
  private var memoryBandwidth: Double { max(read(most), read(1)) }
  private var coreBandwidth: Double { read(1) > 0 ? read(1) : memoryBandwidth }

  private var clock: String {
    let clock = max(limits.before.clock, limits.after.clock)
    return "\(fourDigits(clock.rawValue / 1e9)) GHz"
  }

  private var memorySource: String { "memory that the system reports, \(tool) probe, \(date)" }
  private var cacheSource: String { "cache that the system reports, \(tool) probe, \(date)" }

  /// How memory is read, and which of the rates stands for it.
  private var memoryReads: String {
    let bytes = limits.bandwidth("dram", .read, threads: 1)?.workingSet
    return "sequential reads" + (bytes.map { " over \($0)" } ?? "")
  }
  private var statistic: String { "median of many passes" }

  private func source(
    _ what: String, threads: Int, _ statistic: String = "best of many bursts"
  ) -> String {
    "\(what), \(counted(threads, "thread")), \(statistic), \(tool) probe, \(date)"
  }

  // MARK: Writing

  private func number(_ value: String, _ source: String) -> String {
    "{ value: \(value), basis: measured, source: \(quoted(source)) }"
  }

  private func rate(_ bytesPerSecond: Double) -> String {
    "\(fourDigits(bytesPerSecond / 1e9)) GB/s"
  }

  /// Four significant digits without an exponent.
  private func fourDigits(_ value: Double) -> String {
    let decimals = value >= 999.95 ? 0 : value >= 99.995 ? 1 : value >= 9.9995 ? 2 : 3
    return fixed(value, decimals: decimals)
  }

  /// Only characters that mean nothing to YAML: a processor's name comes from outside.
  private func quoted(_ text: String) -> String {
    let plain = text.map { character in
      let isPlain =
        character.isASCII && (character.isLetter || character.isNumber)
        || " .,:;()/+-@_".contains(character)
      return isPlain ? character : " "
    }
    return "\"\(String(plain))\""
  }
}
