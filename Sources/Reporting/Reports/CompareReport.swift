import CostModel
public import Decision
import HardwareModel
import ModelIR
import Quantities

/// Models against boards: one row a deployment, best first, and why the others fail.
public struct CompareReport: Report {
  public var origin: Origin
  public var comparison: Comparison
  /// Whether the JSON lists kernels.
  public var isVerbose: Bool

  public init(origin: Origin, comparison: Comparison, isVerbose: Bool = false) {
    self.origin = origin
    self.comparison = comparison
    self.isVerbose = isVerbose
  }

  // MARK: Text

  public var document: Document {
    var sections: [Document.Section] = []
    for entry in comparison.entries {
      let isOnly = comparison.entries.count == 1
      var blocks: [Document.Block] = [.paragraph(Cell(comparison.requirements.answer(entry)))]
      if !entry.candidates.isEmpty {
        blocks.append(.table(comparison.requirements.verdictTable(entry.candidates)))
      }
      sections.append(Document.Section(isOnly ? "" : entry.model.name, blocks))
      sections += reasons(entry)
      if !entry.refusals.isEmpty {
        let notes = entry.refusals.map { "\($0.deployment): \($0.reason)" }
        sections.append(
          Document.Section("Cannot run \(entry.model.name)", isDetail: true, [.notes(notes)]))
      }
      let assumptions = entry.sharedAssumptions + entry.model.warnings
      if !assumptions.isEmpty {
        sections.append(
          Document.Section(
            "Assumptions for \(entry.model.name)", isDetail: true, [.notes(assumptions)]))
      }
    }
    sections.append(origin.section)
    return Document(title: comparison.question, sections: sections)
  }

  /// Why deployments fail, and what is in doubt of those that do not.
  private func reasons(_ entry: Comparison.Entry) -> [Document.Section] {
    let acceptable = entry.candidates.filter(\.verdict.isAcceptable)
    let others = entry.candidates.filter { !$0.verdict.isAcceptable }
    return [
      reasons(others, "What stands in the way of \(entry.model.name)"),
      reasons(acceptable, "What is in doubt of \(entry.model.name)"),
    ].compactMap(\.self)
  }

  private func reasons(
    _ candidates: [Candidate], _ title: String
  ) -> Document.Section? {
    let notes = candidates.compactMap { candidate -> String? in
      let reasons =
        candidate.verdict.objections(candidate.estimate, comparison.requirements)
        + candidate.estimate.fallbackObjections
      guard !reasons.isEmpty else { return nil }
      return "\(candidate.estimate.deployment.label): \(reasons.joined(separator: "; "))"
    }
    guard !notes.isEmpty else { return nil }
    return Document.Section(title, isDetail: true, [.notes(notes)])
  }

  // MARK: Keys and values

  public var records: [JSONObject] {
    comparison.entries.flatMap { entry in
      entry.candidates.map { ["model": .string(entry.model.name)] + record($0) }
        + entry.refusals.map {
          [
            "model": .string(entry.model.name), "deployment": .string($0.deployment),
            "verdict": "refused", "reason": .string($0.reason),
          ]
        }
    }
  }

  public var json: JSONObject {
    origin.header("comparison") + [
      "requirements": .object(comparison.requirements.record),
      "isSatisfied": .bool(comparison.isSatisfied),
      "models": JSONValue(
        objects: comparison.entries.map { entry in
          [
            "name": .string(entry.model.name), "sha256": .string(entry.model.digest),
            "answer": .string(comparison.requirements.answer(entry)),
            "cheapest": JSONValue(entry.cheapest?.estimate.deployment.label),
            "fastest": JSONValue(entry.fastest?.estimate.deployment.label),
            "candidates": JSONValue(objects: entry.candidates.map(details)),
            "refusals": JSONValue(
              objects: entry.refusals.map {
                ["deployment": .string($0.deployment), "reason": .string($0.reason)]
              }),
            "warnings": JSONValue(strings: entry.model.warnings),
          ]
        }),
    ]
  }

  private func details(_ candidate: Candidate) -> JSONObject {
    var details = record(candidate) + candidate.estimate.details
    if isVerbose {
      details["kernels"] = JSONValue(
        objects: candidate.estimate.kernels.map(candidate.estimate.record))
    }
    return details
  }

