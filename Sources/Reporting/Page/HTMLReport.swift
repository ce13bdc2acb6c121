import CostModel
public import Decision
import HardwareModel
import ModelIR
import Quantities

/// A comparison as one page that stands alone: no script, no request, and a content security policy
/// that allows neither.
public struct HTMLReport: Sendable {
  public var origin: Origin
  public var comparison: Comparison

  public init(origin: Origin, comparison: Comparison) {
    self.origin = origin
    self.comparison = comparison
  }

  /// Deployments that get charts, over all models, so that a page stays a page.
  static let detailLimit = 56
  /// Deployments of a model whose details are open at first.
  static let openLimit = 2

  /// The page.
  public var text: String {
    standalonePage(title: comparison.question, generator: origin.tool) {
      tag("main") {
        opening
        if comparison.entries.count > 1 { DeploymentMatrix(comparison).html }
        HTML.group(entries)
        SourceTables(comparison).html
      }
      footer
    }
  }

  private var opening: HTML {
    tag("header") {
      tag("p", ["class": "kicker"]) {
        [origin.tool, origin.date].compactMap { $0 }.joined(separator: " · ")
      }
      tag("h1") { comparison.question }
      if comparison.entries.count == 1, let entry = comparison.entries.first {
        ShortAnswer(entry: entry, requirements: comparison.requirements).html
      } else {
        tag("p", ["class": "lead"]) { summary }
      }
    }
  }

  /// One sentence over all models.
  private var summary: String {
    let satisfied = comparison.entries.count { !$0.acceptable.isEmpty }
    let phrase = comparison.requirements.phrase
    return "\(satisfied) of \(counted(comparison.entries.count, "model")) "
      + "\(satisfied == 1 ? "has" : "have") a deployment that "
      + (phrase.isEmpty ? "fits." : "runs it \(phrase), or probably does.")
  }

  /// Kernels in each roofline: fewer where there are many rooflines.
  private var dotLimit: Int {
    switch comparison.entries.reduce(0, { $0 + $1.candidates.count }) {
    case ...12: 80
    case ...30: 40
    default: 24
    }
  }

  private var entries: [HTML] {
    let share = Self.detailLimit / max(1, comparison.entries.count)
    return comparison.entries.enumerated().map { index, entry in
      EntrySection(
        index: index, entry: entry, requirements: comparison.requirements,
        isOnly: comparison.entries.count == 1, detailLimit: max(1, share), dotLimit: dotLimit
      ).html
    }
  }

  private var footer: HTML {
    tag("footer") {
      tag("p") {
        "Predicted, not measured: no number of this page was observed on a board unless its basis "
          + "says so. Ranges hold nine in ten; “likely” is more probable than not."
      }
      tag("p") {
        "\(origin.tool)\(origin.date.map { ", \($0)" } ?? ""): "
        tag("code") { origin.command }
      }
      HTML.group(
        origin.files.map { file in
          tag("p") {
            "\(file.name) · SHA-256 "
            tag("code") { file.digest }
          }
        })
    }
  }
}
