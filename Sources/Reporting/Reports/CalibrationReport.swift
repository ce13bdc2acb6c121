public import Calibration
import Platform
import Quantities

/// What a calibration learned from its runs, and what it did not.
public struct CalibrationReport: Report {
  public var origin: Origin
  public var calibration: DeploymentCalibration
  /// The file that it was written to.
  public var path: String
  /// End over beginning of the 90 % interval of each run's model, before and after.
  public var widthBefore: [Double]
  public var widthAfter: [Double]
  /// What was believed of the rates before any run, in the order of the terms.
  public var belief: LogRatePrior

  public init(
    origin: Origin, calibration: DeploymentCalibration, path: String, widthBefore: [Double],
    widthAfter: [Double], belief: LogRatePrior
  ) {
    self.origin = origin
    self.calibration = calibration
    self.path = path
    self.widthBefore = widthBefore
    self.widthAfter = widthAfter
    self.belief = belief
  }

  public var document: Document {
    Document(
      title: "Calibration of \(calibration.key)",
      sections: [
        Document.Section(
          "",
          [
            .pairs([
              Document.Pair("rests on", basis),
              Document.Pair("error before any run", share(calibration.medianError(\.before))),
              Document.Pair(
                "error of runs left out", share(calibration.medianError(\.leftOut))),
              Document.Pair("interval, high over low", widths),
              Document.Pair("learned", names(calibration.identifiedTerms)),
              Document.Pair("still as before", names(calibration.unidentifiedTerms)),
              Document.Pair("written to", path),
            ])
          ]), Document.Section("Runs", [.table(runs)]),
      ])
  }

  private var basis: String {
    switch calibration.basis {
    case .prior: "rates of other devices with this runtime"
    case .datasheet: "the datasheet's predictions, term by term"
    }
  }

  private var widths: String {
    func middle(_ values: [Double]) -> String {
      let sorted = values.sorted()
      return sorted.isEmpty ? "unknown" : fixed(sorted[sorted.count / 2], decimals: 2)
    }
    return "\(middle(widthBefore)) before, \(middle(widthAfter)) after"
  }

  private func names(_ terms: [CostTerm]) -> String {
    terms.isEmpty
      ? "nothing"
      : terms.map { $0.rawValue.replacing("_", with: " ") }.joined(separator: ", ")
  }

  var runs: Table {
    var table = Table([
      .init("model", shrinksTo: 16), .init("measured", .trailing), .init("before", .trailing),
      .init("after", .trailing), .init("left out", .trailing), .init("error left out", .trailing),
    ])
    for run in calibration.runs {
      table.append([
        Cell(run.model), Cell("\(run.measured)"), Cell("\(run.before)"), Cell("\(run.after)"),
        Cell("\(run.leftOut)"),
        Cell(signedTenths(run.leftOut / run.measured - 1)),
      ])
    }
    return table
  }

  private func share(_ value: Double) -> String { tenths(value) }

  public var json: JSONObject {
    origin.header("calibration")
      + [
        "deployment": .string("\(calibration.key)"), "basis": .string(calibration.basis.rawValue),
        "medianErrorBefore": JSONValue(calibration.medianError(\.before)),
        "medianErrorAfter": JSONValue(calibration.medianError(\.after)),
        "medianErrorLeftOut": JSONValue(calibration.medianError(\.leftOut)),
        "learned": JSONValue(strings: calibration.identifiedTerms.map(\.rawValue)),
        "uncertain": JSONValue(strings: calibration.unidentifiedTerms.map(\.rawValue)),
        "path": .string(path), "runs": JSONValue(objects: records),
      ]
  }

  public var records: [JSONObject] {
    calibration.runs.map { run in
      [
        "model": .string(run.model), "file": .string(run.file), "sha256": .string(run.digest),
        "measuredSeconds": .number(run.measured.rawValue),
        "beforeSeconds": .number(run.before.rawValue),
        "afterSeconds": .number(run.after.rawValue),
        "leftOutSeconds": .number(run.leftOut.rawValue),
      ]
    }
  }
}
