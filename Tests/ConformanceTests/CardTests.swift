import Foundation
import ModelIR
import ModelImport
import Quantities
import Testing

/// Parameters and multiply-accumulates of every bundled graph against its card, whose figures
/// `ModelGraphs/check.py` counts from the file alone.
@Suite struct CardTests {
  static let models = TestFiles.files(
    under: TestFiles.root.appendingPathComponent("ModelGraphs"), suffix: "card.yaml"
  ).map { $0.deletingLastPathComponent().lastPathComponent }

  private func card(_ model: String) throws -> [String: Int] {
    let file = TestFiles.root.appendingPathComponent("ModelGraphs/\(model)/card.yaml")
    var numbers: [String: Int] = [:]
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
      guard parts.count == 2, !line.hasPrefix(" ") else { continue }
      numbers[parts[0]] = Int(parts[1].trimmingCharacters(in: .whitespaces))
    }
    return numbers
  }

  @Test(arguments: models)
  func `counts equal the card`(model: String) throws {
    let file = TestFiles.root.appendingPathComponent("ModelGraphs/\(model)/\(model).onnx")
    let workload = try importModel(at: file.path).graph.inferred().workload()
    let card = try card(model)
    #expect(workload.macs.rawValue == card["macs"])
    // Running statistics are stored too, but are no parameters.
    #expect(
      workload.parameterCount == (card["parameters"] ?? 0) + (card["running_statistics"] ?? 0))
    #expect(workload.unknownSteps.isEmpty)
  }

  @Test func `every bundled graph has a card`() { #expect(Self.models.count >= 13) }
}
