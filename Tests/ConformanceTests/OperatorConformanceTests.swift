import Foundation
import Testing

/// ONNX's own operator tests, as `Scripts/write-operator-cases.py` writes them, against the
/// reference kernels. `Tests/Fixtures/operators/not-passing.tsv` names the cases that do not pass
/// and why.
@Suite struct OperatorConformanceTests {
  @Test func `exactly the listed operator cases of ONNX do not pass`() async throws {
    let folder = TestFiles.fetched.appendingPathComponent("operator-cases")
    let names = try rows(folder.appendingPathComponent("cases.tsv")).map { $0[0] }
    try #require(names.count >= 1884, "cases are missing: run Scripts/fetch-models")
    let listed = try rows(Self.fixtures.appendingPathComponent("not-passing.tsv"))
    let reasons = Dictionary(uniqueKeysWithValues: listed.map { ($0[0], $0[1]) })

    let outcomes = await withTaskGroup(of: (String, NodeCase.Outcome).self) { group in
      for name in names {
        group.addTask {
          (name, NodeCase(folder: folder.appendingPathComponent(name)).outcome())
        }
      }
      var outcomes: [String: NodeCase.Outcome] = [:]
      for await (name, outcome) in group { outcomes[name] = outcome }
      return outcomes
    }
    for name in names {
      switch outcomes[name] {
      case .passed:
        // Ten random bits are the expected ones now and then.
        #expect(
          reasons[name] == nil || reasons[name] == "randomness",
          "\(name) passes now: take it off the list")
      case .failed(let reason): #expect(reasons[name] != nil, "\(name): \(reason)")
      case nil: Issue.record("\(name) was not run")
      }
    }
    #expect(Set(reasons.keys).isSubset(of: names), "the list names cases that there are not")
  }

  @Test func `the document says what the lists say`() throws {
    let document = try String(
      contentsOf: TestFiles.root.appendingPathComponent("Documentation/OperatorConformance.md"),
      encoding: .utf8)
    let listed = try rows(Self.fixtures.appendingPathComponent("not-passing.tsv"))
    for (reason, count) in Dictionary(grouping: listed, by: { $0[1] }).mapValues(\.count) {
      #expect(document.contains("| \(reason) | \(count) |"))
    }
    let total = try rows(
      TestFiles.fetched.appendingPathComponent("operator-cases/cases.tsv")
    ).count
    #expect(document.contains("| all cases | \(total) | \(total - listed.count) |"))
  }

  private static let fixtures = TestFiles.root.appendingPathComponent("Tests/Fixtures/operators")

  private func rows(_ file: URL) throws -> [[String]] {
    try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
  }
}
