import Platform
import Quantities

extension LlamaBench {
  /// The table that people paste: `| model | size | params | backend | ngl | test | t/s |`.
  enum MarkdownTable {
    static func isHeader(_ line: Substring) -> Bool {
      let names = cells(line)
      return names.contains("model") && (names.contains("test") || names.contains("t/s"))
        && names.contains("params")
    }

    private static func cells(_ line: Substring) -> [Substring] {
      let text = line.trimmed
      guard text.first == "|" else { return [] }
      var cells = text.split(separator: "|", omittingEmptySubsequences: false).dropFirst()
      if text.last == "|" { cells = cells.dropLast() }
      return cells.map(\.trimmed)
    }

    static func read(_ content: LogContent) throws(RunImportError) -> ImportedRuns {
      var result = ImportedRuns(runs: [])
      var header: [Substring] = []
      for line in content.lines {
        let row = cells(line.text)
        guard !row.isEmpty else { continue }
        if isHeader(line.text) {
          for name in ["test", "t/s"] where !row.contains(name[...]) {
            throw content.refusal(
              line.number, "no column '\(name)'; found \(row.joined(separator: ", "))")
          }
          header = row
          continue
        }
        guard !header.isEmpty, !row.allSatisfy({ $0.allSatisfy { "-: ".contains($0) } }) else {
          continue
        }
        do throws(RowProblem) {
          guard row.count == header.count else {
            throw RowProblem("\(row.count) cells, where the header has \(header.count)")
          }
          func cell(_ name: String) -> Substring {
            header.firstIndex(of: name[...]).map { row[$0] } ?? ""
          }
          var test = Test()
          try test.readName(cell("test"))
          test.model = String(cell("model"))
          test.kind = test.model
          test.threads = Int(cell("threads"))
          test.accelerator = accelerator(String(cell("backend")), "", layers: Int(cell("ngl")))
          // "7340.20 ± 23.45"
          let text = cell("t/s").prefix { $0 != "±" }.trimmed
          guard let rate = Double(text) else {
            throw RowProblem("t/s is '\(text.prefix(40))', expected tokens a second")
          }
          test.rate = rate
          result.runs.append(try test.run(content.place(line.number)))
        } catch {
          result.rejected.append(content.rejected(line.number, error))
        }
      }
      return result
    }
  }
}

extension LlamaBench.Test {
  /// "pp512", "tg128", "pp512+tg128", "pp512 @ d512"; older: "pp 512".
  fileprivate mutating func readName(_ text: Substring) throws(RowProblem) {
    let sides = text.split(separator: "@", maxSplits: 1).map(\.trimmed)
    prompt = 0
    generated = 0
    for part in (sides.first ?? "").split(separator: "+").map(\.trimmed) {
      let count = Int(part.dropFirst(2).trimmed)
      switch part.prefix(2) {
      case "pp": prompt = count
      case "tg": generated = count
      default: throw RowProblem("the test is '\(text.prefix(40))', expected pp512, tg128 or both")
      }
    }
    if sides.count > 1 {
      guard sides[1].first == "d", let depth = Int(sides[1].dropFirst()) else {
        throw RowProblem("the test is '\(text.prefix(40))', expected a depth as in pp512 @ d512")
      }
      self.depth = depth
    }
  }
}
