import CostModel
import Decision
import HardwareModel
import ModelIR
import Quantities
import Reporting
import TestSupport

/// Names that a model file or a profile may bring, and reports made of them.
enum HostileText {
  static let names = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "it's & \"quoted\"",
    "a|b|c \\| `code` **bold** [link](javascript:1) @someone <details>",
    "\u{1B}[31mred\u{1B}[0m\u{9B}2J", "two\nlines\r\nand a\ttab\u{0}",
    "\u{202E}gnirts\u{2066}\u{200B}",
    "=HYPERLINK(\"x\")", "-1+1", "+cmd", "comma, \"quote\", end",
    "\u{2028}\u{FEFF}\u{E000}\u{FFFF}",
    "]]>", "&#60;script&#62;", "名前 e\u{301} 👩‍👩‍👧", String(repeating: "long", count: 300),
  ]

  /// One model and one board, all of whose texts are `name`.
  static func comparison(_ name: String) throws -> Comparison {
    let sample = SampleBoards.computer
    let price = Sourced(USDollars(9), basis: .estimated, source: name)
    let board = Board(
      id: name, name: name, price: price, memories: sample.memories, units: sample.units,
      links: [], powerModes: sample.powerModes)
    let workload = try SampleComparison.partlyUnknown(layer: name, operatorName: name)
    let model = ComparedModel(
      name: name, path: name, digest: "00", workload: workload, warnings: [name])
    let catalog = Catalog(boards: [board], runtimes: SampleBoards.runtimes)
    let deployment = Deployment(
      board: board, unit: board.units[0], runtime: SampleBoards.runtimes[0], fallback: nil,
      powerMode: board.powerModes[0], threads: 4, precision: .stored)
    let requirements = Requirements(deadline: Seconds(0.02))
    let tried = Comparison.Entry(
      model, on: [deployment], from: catalog, against: requirements)
    let entry = Comparison.Entry(
      model: model, candidates: tried.candidates,
      refusals: [Comparison.Refusal(deployment: name, reason: name)])
    return Comparison(requirements: requirements, entries: [entry])
  }

  static func origin(_ name: String) -> Origin {
    Origin(tool: "boardfit", command: name, date: name, files: [.init(name: name, digest: "00")])
  }

  /// Every report that text can reach.
  static func reports(_ name: String) throws -> [any Report] {
    let comparison = try comparison(name)
    let entry = comparison.entries[0]
    let estimate = entry.candidates[0].estimate
    let board = estimate.deployment.board
    return [
      CompareReport(origin: origin(name), comparison: comparison, isVerbose: true),
      PredictReport(
        origin: origin(name), model: name, estimate: estimate, warnings: [name], isVerbose: true),
      InspectReport(
        origin: origin(name), name: name, metadata: [.init(name, name)],
        workload: entry.model.workload, parameterCount: 1, warnings: [name], isVerbose: true),
      BoardListReport(origin: origin(name), boards: [board]),
      BoardFactsReport(origin: origin(name), board: board, facts: board.facts),
    ]
  }
}

extension Unicode.Scalar {
  /// Whether a terminal or a bidirectional layout would act on it.
  var isActive: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
