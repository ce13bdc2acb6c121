import CostModel
import Decision
import Measurement
import Quantities

extension RunReport {
  var residualSections: [Document.Section] {
    guard let residuals else { return [] }
    let shown =
      isVerbose ? residuals.rows : Array(residuals.rowsByTime.prefix(Self.operatorLimit))
    var blocks: [Document.Block] = [.pairs(residuals.pairs), .table(residuals.table(shown))]
    if !residuals.roofSentences.isEmpty { blocks.append(.notes(residuals.roofSentences)) }
    return [
      Document.Section("Predicted for \(residuals.estimate.deployment.label)", blocks)
    ]
  }

  var agreementSection: [Document.Section] {
    guard let agreement else { return [] }
    let worst = agreement.sorted { $0.signalToNoise < $1.signalToNoise }
    let shown =
      isVerbose
      ? agreement
      : agreement.filter(\.isOutput) + worst.filter { !$0.isOutput }.prefix(Self.operatorLimit)
    let table = Table(
      [
        .init("value", shrinksTo: 14), .init(""), .init("elements", .trailing),
        .init("largest difference", .trailing), .init("relative", .trailing),
        .init("signal to noise", .trailing), .init("stray", .trailing),
      ],
      rows: shown.map { value in
        [
          Cell(value.name), Cell(value.isOutput ? "output" : ""), Cell("\(value.elementCount)"),
          Cell(scientific(value.maximumAbsolute)), Cell(scientific(value.maximumRelative)),
          Cell(
            value.signalToNoise == .infinity ? "equal" : "\(threeDigits(value.signalToNoise)) dB"),
          Cell(value.strayCount == 0 ? "" : "\(value.strayCount)", tone: .bad),
        ]
      })
    return [
      Document.Section(
        "Against the reference kernels: \(counted(agreement.count, "value"))", [.table(table)])
    ]
  }
}

/// "1.23e-06"; differences span many decades.
private func scientific(_ value: Double) -> String {
  guard value.isFinite, value > 0 else { return value == 0 ? "0" : "\(value)" }
  var exponent = 0
  var mantissa = value
  while mantissa >= 9.995 {
    mantissa /= 10
    exponent += 1
  }
  while mantissa < 0.9995 {
    mantissa *= 10
    exponent -= 1
  }
  return exponent == 0
    ? fixed(mantissa, decimals: 2) : "\(fixed(mantissa, decimals: 2))e\(exponent)"
}

extension Residuals {
  /// Longest first, by the longer of the two sides.
  var rowsByTime: [Row] {
    rows.sorted { left, right in
      max(left.predicted ?? .zero, left.measured ?? .zero)
        > max(right.predicted ?? .zero, right.measured ?? .zero)
    }
  }

  var pairs: [Document.Pair] {
    var pairs = [
      Document.Pair("predicted", estimate.latency.phrase(isLowerBound: estimate.isLowerBound)),
      Document.Pair("measured", "\(measured)"),
      Document.Pair(
        "error",
        Cell(
          "\(signedPercent(error)): the prediction is \(error > 0 ? "too long" : "too short")",
          tone: abs(error) > 0.25 ? .poor : .plain)),
      Document.Pair(
        "within the interval",
        (estimate.latency.low...max(estimate.latency.low, estimate.latency.high))
          .contains(measured) ? "yes" : "no"),
    ]
    if let unattributed {
      pairs.append(
        Document.Pair(
          "outside operators",
          "\(estimate.invocationTime) predicted, \(unattributed) measured"))
    }
    return pairs
  }

  func table(_ rows: [Row]) -> Table {
    Table(
      [
        .init("operator", shrinksTo: 14), .init("predicted", .trailing),
        .init("measured", .trailing), .init("error", .trailing), .init("bound", shrinksTo: 8),
        .init("kernels", .trailing, isOptional: true), .init("rate", .trailing, isOptional: true),
      ],
      rows: rows.map { row in
        [
          Cell(row.name), Cell(row.predicted.map { "\($0)" } ?? "–"),
          Cell(row.measured.map { "\($0)" } ?? "–"),
          Cell(
            row.error.map(signedPercent) ?? "",
            tone: abs(row.error ?? 0) > 0.5 ? .poor : .plain),
          Cell(row.bound?.phrase ?? ""), Cell("\(row.kernels.count) : \(row.operators.count)"),
          Cell(row.rate.map { "\($0)" } ?? "", tone: row.isAboveRoof ? .bad : .plain),
        ]
      })
  }

  /// Measured rates that the board's ceilings rule out.
  var roofSentences: [String] {
    rowsAboveRoof.map { row in
      "our error: '\(row.name)' ran at \(row.rate.map { "\($0)" } ?? ""), above its ceiling of "
        + "\(row.attainable.map { "\($0)" } ?? ""): the profile's peak, the counted work or the "
        + "time is wrong"
    }
  }
}
