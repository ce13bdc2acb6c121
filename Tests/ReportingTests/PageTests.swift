import CostModel
import Decision
import Foundation
import FoundationXML
import HardwareModel
import Quantities
import Reporting
import TensorTypes
import TestSupport
import Testing

@Suite struct PageTests {
  private static let origin = Origin(
    tool: "boardfit 0.1.0", command: "boardfit compare", date: "2026-01-01",
    files: [.init(name: "mobile-net.onnx", digest: "abc123")])

  private static func page(_ comparison: Comparison) -> String {
    HTMLReport(origin: origin, comparison: comparison).text
  }

  @Test(arguments: HostileText.names)
  func `the page is well-formed and carries no script whatever the names`(name: String) throws {
    let page = HTMLReport(
      origin: HostileText.origin(name), comparison: try HostileText.comparison(name)
    ).text
    let outline = try #require(PageOutline(page))
    #expect(!outline.elements.contains("script") && !outline.elements.contains("img"))
    #expect(outline.attributes.allSatisfy { !$0.hasPrefix("on") && $0 != "style" && $0 != "src" })
    #expect(page.unicodeScalars.allSatisfy { !$0.isActive || $0 == "\n" })
  }

  @Test func `nothing is loaded and the policy forbids it`() throws {
    let page = Self.page(try SampleComparison.standard())
    for loading in [
      "http:", "https:", "src=", "url(", "@import", "<link", "<script", "javascript:",
    ] {
      #expect(!page.contains(loading), "the page has \(loading)")
    }
    #expect(page.contains("default-src &#39;none&#39;; style-src &#39;sha256-"))
  }

  @Test func `the policy names the hash of the style that stands in the page`() throws {
    let page = Self.page(try SampleComparison.standard())
    let start = try #require(page.firstRange(of: "<style>")).upperBound
    let end = try #require(page.firstRange(of: "</style>")).lowerBound
    var hash = SHA256()
    hash.update(page[start..<end].utf8)
    #expect(page.contains("sha256-\(Data(hash.digest).base64EncodedString())"))
    #expect(!page[start..<end].contains { "<>&".contains($0) })
  }

  @Test func `the question, the answer and the origin are there`() throws {
    let page = Self.page(try SampleComparison.standard())
    #expect(page.contains("<h1>Which boards run mobile-net and tiny-net within 20 ms?</h1>"))
    #expect(page.contains("Cheapest that will do"))
    #expect(page.contains("abc123") && page.contains("2026-01-01"))
    #expect(page.contains("invented: taken from a similar part"))
  }

  @Test func `every link leads to a place in the page`() throws {
    let outline = try #require(PageOutline(Self.page(try SampleComparison.standard())))
    #expect(outline.targets.count == 12)
    #expect(Set(outline.targets).isSubset(of: outline.identifiers))
    #expect(outline.identifiers.count == Set(outline.identifiers).count)
  }

  @Test func `charts have only finite coordinates and say what they show`() throws {
    let outline = try #require(PageOutline(Self.page(try SampleComparison.standard())))
    #expect(outline.coordinates.count > 1000)
    let broken = outline.coordinates.filter { $0.contains("nan") || $0.contains("inf") }
    #expect(broken.isEmpty)
    #expect(outline.labels.contains("Roofline") && outline.labels.contains("Activations in memory"))
  }

  @Test func `many boards and models stay one page of moderate size`() throws {
    let models = try (0..<4).map {
      SampleComparison.model("mobile-\($0)", try SampleComparison.mobileNetwork())
    }
    let comparison = try SampleComparison.compare(
      models, catalog: SampleBoards.catalog(copies: 5))
    let page = Self.page(comparison)
    #expect(page.utf8.count < 1_500_000)
    #expect(page.contains("more in the table only"))
    #expect(comparison.entries.flatMap(\.candidates).count == 120)
  }

  @Test func `a comparison without candidates, deadline or time is still a page`() throws {
    let workload = try SampleComparison.tinyNetwork()
    let empty = Comparison.Entry(
      model: SampleComparison.model("none", workload), candidates: [],
      refusals: [.init(deployment: "a/b", reason: "no kernels")])
    let page = Self.page(Comparison(requirements: Requirements(), entries: [empty]))
    #expect(PageOutline(page) != nil)
    #expect(page.contains("None of 1 deployment fit") && page.contains("no kernels"))
    #expect(PageOutline(Self.page(Comparison(requirements: Requirements(), entries: []))) != nil)
  }
}

/// What a parser of XML finds in a page; `nil` when it is not well-formed.
final class PageOutline: NSObject, XMLParserDelegate {
  private(set) var elements: Set<String> = []
  private(set) var attributes: Set<String> = []
  private(set) var identifiers: [String] = []
  private(set) var targets: [String] = []
  private(set) var coordinates: [String] = []
  private(set) var labels: Set<String> = []

  init?(_ page: String) {
    super.init()
    let parser = XMLParser(data: Data(page.utf8))
    parser.delegate = self
    guard parser.parse() else { return nil }
  }

  func parser(
    _ parser: XMLParser, didStartElement element: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    elements.insert(element)
    self.attributes.formUnion(attributes.keys)
    if let id = attributes["id"] { identifiers.append(id) }
    if let target = attributes["href"] { targets.append(String(target.dropFirst())) }
    if let label = attributes["aria-label"] { labels.insert(label) }
    coordinates += ["d", "x", "y", "cx", "cy", "r", "width", "height", "transform"]
      .compactMap { attributes[$0] }
  }
}
