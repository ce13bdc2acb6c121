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

  /// Elements of stored tables that are no parameters.
  private static let fixedTables = [
    // Rotary frequencies: half of a head's 64.
    "decoder-1b-prefill": 32, "decoder-1b-decode": 32,
    // 8400 anchor points of two coordinates, their strides, and the factors of the upsampling.
    "yolov8n-640": 2 * 8400 + 8400 + 4,
  ]

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
    let inferred = try importModel(at: file.path).graph.inferred()
    let workload = inferred.workload()
    let card = try card(model)
    #expect(workload.macs.rawValue == card["macs"])
    // Stored too, but not learned: running statistics, and tables that the architecture fixes.
    let stored = (card["running_statistics"] ?? 0) + (Self.fixedTables[model] ?? 0)
    #expect(inferred.parameterCount == (card["parameters"] ?? 0) + stored)
    #expect(workload.unknownSteps.isEmpty)
  }

  @Test func `every bundled graph has a card`() { #expect(Self.models.count >= 13) }
}
