import Decision
import HardwareModel
import Quantities
import Reporting
import TestSupport
import Testing

@Suite struct TextTests {
  private static let origin = Origin(tool: "boardfit", command: "boardfit compare")

  private static let table = Table(
    [
      .init("name", shrinksTo: 6), .init("value", .trailing), .init("extra", isOptional: true),
      .init("never"),
    ],
    rows: [
      [Cell("a rather long name"), Cell("1"), Cell("first")],
      [Cell("名前"), Cell("1000", tone: .bad), Cell("second")],
    ])

  private static func text(_ style: TerminalStyle) -> [Substring] {
    Document(title: "", sections: [.init("", [.table(table)])]).terminalText(style)
      .split(separator: "\n")
  }

  @Test func `columns line up and empty ones are gone`() {
    #expect(
      Self.text(TerminalStyle()) == [
        "  name                value  extra", "  a rather long name      1  first",
        "  名前                 1000  second",
      ])
  }

  @Test func `a narrow terminal shortens names, then says which columns it left out`() {
    #expect(Self.text(TerminalStyle(width: 30))[1] == "  a rath…g name      1  first")
    let narrow = Self.text(TerminalStyle(width: 20))
    #expect(narrow[1] == "  a rat… name      1")
    #expect(narrow.last == "  (too narrow for: extra)")
  }

  @Test func `colour surrounds a cell and is left out unless asked for`() {
    #expect(Self.text(TerminalStyle(usesColor: true))[2].contains("\u{1B}[31m 1000\u{1B}[0m"))
    #expect(!Self.text(TerminalStyle()).joined().contains("\u{1B}"))
  }

  @Test(arguments: [80, 100, 132])
  func `a comparison keeps to the width of the terminal`(width: Int) throws {
    let report = CompareReport(
      origin: Self.origin, comparison: try SampleComparison.standard())
    for line in report.text(.table(TerminalStyle(width: width))).split(separator: "\n")
    where !line.hasPrefix("  command") {
      #expect(line.count <= width, "\(line)")
    }
  }

  @Test func `Markdown folds details and stays below a comment's limit`() throws {
    let models = try (0..<12).map {
      SampleComparison.model("tiny-\($0)", try SampleComparison.tinyNetwork())
    }
    let comparison = try SampleComparison.compare(models, catalog: SampleBoards.catalog(copies: 9))
    let report = CompareReport(origin: Self.origin, comparison: comparison)
    let text = report.text(.markdown)
    #expect(text.count < 65_000)
    #expect(text.contains("| … ") && text.contains(" more |"))
    #expect(text.contains("<details><summary>How this report came to be</summary>"))
    let tight = report.document.markdown(limit: 5000)
    #expect(tight.count <= 5000 && tight.contains("_The rest does not fit here"))
  }

  @Test func `numbers are aligned to the right in Markdown`() throws {
    let text = CompareReport(
      origin: Self.origin, comparison: try SampleComparison.standard()
    ).text(.markdown)
    #expect(text.contains("| deployment | as if | verdict | latency (90 %) |"))
    #expect(text.contains("|:--|:--|:--|--:|"))
  }
}
