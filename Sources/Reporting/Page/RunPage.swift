import CostModel
import Decision
import Measurement
import Quantities

/// A measurement beside its prediction as one page: the roofline with both, and every operator.
public struct RunPage: Sendable {
  private let report: RunReport

  public init(_ report: RunReport) { self.report = report }

  private var title: String { "\(report.run.model) on this host: measured and predicted" }

  public var text: String {
    reportPage(title, origin: report.origin) {
      if let residuals = report.residuals { comparison(residuals) }
      HTML.group(report.full.document.sections.map(\.html))
    }
  }

  @HTMLBuilder private func comparison(_ residuals: Residuals) -> HTML {
    let roofline = RooflineFigure(residuals)
    tag("section") {
      tag("h2") { "Against the roof of \(residuals.estimate.deployment.label)" }
      if residuals.roofSentences.isEmpty {
        tag("p") { "No measured operator lies above its roof." }
      } else {
        tag("ul", ["class": "bad"]) {
          HTML.group(residuals.roofSentences.map { sentence in tag("li") { sentence } })
        }
      }
      tag("div", ["class": "charts"]) {
        if !roofline.dots.isEmpty || !roofline.measured.isEmpty {
          tag("div") {
            RooflineChart(roofline, dotLimit: 80).html
            tag("ul", ["class": "key"]) {
              key("predicted, bound by compute", mark(.compute, x: 5, y: 5, radius: 4))
              key("by memory", mark(.memory(""), x: 5, y: 5, radius: 4))
              key("by dispatch", mark(.dispatch, x: 5, y: 5, radius: 4))
              key("measured", measuredMark(x: 5, y: 5, radius: 3.4))
            }
          }
        }
        KernelBars(estimate: residuals.estimate).html
      }
    }
  }
}

extension RunReport {
  /// With every operator, in order.
  fileprivate var full: RunReport {
    var report = self
    report.isVerbose = true
    return report
  }
}

extension RooflineFigure {
  /// An estimate's roofline with the measured rates, at the intensities of the prediction.
  init(_ residuals: Residuals) {
    self.init(residuals.estimate)
    let estimate = residuals.estimate
    measured = residuals.rows.compactMap { row in
      guard let flops = row.flops, let rate = row.rate, let time = row.measured else { return nil }
      let traffic = row.kernels.reduce(Bytes.zero) { sum, index in
        let kernel = estimate.kernels[index]
        let bytes =
          kernel.memoryTraffic > .zero
          ? kernel.memoryTraffic : estimate.planned(kernel)?.compulsoryTraffic ?? .zero
        return sum + (estimate.planned(kernel)?.repetitions ?? 1) * bytes
      }
      guard traffic > .zero else { return nil }
      return Dot(
        name: row.name, kernelCount: 1, intensity: flops / traffic, rate: rate,
        share: residuals.measured > .zero ? min(1, time / residuals.measured) : 0,
        bound: row.bound ?? .compute)
    }.sorted { ($1.share, $0.name) < ($0.share, $1.name) }
  }
}
