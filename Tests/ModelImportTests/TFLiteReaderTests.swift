import ModelIR
import Quantities
import TensorTypes
import TestSupport
import Testing

@testable import ModelImport

@Suite struct TFLiteReaderTests {
  private func imported(_ file: TFLiteFile) throws -> ImportedModel {
    let bytes = file.bytes
    return try importModel(bytes.span, path: "model.tflite")
  }

  private func types(of model: ImportedModel) throws -> [String: String] {
    let graph = try model.graph.inferred().graph
    return Dictionary(
      graph.values.map { ($0.name, $0.type?.description ?? "unknown") },
      uniquingKeysWith: { first, _ in first })
  }

  @Test func `bytes become operators on quantized numbers`() throws {
    let model = try imported(TFLiteSamples.quantized)
    #expect(model.warnings == [])
    #expect(model.producer == "made for a test")
    #expect(
      model.graph.nodes.compactMap(\.op.kind) == [
        .qLinearConv, .qLinearConv, .clip, .qLinearAdd, .qLinearGlobalAveragePool, .squeeze, .qGemm,
        .qLinearSoftmax,
      ])
    let types = try types(of: model)
    #expect(types["c"] == "int8 1×3×3×4")
    #expect(types["g"] == "int8 1×3×3×4")
    #expect(types["h"] == "int8 1×4")
    #expect(types["y"] == "int8 1×3")
    // 9·4·18 + 9·4·9 + 3·4
    #expect(try model.graph.inferred().workload().macs == MACs(648 + 324 + 12))
  }

  /// RELU of a result whose zero stands inside the dtype's range cuts off the numbers below it.
  @Test func `an activation bounds the stored numbers`() throws {
    var file = TFLiteSamples.quantized
    file.subgraphs[0].tensors[3].zeroPoints = [-100]
    let nodes = try imported(file).graph.nodes
    #expect(nodes[0].name == "CONV_2D_0")
    #expect(nodes[1].name == "CONV_2D_0/activation")
    #expect(nodes[1].op == .elementwise(Elementwise(.clip(min: -100, max: 127))))
  }

  @Test func `branches, calls and loops become control flow`() throws {
    let model = try imported(TFLiteSamples.branching)
    #expect(model.warnings == [])
    #expect(
      model.graph.nodes.compactMap(\.op.kind) == [
        .if, .identity, .tanh, .identity, .identity, .identity, .less, .loop,
      ])
    let types = try types(of: model)
    #expect(types["y"] == "float32 2×3")
    #expect(types["m"] == "int32 scalar")
    let workload = try model.graph.inferred(InferenceOptions(tripCount: 5)).workload()
    #expect(workload.unknownSteps == [])
    #expect(workload.steps.first { $0.op.kind == .add }?.repetitions == 5)
  }

  @Test func `constants of integers steer the operators that move elements`() throws {
    let model = try imported(TFLiteSamples.shapes)
    #expect(model.warnings == [])
    let types = try types(of: model)
    for (name, shape) in [
      ("a", "1×2×2×2"), ("b", "1×4×4×2"), ("c", "1×8×8×2"), ("d", "4×4×4×2"), ("e", "1×8×8×2"),
      ("f", "1×8×8×1"), ("h", "2×1×8×8×1"), ("i", "1×8×8"), ("y", "2×32"), ("z", "1×16×16×1"),
    ] {
      #expect(types[name] == "float32 \(shape)", "\(name)")
    }
  }

  @Test func `constants behind the tables are the same`() throws {
    var file = TFLiteSamples.quantized
    let inline = try imported(file)
    file.hasLargeBuffers = true
    let behind = try imported(file)
    #expect(inline.graph.values.map(\.literal) == behind.graph.values.map(\.literal))
    #expect(inline.graph.values.map(\.type) == behind.graph.values.map(\.type))
    #expect(behind.graph.values.contains { $0.literal?.integers == [10, -20, 30, -40] })
  }

  @Test func `a custom operator is opaque and keeps the declared type`() throws {
    var custom = TFLiteFile.Operator(32, [0], [1])
    custom.customCode = "Unheard_Of"
    let file = TFLiteFile([
      TFLiteFile.Subgraph(
        [.init("x", [2, 3]), .init("y", [4]), .init("z", [4])], inputs: [0], outputs: [2],
        [custom, .init(19, [1], [2])])
    ])
    let model = try imported(file)
    #expect(
      model.warnings == [
        "operator custom::Unheard_Of is not modelled: the work of node "
          + "'Unheard_Of_0' is unknown"
      ])
    #expect(try types(of: model)["z"] == "float32 4")
  }

  @Test(arguments: [
    (118, [1, 0], "refers to subgraph 7, but the model has 1"),
    (31, [0], "refers to subgraph 7, but the model has 1"),
  ])
  func `a subgraph that is not there is named`(code: Int, inputs: [Int], text: String) {
    let file = TFLiteFile([
      TFLiteFile.Subgraph(
        [.init("x", [2]), .init("k", [], type: 6), .init("y", [2])], inputs: [0, 1],
        outputs: [2], [.init(code, inputs, [2], options: [.int(7), .int(7)])])
    ])
    let error = #expect(throws: ImportError.self) { try imported(file) }
    #expect(error?.description.contains(text) == true)
  }

  @Test func `a subgraph that calls itself is refused`() {
    let file = TFLiteFile([
      TFLiteFile.Subgraph(
        [.init("x", [2]), .init("y", [2])], inputs: [0], outputs: [1],
        [.init(31, [0], [1], options: [.int(0)])])
    ])
    let error = #expect(throws: ImportError.self) { try imported(file) }
    #expect(error?.description.contains("calls itself") == true)
  }

  /// Each subgraph calls the next one many times: a few kilobytes would be 8²⁰ nodes.
  @Test func `calls that multiply are bounded`() {
    let depth = 20
    let subgraphs = (0..<depth).map { index in
      let tensors = (0...8).map { TFLiteFile.Tensor("t\($0)", [2]) }
      let last = index == depth - 1
      return TFLiteFile.Subgraph(
        tensors, inputs: [0], outputs: [8],
        (0..<8).map { .init(last ? 28 : 31, [$0], [$0 + 1], options: [.int(index + 1)]) })
    }
    let error = #expect(throws: ImportError.self) { try imported(TFLiteFile(subgraphs)) }
    #expect(error?.description.contains("more than 500000 nodes") == true)
  }

  @Test func `several scales belong to an axis`() {
    var file = TFLiteSamples.quantized
    file.subgraphs[0].tensors[1].axis = 1
    let error = #expect(throws: ImportError.self) { try imported(file) }
    let text = "tensor 'w' has 4 scales for axis 1 of [4, 3, 3, 2]"
    #expect(error?.description.contains(text) == true)
  }

  @Test func `a buffer has the size of its tensor`() {
    var file = TFLiteSamples.quantized
    file.subgraphs[0].tensors[2].data?.removeLast()
    let error = #expect(throws: ImportError.self) { try imported(file) }
    #expect(
      error?.description.contains("tensor 'b' should have 16 bytes of data by its type, found 15")
        == true)
  }
}
