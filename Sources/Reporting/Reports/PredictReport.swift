public import CostModel
public import Decision
import HardwareModel
import ModelIR
import Quantities
import TensorTypes

/// One model on one deployment: how long, how sure, whether it fits, and why.
public struct PredictReport: Report {
  public var origin: Origin
  /// What the user calls the model.
  public var model: String
  public var estimate: Estimate
  public var warnings: [String]
  /// What was asked of the board, and the answer; `nil` when nothing was.
  public var judgement: Judgement?
  /// Whether every kernel is listed rather than the longest.
  public var isVerbose: Bool

  /// Kernels that are listed when not verbose.
  static let kernelLimit = 10

  public init(
    origin: Origin, model: String, estimate: Estimate, warnings: [String] = [],
    judgement: Judgement? = nil, isVerbose: Bool = false
  ) {
    self.origin = origin
    self.model = model
    self.estimate = estimate
    self.warnings = warnings
    self.judgement = judgement
    self.isVerbose = isVerbose
  }

  /// Kernels in the order in which they run.
  public var records: [JSONObject] { estimate.kernels.map(estimate.record) }

  public var json: JSONObject {
    origin.header("prediction") + ["model": .string(model)] + estimate.deployment.record
      + estimate.record + estimate.details
      + (judgement.map {
        ["requirements": .object($0.requirements.record)]
          + $0.verdict.record(estimate, $0.requirements)
      } ?? [:])
      + ["warnings": JSONValue(strings: warnings), "kernels": JSONValue(objects: records)]
  }

  public var document: Document {
    Document(
      title: "\(model) on \(estimate.deployment.board.name)",
      sections: judgementSections + estimate.summarySections + [kernelSection]
        + estimate.closingSections(warnings))
  }

  /// Requirements with their verdict.
  public struct Judgement: Sendable {
    public var requirements: Requirements
    public var verdict: Verdict
    public init(requirements: Requirements, verdict: Verdict) {
      self.requirements = requirements
      self.verdict = verdict
    }
  }

  private var judgementSections: [Document.Section] {
    guard let judgement else { return [] }
    let objections = judgement.verdict.objections(estimate, judgement.requirements)
    var pairs = [
      Document.Pair("asked", judgement.requirements.phrase),
      Document.Pair("verdict", judgement.verdict.overall.cell),
    ]
    if let probability = judgement.verdict.deadlineProbability {
      pairs.append(Document.Pair("in time", probabilityPhrase(probability)))
    }
    if !objections.isEmpty {
      pairs.append(Document.Pair("in the way", objections.joined(separator: "; ")))
    }
    return [Document.Section("", [.pairs(pairs)])]
  }

  private var kernelSection: Document.Section {
    let all = estimate.kernelsByTime
    guard !isVerbose else {
      let kernels = estimate.kernels.filter { $0.time > .zero }
      return Document.Section(
        "Kernels in order", isDetail: true, [.table(estimate.kernelTable(kernels))])
    }
    let shown = Array(all.prefix(Self.kernelLimit))
    let title =
      all.count > shown.count
      ? "The \(shown.count) longest of \(all.count) kernels" : "Kernels, longest first"
    return Document.Section(title, [.table(estimate.kernelTable(shown))])
  }
}

extension Estimate {
  /// What was asked, the answer, and the memory.
  var summarySections: [Document.Section] {
    [
      Document.Section("", [.pairs(settings + answer)]),
      Document.Section("Memory", [.table(memoryTable), .notes(peakNotes)]),
    ]
  }

  private var settings: [Document.Pair] {
    var pairs = [
      Document.Pair("board", deployment.board.name),
      Document.Pair("unit", "\(deployment.unit.name) (\(deployment.unit.kind.rawValue))"),
      Document.Pair("runtime", "\(deployment.runtime.name) \(deployment.runtime.version)"),
      Document.Pair("setting", deployment.settingPhrase),
    ]
    if let price = deployment.board.price { pairs.append(Document.Pair("price", "\(price.value)")) }
    return pairs
  }

