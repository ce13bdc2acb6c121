import Calibration
import Platform
import Quantities

/// A calibration as one page: what each run says of the predictions, what was learned of each rate,
/// and what it all rests on.
public struct CalibrationPage: Sendable {
  private let report: CalibrationReport

  public init(_ report: CalibrationReport) { self.report = report }

  private var calibration: DeploymentCalibration { report.calibration }
  private var title: String { report.document.title }

  public var text: String {
    reportPage(title, origin: report.origin) {
      HTML.group(report.document.sections.prefix(1).map(\.html))
      runs
      rates
      HTML.group(report.sources.map(\.html))
    }
  }

  @HTMLBuilder private var runs: HTML {
    tag("section") {
      tag("h2") { "Runs" }
      if report.outliers.isEmpty {
        tag("p") { "No run lies farther from the fit than runs are believed to scatter." }
      } else {
        tag("ul", ["class": "poor"]) {
          HTML.group(report.outliers.map { sentence in tag("li") { sentence } })
        }
      }
      tag("div", ["class": "charts"]) {
        tag("div") {
          RatioRows(
            title: "Predicted over measured", axis: "predicted time over measured time",
            caption:
              "To the right of 1, the prediction is too slow. Left out is predicted from the "
              + "other runs alone: what to expect of models that were not measured.",
            rows: calibration.runs.map(Self.row)
          ).html
          tag("ul", ["class": "key"]) {
            key("before any run", RatioRows.mark(.before, x: 5, y: 5))
            key("after all runs", RatioRows.mark(.after, x: 5, y: 5))
            key("left out", RatioRows.mark(.leftOut, x: 5, y: 5))
          }
        }
      }
      report.runs.html
    }
  }

  private static func row(_ run: DeploymentCalibration.Run) -> RatioRows.Row {
    func mark(_ seconds: Seconds, _ kind: RatioRows.Kind, _ name: String) -> RatioRows.Mark {
      let ratio = seconds / run.measured
      return .init(
        title: "\(run.model), \(name): \(seconds), \(signedTenths(ratio - 1))", ratio: ratio,
        kind: kind)
    }
    return .init(
      name: run.model,
      marks: [
        mark(run.before, .before, "before"), mark(run.leftOut, .leftOut, "left out"),
        mark(run.after, .after, "after"),
      ])
  }

  @HTMLBuilder private var rates: HTML {
    tag("section") {
      tag("h2") { "Costs" }
      tag("p") { report.costSentence }
      tag("div", ["class": "charts"]) {
        tag("div") {
          RatioRows(
            title: "Cost of a unit of work, over what was believed before",
            axis: "cost over the cost believed before",
            caption: "Bands hold nine in ten: the thin one before any run, the thick one after. "
              + "Of grey rows nothing was learned: they move with the factor that all share, if at all.",
            rows: report.rates.map { rate in
              RatioRows.Row(
                name: rate.name, isMuted: !rate.isIdentified,
                bands: [rate.before, rate.after].map { ($0.low, $0.high) },
                marks: [
                  .init(
                    title: "\(rate.name): \(significant(rate.after.median, digits: 3))×",
                    ratio: rate.after.median, kind: rate.isIdentified ? .after : .before)
                ])
            }
          ).html
        }
      }
      report.rateTable.html
    }
  }
}
