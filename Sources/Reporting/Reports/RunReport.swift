import CostModel
public import Decision
public import Measurement
import Quantities
import TensorTypes

/// One model as it ran on this host: how long, where the time went, and whether to trust it.
public struct RunReport: Report {
  public var origin: Origin
  public var run: MeasuredRun
  /// How far the tuned kernels lie from the reference; `nil` when nobody asked.
  public var agreement: [ValueAgreement]?
  /// A prediction for some board beside it; `nil` when nobody asked.
  public var residuals: Residuals?
  /// Whether every operator is listed rather than the longest.
  public var isVerbose: Bool

  static let operatorLimit = 10

  public init(
    origin: Origin, run: MeasuredRun, agreement: [ValueAgreement]? = nil,
    residuals: Residuals? = nil, isVerbose: Bool = false
  ) {
    self.origin = origin
    self.run = run
    self.agreement = agreement
    self.residuals = residuals
    self.isVerbose = isVerbose
  }

  public var document: Document {
    Document(
      title: "\(run.model) on this host, \(run.kernels) kernels",
      sections: [Document.Section("", [.pairs(answer)])] + warningSection + [operatorSection]
        + residualSections + agreementSection + [memorySection, hostSection])
  }

  // MARK: Sections

  private var answer: [Document.Pair] {
    var pairs: [Document.Pair] = []
    if let latency = run.latency {
      pairs.append(Document.Pair("median", "\(latency.median)\(interval(latency))"))
      var rest = "\(latency.minimum) least, \(latency.maximum) most"
      for (share, name) in [(0.9, "p90"), (0.99, "p99")] {
        if let value = latency.percentile(share) { rest += ", \(name) \(value)" }
      }
      pairs.append(
        Document.Pair("spread", "\(rest), of \(counted(latency.count, "sample"))"))
    } else {
      pairs.append(Document.Pair("median", Cell("no sample", tone: .poor)))
    }
    if let first = run.samples.firstRun { pairs.append(Document.Pair("first run", "\(first)")) }
    pairs.append(Document.Pair("load", "\(run.loadTime)"))
    pairs.append(Document.Pair("setting", setting))
    if let overhead = run.samples.profilingOverhead {
      pairs.append(
        Document.Pair("profiling", "adds \(signedPercent(overhead)) to a run, and to no sample"))
    }
    return pairs
  }

  /// " (9.80–9.95 ms holds the true median, 95 %)".
  private func interval(_ latency: Distribution) -> String {
    guard let interval = latency.medianInterval else { return "" }
    return " (\(interval.lowerBound)–\(interval.upperBound) holds the true median, 95 %)"
  }

  private var setting: String {
    var parts = [counted(run.threads, "thread")]
    if !run.processors.isEmpty {
      parts.append("on processors \(run.processors.map(String.init).joined(separator: ", "))")
    }
    parts.append("\(run.host.instructionSet)")
    parts.append(run.plan.isCold ? "cold caches" : "warm caches")
    return parts.joined(separator: ", ")
  }

  private var warningSection: [Document.Section] {
    let lines = run.warnings.map(\.description) + run.notes
    return lines.isEmpty ? [] : [Document.Section("Before you trust it", [.notes(lines)])]
  }

  private var operatorSection: Document.Section {
    let rows = run.operatorRows
    guard !rows.isEmpty else {
      return Document.Section("Operators", [.notes(["nothing was profiled"])])
    }
    let shown =
      isVerbose ? rows : Array(rows.sorted { $0.time > $1.time }.prefix(Self.operatorLimit))
    let title =
      isVerbose
      ? "Operators in order"
      : rows.count > shown.count
        ? "The \(shown.count) longest of \(rows.count) operators" : "Operators, longest first"
    var table = Table([
      .init("operator", shrinksTo: 14), .init("computes", shrinksTo: 10), .init("time", .trailing),
      .init("share", .trailing), .init("rate", .trailing, isOptional: true),
      .init("kernel", shrinksTo: 10, isOptional: true),
    ])
    let total = rows.reduce(Seconds.zero) { $0 + $1.time } + (run.samples.unattributed ?? .zero)
    func share(_ time: Seconds) -> String { total > .zero ? percent(time / total) : "" }
    for row in shown {
      let op = row.op
      table.append([
        Cell(op.name), Cell(enumerated(op.operators.map(\.rawValue))), Cell("\(row.time)"),
        Cell(share(row.time)), Cell(row.rate.map { "\($0)" } ?? "–"), Cell(op.kernel),
      ])
    }
    if rows.count > shown.count {
      let rest =
        rows.reduce(Seconds.zero) { $0 + $1.time }
        - shown.reduce(Seconds.zero) { $0 + $1.time }
      table.append([
        Cell("\(rows.count - shown.count) others", tone: .muted), Cell(""), Cell("\(rest)"),
        Cell(share(rest)),
      ])
    }
    if let rest = run.samples.unattributed {
      table.append([
        Cell("outside all operators", tone: .muted), Cell(""), Cell("\(rest)"), Cell(share(rest)),
      ])
    }
    // Medians of parts need not add up to the median of the whole: on a busy machine they do not.
    table.append([Cell("sum of these medians", tone: .muted), Cell(""), Cell("\(total)")])
    return Document.Section(title, [.table(table)])
  }

  private var memorySection: Document.Section {
    let memory = run.memory
    return Document.Section(
      "Memory",
      [
        .pairs([
          Document.Pair("peak of the program", "\(memory.peakResident)"),
          Document.Pair("weights as stored", "\(memory.weights)"),
          Document.Pair("weights repacked", "\(memory.packed)"),
          Document.Pair("arena", "\(memory.arena)"), Document.Pair("scratch", "\(memory.scratch)"),
        ])
      ])
  }

  private var hostSection: Document.Section {
    Document.Section(
      "Host", isDetail: true,
      [
        .pairs(
          run.host.pairs + run.after.pairs(since: run.before, processors: run.host.processorCount))
      ])
  }
}

extension MeasuredRun {
  /// An operator with its median time and the rate that follows.
  struct OperatorRow {
    let op: MeasuredOperator
    let time: Seconds
    var rate: FLOPsPerSecond? {
      guard let flops = op.flops, flops > .zero, time > .zero else { return nil }
      return flops / time
    }
  }

  /// In the order of execution; empty when nothing was profiled.
  var operatorRows: [OperatorRow] {
    zip(operators, operatorMedians ?? []).map { OperatorRow(op: $0, time: $1) }
  }
}

/// "+12.3 %", "-4.00 %".
func signedPercent(_ share: Double) -> String {
  guard share.isFinite else { return "unknown" }
  return "\(share > 0 ? "+" : "")\(threeDigits(share * 100)) %"
}