  private func record(_ candidate: Candidate) -> JSONObject {
    candidate.estimate.deployment.record + candidate.estimate.record
      + candidate.verdict.record(candidate.estimate, comparison.requirements)
  }
}

extension Verdict {
  func record(_ estimate: Estimate, _ requirements: Requirements) -> JSONObject {
    [
      "verdict": .string(overall.rawValue), "isAcceptable": .bool(isAcceptable),
      "deadlineVerdict": JSONValue(deadline?.rawValue),
      "deadlineProbability": JSONValue(deadlineProbability),
      "marginSeconds": JSONValue(slack?.rawValue), "powerVerdict": JSONValue(power?.rawValue),
      "priceVerdict": JSONValue(price?.rawValue),
      "reason": .string(objections(estimate, requirements).joined(separator: "; ")),
    ]
  }
}

extension Requirements {
  var record: JSONObject {
    [
      "deadlineSeconds": JSONValue(deadline?.rawValue), "margin": .number(margin.rawValue),
      "budgetSeconds": JSONValue(budget?.rawValue), "confidence": .number(confidence.rawValue),
      "maximumPowerWatts": JSONValue(maximumPower?.rawValue),
      "maximumPriceUSDollars": JSONValue(maximumPrice?.rawValue),
    ]
  }

  func verdictTable(_ candidates: [Candidate]) -> Table {
    Table(
      [
        .init("deployment", shrinksTo: 20), .init("as if", isOptional: true), .init("verdict"),
        .init("latency (90 %)", .trailing), .init("in time", .trailing),
        .init("margin", .trailing, isOptional: true), .init("fits"),
        .init("limited by", isOptional: true),
        .init("fallback", .trailing, isOptional: true), .init("power", .trailing, isOptional: true),
        .init("energy", .trailing, isOptional: true), .init("price", .trailing, isOptional: true),
      ], rows: candidates.map(verdictRow))
  }

  func verdictRow(_ candidate: Candidate) -> [Cell] {
    let estimate = candidate.estimate
    let verdict = candidate.verdict
    let mark = estimate.isLowerBound ? "≥ " : ""
    return [
      Cell(estimate.deployment.label),
      Cell(estimate.deployment.precision == .stored ? "" : estimate.deployment.precision.rawValue),
      verdict.overall.cell,
      Cell(
        estimate.isLowerBound
          ? "≥ \(estimate.latency.median)"
          : "\(estimate.latency.median) (\(estimate.latency.range))"),
      Cell(verdict.deadlineProbability.map(probabilityPhrase) ?? ""),
      Cell(verdict.slack.map { marginPhrase($0, estimate.latency.median) } ?? ""),
      estimate.fit.cell,
      Cell(estimate.bound.phrase), Cell(fallbackPhrase(estimate), tone: .poor),
      Cell(estimate.deployment.powerMode.power?.value.brief ?? "unknown"),
      Cell(estimate.energy.map { "\(mark)\($0.median)" } ?? "unknown"),
      Cell(
        estimate.deployment.board.price.map { "\(fixed($0.value.rawValue, decimals: 0)) USD" }
          ?? "unknown"),
    ]
  }

  /// "7.70 ms (38 %)" of the deadline, or "-42.1 ms (3.11×)" the deadline.
  private func marginPhrase(_ slack: Seconds, _ latency: Seconds) -> String {
    guard let deadline, deadline > .zero else { return slack.description }
    return slack < .zero
      ? "\(slack) (\(threeDigits(latency / deadline))×)" : "\(slack) (\(percent(slack / deadline)))"
  }

  /// "+6.05 ms (loses to host)": the price, and whether the host alone would be faster.
  private func fallbackPhrase(_ estimate: Estimate) -> String {
    guard let fallback = estimate.fallback else { return "" }
    let loses = fallback.losesToHost(estimate.latency.median) ? "loses to host" : ""
    guard fallback.kernelCount > 0 else { return loses }
    let cost = fallback.cost > .zero ? "+\(fallback.cost)" : "+0"
    return loses.isEmpty ? cost : "\(cost) (\(loses))"
  }
}
