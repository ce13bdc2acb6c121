public import Measurement
import Quantities
import TensorTypes

/// What a host can do at most.
public struct ProbeReport: Report {
  public var origin: Origin
  public var limits: HostLimits

  public init(origin: Origin, limits: HostLimits) {
    self.origin = origin
    self.limits = limits
  }

  public var document: Document {
    Document(
      title: "What this host can do",
      sections: [
        Document.Section("", [.pairs(limits.host.pairs + fixedCosts)]),
        Document.Section("Arithmetic", [.table(peakTable)]),
        Document.Section("Bandwidth", [.table(bandwidthTable)]),
        Document.Section("Latency", [.table(latencyTable)]),
      ])
  }

  private var fixedCosts: [Document.Pair] {
    let conditions = limits.after.pairs(
      since: limits.before, processors: limits.host.processorCount)
    return conditions
      + limits.threadCounts.map { threads in
        Document.Pair(
          "dispatch, \(counted(threads, "thread"))",
          limits.dispatch[threads].map { "\($0)" } ?? "unknown")
      } + [
        Document.Pair("timer resolution", "\(limits.timerResolution)"),
        Document.Pair("jitter", "p90 \(threeDigits(limits.jitter)) times the median"),
        Document.Pair("took", "\(limits.elapsed)"),
      ]
  }

  /// Operations of integers are no FLOP.
  private func phrase(_ peak: HostLimits.Peak) -> String {
    peak.dtype.isFloatingPoint
      ? "\(peak.rate)" : "\(peak.rate)".replacing("FLOP", with: "OP")
  }

  private var peakTable: Table {
    var rows: [[Cell]] = []
    for peak in limits.peaks where peak.threads == limits.threadCounts.first {
      let others = limits.threadCounts.dropFirst().map { threads in
        limits.peaks.first {
          $0.dtype == peak.dtype && $0.instructionSet == peak.instructionSet
            && $0.threads == threads
        }
      }
      rows.append(
        [Cell(peak.dtype.rawValue), Cell(peak.instructionSet), Cell(phrase(peak))]
          + others.map { Cell($0.map(phrase) ?? "") })
    }
    return Table(
      [.init("dtype"), .init("instruction set")]
        + limits.threadCounts.map { .init(counted($0, "thread"), .trailing) }, rows: rows)
  }

  private var bandwidthTable: Table {
    var rows: [[Cell]] = []
    for bandwidth in limits.bandwidths where bandwidth.threads == limits.threadCounts.first {
      let rates = limits.threadCounts.map { threads in
        limits.bandwidth(bandwidth.level, bandwidth.stream, threads: threads)
      }
      rows.append(
        [
          Cell(bandwidth.level), Cell(bandwidth.stream.rawValue),
          Cell("\(bandwidth.workingSet)"),
        ] + rates.map { Cell($0.map { "\($0.rate)" } ?? "") })
    }
    return Table(
      [.init("level"), .init("stream"), .init("working set", .trailing)]
        + limits.threadCounts.map { .init(counted($0, "thread"), .trailing) }, rows: rows)
  }

  private var latencyTable: Table {
    Table(
      [.init("level"), .init("working set", .trailing), .init("a load", .trailing)],
      rows: limits.latencies.map {
        [Cell($0.level), Cell("\($0.workingSet)"), Cell("\($0.time)")]
      })
  }

  /// One row a figure.
  public var records: [JSONObject] {
    limits.peaks.map {
      [
        "what": "peak", "dtype": .string($0.dtype.rawValue),
        "instructionSet": .string($0.instructionSet), "threads": .integer($0.threads),
        "operationsPerSecond": .number($0.rate.rawValue),
      ]
    }
      + limits.bandwidths.map {
        [
          "what": "bandwidth", "level": .string($0.level), "stream": .string($0.stream.rawValue),
          "threads": .integer($0.threads), "workingSetBytes": .integer($0.workingSet.rawValue),
          "bytesPerSecond": .number($0.rate.rawValue),
        ]
      }
      + limits.latencies.map {
        [
          "what": "latency", "level": .string($0.level),
          "workingSetBytes": .integer($0.workingSet.rawValue), "seconds": .number($0.time.rawValue),
        ]
      }
      + limits.threadCounts.compactMap { threads in
        limits.dispatch[threads].map {
          [
            "what": "dispatch", "threads": .integer(threads), "seconds": .number($0.rawValue),
          ]
        }
      }
  }

  public var json: JSONObject {
    origin.header("probe") + [
      "host": .object(
        limits.host.record
          + limits.after.record(since: limits.before, processors: limits.host.processorCount)),
      "limits": JSONValue(objects: records),
      "timerResolutionSeconds": .number(limits.timerResolution.rawValue),
      "jitter": .number(limits.jitter), "elapsedSeconds": .number(limits.elapsed.rawValue),
    ]
  }
}
