import Foundation
import HardwareModel
import Testing

/// The examples of `Documentation/Profiles.md` are profiles.
@Suite struct ProfileDocumentationTests {
  private let document: String

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    document = try String(
      contentsOf: root.appending(path: "Documentation/Profiles.md"), encoding: .utf8)
  }

  private var profiles: [String] {
    document.components(separatedBy: "```yaml\n").dropFirst()
      .compactMap { $0.components(separatedBy: "```").first }
      .filter { $0.hasPrefix("schema: 1") }
  }

  @Test func `both examples load together`() throws {
    try #require(profiles.count == 2)
    let runtime = profiles[1].replacing("fallback: tflite-xnnpack", with: "# fallback")
    let catalog = try Catalog.load([
      Fixture.board(profiles[0], id: "example"), Fixture.runtime(runtime, id: "tflite-xnnpack"),
    ])
    #expect(catalog.board("example")?.powerModes.count == 2)
    #expect(catalog.runtime("tflite-xnnpack")?.operators.rules.count == 2)
  }

  @Test func `every word a profile may use is listed`() {
    let words =
      FusionRule.allCases.map(\.rawValue) + KernelClass.allCases.map(\.rawValue)
      + Basis.allCases.map(\.rawValue)
    #expect(words.filter { !document.contains("`\($0)`") } == [])
    let inComments =
      UnitKind.allCases.map(\.rawValue) + Memory.Kind.allCases.map(\.rawValue)
      + PartitionRule.allCases.map(\.rawValue)
    #expect(inComments.filter { !document.contains($0) } == [])
  }
}
