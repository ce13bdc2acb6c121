import Decision
import HardwareModel
import Reporting
import TestSupport
import Testing

@Suite struct SampleTests {
  @Test func `prints`() throws {
    let c = try SampleComparison.standard()
    let o = Origin(tool: "boardfit 0.1.0", command: "boardfit compare")
    let r = CompareReport(origin: o, comparison: c)
    print(r.text(.table(TerminalStyle(usesColor: false, width: nil))))
    print(r.text(.table(TerminalStyle(usesColor: true, width: 100))))
    print(r.text(.markdown))
    print(r.text(.csv))
    print(r.text(.json).prefix(3000))
    for i in [0, 1] {
      for cand in c.entries[i].candidates {
        print(PredictReport(origin: o, model: c.entries[i].model.name, estimate: cand.estimate).text(.table(TerminalStyle(width: 110))))
      }
    }
    print(InspectReport(origin: o, name: "m", metadata: [.init("format", "ONNX")], workload: c.entries[1].model.workload, parameterCount: 3_400_000, warnings: ["w"], isVerbose: true).text(.table(TerminalStyle())))
    print(BoardListReport(origin: o, boards: SampleBoards.catalog.boards).text(.table(TerminalStyle(width: 120))))
    print(BoardFactsReport(origin: o, board: SampleBoards.gpuModule, facts: SampleBoards.gpuModule.facts).text(.table(TerminalStyle(width: 100))))
  }
}
