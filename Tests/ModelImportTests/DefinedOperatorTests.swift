import ModelIR
import Quantities
import TensorTypes
import TestSupport
import Testing

@testable import ModelImport

/// Operators that are brought in by what defines them.
@Suite struct DefinedOperatorTests {
  typealias File = ONNXFile

  private func graph(
    _ node: File.NodePart, _ inputs: [File.ValuePart], opsets: [(String, Int)] = [("", 23)]
  ) throws(ImportError) -> Graph {
    try GraphBuilderTests.imported(
      File(
        File.GraphPart([node], inputs: inputs, outputs: node.outputs.map { File.ValuePart($0) }),
        opsets: opsets)
    ).graph
  }

  private func flex(_ attributes: [File.Attribute] = []) -> File.NodePart {
    File.NodePart(
      "FlexAttention", ["q", "k", "v"], ["y"], name: "flex", domain: "ai.onnx.preview",
      attributes: attributes)
  }

  private func flexGraph(
    queryHeads: Int = 4, keyHeads: Int = 2, _ attributes: [File.Attribute] = []
  ) throws(ImportError) -> Graph {
    try graph(
      flex(attributes),
      [
        File.ValuePart("q", [2, queryHeads, 6, 8]), File.ValuePart("k", [2, keyHeads, 5, 8]),
        File.ValuePart("v", [2, keyHeads, 5, 3]), File.ValuePart("bias", [6, 5]),
      ])
  }

  @Test func `flexible attention is the products and the softmax that define it`() throws {
    let inferred = try flexGraph().inferred()
    let result = inferred.graph[inferred.graph.outputs[0]]
    #expect(result.name == "y")
    #expect(result.type == TensorType(.float32, [2, 4, 6, 3]))
    // Scores over 8 elements, results over 5 keys, for 2 · 4 · 6 queries.
    #expect(inferred.workload().macs == MACs(2 * 4 * 6 * 5 * 8 + 2 * 4 * 6 * 3 * 5))
    #expect(inferred.graph.nodes.allSatisfy { $0.name.hasPrefix("flex/") })
    // Operands of single precision need no cast.
    #expect(!inferred.graph.nodes.contains { $0.op.kind == .castLike })
  }

  @Test func `a graph of flexible attention stands inline and sees the names around the node`()
    throws
  {
    let modifier = File.GraphPart(
      [File.NodePart("Add", ["s", "bias"], ["t"], name: "add")],
      inputs: [File.ValuePart("s", [nil, nil, nil, nil])], outputs: [File.ValuePart("t")])
    let graph = try flexGraph([File.Attribute("score_mod", .graph(modifier))])
    let node = try #require(graph.nodes.first { $0.name == "flex/score_mod/add" })
    #expect(node.inputs.last == graph.inputs[3].value)
    let plain = try flexGraph().inferred().workload().flops
    let scores = 2 * 4 * 6 * 5
    #expect(try graph.inferred().workload().flops == plain + FLOPs(scores))
  }

  @Test func `names of the definition are not seen by the graphs of flexible attention`() {
    let modifier = File.GraphPart(
      [File.NodePart("Add", ["s", "factor"], ["t"], name: "add")],
      inputs: [File.ValuePart("s")], outputs: [File.ValuePart("t")])
    #expect(throws: ImportError.self) {
      try flexGraph([File.Attribute("score_mod", .graph(modifier))])
    }
  }

  @Test func `flexible attention refuses what it cannot mean`() throws {
    // Three heads of queries do not share two of keys, though 3 · 6 rows would.
    #expect(throws: InferenceError.self) { try flexGraph(queryHeads: 3).inferred() }
    let two = File.GraphPart(
      [], inputs: [File.ValuePart("s"), File.ValuePart("t")], outputs: [File.ValuePart("s")])
    #expect(throws: ImportError.self) {
      try flexGraph([File.Attribute("prob_mod", .graph(two))])
    }
    #expect(throws: ImportError.self) { try flexGraph([File.Attribute("prob_mod", .int(1))]) }
    #expect(throws: ImportError.self) {
      try flexGraph([File.Attribute("softmax_precision", .int(7))])
    }
    #expect(throws: ImportError.self) {
      try graph(
        File.NodePart("FlexAttention", ["q", "q"], ["y"], domain: "ai.onnx.preview"),
        [File.ValuePart("q")])
    }
  }

  private func batchedScan(_ inputs: [String]) -> File.NodePart {
    let body = File.GraphPart(
      [
        File.NodePart("Add", ["s", "e"], ["t"]), File.NodePart("Mul", ["t", "w"], ["f"]),
      ], inputs: [File.ValuePart("s"), File.ValuePart("e")],
      outputs: [File.ValuePart("t"), File.ValuePart("f")])
    return File.NodePart(
      "Scan", inputs, ["p", "q"], name: "scan",
      attributes: [
        File.Attribute("body", .graph(body)), File.Attribute("num_scan_inputs", .int(1)),
      ])
  }

  private let scanned = [
    File.ValuePart("l", dataType: 7, [2]), File.ValuePart("x", [2, 4]),
    File.ValuePart("z", [2, 3, 4]), File.ValuePart("w", [4]),
  ]

  @Test func `a scan of operator set 8 scans each item of the batch`() throws {
    let graph = try graph(batchedScan(["", "x", "z"]), scanned, opsets: [("", 8)])
    guard case .scan(let outer) = graph.nodes[0].op,
      case .scan(let inner) = outer.body.body.nodes[0].op
    else {
      Issue.record("\(graph.nodes[0].op)")
      return
    }
    #expect((outer.scanInputCount, inner.scanInputCount) == (2, 1))
    // The states, the scanned input, and what the body captures.
    #expect(graph.nodes[0].inputs == [1, 2, 3].map { Value.ID($0) })
    let inferred = try graph.inferred()
    #expect(
      inferred.graph.outputs.map { inferred.graph[$0].type }
        == [TensorType(.float32, [2, 4]), TensorType(.float32, [2, 3, 4])])
    // An addition and a multiplication for each of 4 elements, 3 times for each of 2 items.
    #expect(inferred.workload().flops == FLOPs(2 * 4 * 3 * 2))
  }

  @Test func `sequence lengths of a scan are not modelled`() throws {
    let graph = try graph(batchedScan(["l", "x", "z"]), scanned, opsets: [("", 8)])
    #expect(graph.nodes[0].op == .opaque(OpaqueOperator(name: "Scan", domain: "")))
  }

  @Test func `whether an optional input is there is known from the file`() throws {
    let function = File.Function(
      "Given", domain: "local", ["a", "b"], ["c"],
      [File.NodePart("OptionalHasElement", ["b"], ["c"])])
    for (inputs, expected) in [(["x"], 0), (["x", "x"], 1)] {
      let graph = try GraphBuilderTests.imported(
        File(
          File.GraphPart(
            [File.NodePart("Given", inputs, ["y"], domain: "local")],
            inputs: [File.ValuePart("x")], outputs: [File.ValuePart("y", dataType: 9, [])]),
          functions: [function], opsets: [("", 18), ("local", 1)])
      ).graph.inferred().graph
      #expect(graph[graph.outputs[0]].literal?.integers == [expected])
    }
  }
}