  private var answer: [Document.Pair] {
    var pairs = [
      Document.Pair("latency", latency.phrase(isLowerBound: isLowerBound)),
      Document.Pair("limited by", bound.cause),
      Document.Pair(
        "energy", energy.map { $0.phrase(isLowerBound: isLowerBound) } ?? "unknown: no power given"),
      Document.Pair("fit", fit.cell),
    ]
    if let fallbackPair { pairs.append(fallbackPair) }
    if isLowerBound { pairs.append(Document.Pair("lower bound", coverageSentence)) }
    pairs.append(Document.Pair("rests on", "\(basis.rawValue) numbers"))
    return pairs
  }

  /// What speaks against the unit.
  var fallbackObjections: [String] {
    guard let fallback, fallback.isDrawback(latency.median) else { return [] }
    return fallback.sentences(latency: latency.median, hostName: deployment.host.name)
  }

  /// The same, or what the host alone would do; `nil` when there is nothing to compare.
  var fallbackPair: Document.Pair? {
    guard let fallback else { return nil }
    let isDrawback = fallback.isDrawback(latency.median)
    let sentences = fallback.sentences(latency: latency.median, hostName: deployment.host.name)
    guard !sentences.isEmpty else { return nil }
    return Document.Pair(
      isDrawback ? "fallback" : "otherwise",
      Cell(sentences.joined(separator: "; "), tone: isDrawback ? .poor : .plain))
  }

  /// Why the figures are least values.
  private var coverageSentence: Cell {
    Cell(
      "the work of \(coverage.totalSteps - coverage.knownSteps) of \(coverage.totalSteps) steps is "
        + "unknown: \(listed(coverage.unknownOperators))", tone: .poor)
  }

  var memoryTable: Table {
    Table(
      [
        .init("memory"), .init("verdict"), .init("capacity", .trailing),
        .init("needed", .trailing), .init("left", .trailing), .init("of which", shrinksTo: 20),
      ],
      rows: memory.map { fit in
        [
          Cell(fit.memory), fit.verdict.cell, Cell(fit.capacity.description),
          Cell(fit.needed.description), Cell(fit.slack.description), Cell(fit.partsPhrase),
        ]
      })
  }

  var peakNotes: [String] {
    guard let cause = PeakCause(plan) else { return [] }
    return [
      "arena \(plan.arena.size), at least \(plan.arena.peakLiveBytes): \(cause)",
      "live at the peak: "
        + listed(cause.parts.map { "\($0.tensor) (\($0.size), \(percent($0.share)))" }, limit: 4),
    ]
  }

  func kernelTable(_ kernels: [KernelEstimate]) -> Table {
    Table(
      [
        .init("kernel", shrinksTo: 14), .init("operator", shrinksTo: 8),
        .init("time", .trailing), .init("share", .trailing), .init("bound", shrinksTo: 8),
        .init("where", isOptional: true), .init("MACs", .trailing, isOptional: true),
        .init("traffic", .trailing, isOptional: true),
        .init("intensity", .trailing, isOptional: true),
      ],
      rows: kernels.map { kernel in
        let plan = planned(kernel)
        let isKnown = plan?.isKnown ?? true
        return [
          Cell(plan?.name ?? "#\(kernel.kernel)"), Cell(plan?.operatorName ?? ""),
          Cell("\(isKnown ? "" : "≥ ")\(kernel.time)"), Cell(percent(share(of: kernel.time))),
          Cell(kernel.bound.phrase),
          Cell(kernel.placement == .host ? "host" : "", tone: .poor),
          Cell(plan.map { $0.macs == .zero ? "–" : $0.macs.description } ?? ""),
          Cell(kernel.memoryTraffic.description),
          Cell(plan.map { intensity($0) } ?? ""),
        ]
      })
  }

  private func intensity(_ kernel: ExecutionPlan.Kernel) -> String {
    guard kernel.flops > .zero, kernel.compulsoryTraffic > .zero else { return "–" }
    return kernel.arithmeticIntensity.description
  }

  func closingSections(_ warnings: [String]) -> [Document.Section] {
    var sections: [Document.Section] = []
    if !assumptions.isEmpty {
      sections.append(Document.Section("Assumptions", isDetail: true, [.notes(assumptions)]))
    }
    if !warnings.isEmpty { sections.append(Document.Section("Warnings", [.notes(warnings)])) }
    return sections
  }
}
