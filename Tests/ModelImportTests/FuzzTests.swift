import Foundation
import ModelIR
import Platform
import Quantities
import TestSupport
import Testing

@testable import ModelImport

/// Damaged files are refused or understood; nothing traps, whatever the bytes.
@Suite struct FuzzTests {
  static let models = [
    "formats/samples/onnx-quant/tinycnn_dynamic.onnx",
    "formats/samples/onnx-quant/tinycnn_qdq_int8_perchannel.onnx",
    "formats/samples/onnx-quant/tinycnn_qoperator_int8.onnx",
  ]
  /// BOARDFIT_FUZZ_ROUNDS=100000 before a release; fewer in everyday runs.
  static let rounds =
    ProcessInfo.processInfo.environment["BOARDFIT_FUZZ_ROUNDS"].flatMap(Int.init) ?? 20_000

  /// What damaged bytes go through; later stages are added to `next`.
  struct Stages {
    var accepted = 0
    var refused = 0
    var flattened = 0
    /// Runs on every model that is still understood; the result is its arithmetic.
    var next: (ImportedModel) throws -> MACs = { try $0.graph.inferred().workload().macs }

    mutating func run(_ bytes: [UInt8]) {
      do throws(ImportError) {
        let model = try importModel(bytes.span, path: "fuzz.onnx")
        accepted += 1
        if let macs = try? next(model), macs >= .zero { flattened += 1 }
      } catch {
        refused += 1
      }
    }
  }

  @Test(arguments: models)
  func `every prefix of a model is refused or understood`(name: String) throws {
    let bytes = try SharedFiles.bytes(name)
    var stages = Stages()
    for count in bytes.indices { stages.run(Array(bytes.prefix(count))) }
    #expect(stages.accepted + stages.refused == bytes.count)
    // Few fields end a file in a way that leaves all of the graph.
    #expect(stages.refused > bytes.count * 9 / 10)
    stages.run(bytes)
    #expect(stages.flattened > 0)
  }

  @Test(arguments: models)
  func `flipped bytes are refused or understood`(name: String) throws {
    try flip(try SharedFiles.bytes(name), rounds: Self.rounds / (Self.models.count + 1))
  }

  @Test func `flipped bytes of functions and subgraphs are refused or understood`() throws {
    try flip(Self.nested.bytes, rounds: Self.rounds / (Self.models.count + 1))
  }

  private func flip(_ bytes: [UInt8], rounds: Int) throws {
    var generator = SeededGenerator(seed: 2026)
    var stages = Stages()
    for _ in 0..<max(rounds, 100) {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: damaged.indices, using: &generator)
        damaged[place] = UInt8.random(in: 0...255, using: &generator)
      }
      stages.run(damaged)
    }
    #expect(stages.accepted > 0)
    #expect(stages.refused > 0)
    #expect(stages.flattened > 0)
  }

  /// A function whose body branches, called from a loop, which captures.
  private static var nested: ONNXFile {
    typealias Node = ONNXFile.NodePart
    typealias Value = ONNXFile.ValuePart
    let branch = ONNXFile.GraphPart(
      [Node("Softmax", ["a"], ["o"], attributes: [.init("axis", .reference("axis", type: 2))])],
      outputs: [Value("o")])
    let function = ONNXFile.Function(
      "F", domain: "local", ["k", "a"], ["r"],
      [
        Node(
          "If", ["k"], ["r"],
          attributes: [.init("then_branch", .graph(branch)), .init("else_branch", .graph(branch))])
      ])
    let body = ONNXFile.GraphPart(
      [
        Node(
          "F", ["k", "v"], ["w"], domain: "local", attributes: [.init("axis", .int(1))]),
        Node("Softmax", ["x"], ["s"]),
      ],
      inputs: [Value("i", dataType: 7, []), Value("k", dataType: 9, []), Value("v")],
      outputs: [Value("k"), Value("w"), Value("s")])
    let graph = ONNXFile.GraphPart(
      [Node("Loop", ["", "", "x"], ["y", "z"], attributes: [.init("body", .graph(body))])],
      inputs: [Value("x")], outputs: [Value("y"), Value("z")],
      initializers: [ONNXFile.Tensor("shape", ints: [1, 2, 3])])
    return ONNXFile(graph, functions: [function], opsets: [("", 17), ("local", 1)])
  }
}
