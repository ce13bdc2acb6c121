import ModelIR
import TensorTypes
import TestSupport
import Testing

@testable import ModelImport

@Suite struct ControlFlowTests {
  typealias File = ONNXFile

  private let condition = File.ValuePart("c", dataType: 9, [])

  private func softmax(_ input: String, _ output: String) -> File.NodePart {
    File.NodePart("Softmax", [input], [output])
  }

  private func branch(_ nodes: [File.NodePart], _ output: String) -> File.Attribute.Value {
    .graph(File.GraphPart(nodes, outputs: [File.ValuePart(output)]))
  }

  private func conditional(
    _ thenBranch: File.Attribute.Value, _ elseBranch: File.Attribute.Value, output: String = "y"
  ) -> File.NodePart {
    File.NodePart(
      "If", ["c"], [output], name: "if",
      attributes: [
        File.Attribute("then_branch", thenBranch), File.Attribute("else_branch", elseBranch),
      ])
  }

  private func graph(_ nodes: [File.NodePart], weights: [File.Tensor] = []) throws(ImportError)
    -> Graph
  {
    try GraphBuilderTests.imported(
      File(
        File.GraphPart(
          nodes, inputs: [condition, File.ValuePart("x"), File.ValuePart("z")],
          initializers: weights))
    ).graph
  }

  private func reason(_ nodes: [File.NodePart]) -> GraphError.Reason? {
    do throws(ImportError) {
      _ = try graph(nodes)
    } catch {
      if case .graph(let error) = error.cause { return error.reason }
    }
    return nil
  }

  @Test func `branches capture what they use, in order`() throws {
    let node = conditional(
      branch([softmax("z", "a"), softmax("x", "b"), softmax("z", "o")], "o"),
      branch([softmax("w", "o")], "o"))
    let graph = try graph([node], weights: [File.Tensor("w", ints: [5])])
    #expect(graph.nodes[0].inputs == [0, 2, 1, 3].map { Value.ID($0) })
    guard case .conditional(let conditional) = graph.nodes[0].op else {
      Issue.record("\(graph.nodes[0].op)")
      return
    }
    let then = conditional.thenBranch
    #expect(then.captures.map { then.body[$0].name } == ["z", "x"])
    #expect(then.captures.map { then.body[$0].origin } == [.captured, .captured])
    #expect(then.body.outputs.map { then.body[$0].name } == ["o"])
    #expect(then.body.nodes.map(\.name) == ["Softmax_0", "Softmax_1", "Softmax_2"])
    let weight = conditional.elseBranch.body[conditional.elseBranch.captures[0]]
    #expect(weight.isConstant)
    #expect(weight.literal?.integers == [5])
    #expect(weight.type == TensorType(.int64, [1]))
  }

  @Test func `a capture goes through every graph in between`() throws {
    let inner = conditional(branch([softmax("x", "o")], "o"), branch([], "z"), output: "i")
    let graph = try graph([conditional(branch([inner], "i"), branch([], "x"))])
    #expect(graph.nodes[0].inputs == [0, 0, 1, 2, 1].map { Value.ID($0) })
    guard case .conditional(let outer) = graph.nodes[0].op,
      let node = outer.thenBranch.body.nodes.first, case .conditional(let inner) = node.op
    else {
      Issue.record("\(graph.nodes[0].op)")
      return
    }
    let body = outer.thenBranch.body
    #expect(outer.thenBranch.captures.map { body[$0].name } == ["c", "x", "z"])
    #expect(node.inputs.map { $0.map { body[$0].name } } == ["c", "x", "z"])
    #expect(inner.elseBranch.body.outputs == inner.elseBranch.captures)
    #expect(outer.elseBranch.captures.count == 1)
  }

  @Test func `a name of a subgraph may hide one outside`() throws {
    let graph = try graph(
      [conditional(branch([File.NodePart("Foo", [], ["x"])], "x"), branch([], "x"))])
    #expect(graph.nodes[0].inputs == [Value.ID(0), Value.ID(1)])
  }

  @Test func `a loop has its count, its condition, its values, then its captures`() throws {
    let body = File.GraphPart(
      [softmax("v", "w"), softmax("x", "s"), File.NodePart("Foo", ["k"], ["k2"])],
      inputs: [
        File.ValuePart("i", dataType: 7, []), File.ValuePart("k", dataType: 0, []),
        File.ValuePart("v"),
      ],
      outputs: [File.ValuePart("k2"), File.ValuePart("w"), File.ValuePart("s")])
    let graph = try graph(
      [
        File.NodePart(
          "Loop", ["", "", "z"], ["last", "stacked"],
          attributes: [File.Attribute("body", .graph(body))])
      ])
    #expect(graph.nodes[0].inputs == [nil, nil, Value.ID(2), Value.ID(1)])
    guard case .loop(let loop) = graph.nodes[0].op else {
      Issue.record("\(graph.nodes[0].op)")
      return
    }
    #expect(loop.tripCount == nil)
    #expect(loop.body.body.inputs.map(\.dtype) == [.int64, nil, .float32])
    #expect(loop.body.body.outputs.count == 3)
  }

  @Test func `a scan states its axes or gets zeros`() throws {
    let body = File.GraphPart(
      [softmax("s", "t"), softmax("e", "f")], inputs: [File.ValuePart("s"), File.ValuePart("e")],
      outputs: [File.ValuePart("t"), File.ValuePart("f")])
    func scan(_ extra: [File.Attribute]) -> File.NodePart {
      File.NodePart(
        "Scan", ["x", "z"], ["p", "q"],
        attributes: [
          File.Attribute("body", .graph(body)), File.Attribute("num_scan_inputs", .int(1)),
        ] + extra)
    }
    let plain = try graph([scan([])]).nodes[0]
    let axis = try graph([scan([File.Attribute("scan_input_axes", .ints([-2]))])]).nodes[0]
    guard case .scan(let first) = plain.op, case .scan(let second) = axis.op else {
      Issue.record("\(plain.op) \(axis.op)")
      return
    }
    #expect(first.scanInputCount == 1)
    #expect(first.scanInputAxes == [0])
    #expect(first.scanOutputAxes == [0])
    #expect(second.scanInputAxes == [-2])
    #expect(throws: ImportError.self) {
      try graph([scan([File.Attribute("scan_input_axes", .ints([0, 1]))])])
    }
    #expect(throws: ImportError.self) {
      try graph([scan([File.Attribute("num_scan_inputs", .int(3))])])
    }
  }

  @Test func `bodies suit their nodes`() {
    let none = branch([], "x")
    var node = conditional(none, none)
    node.outputs = ["y", "more"]
    #expect(
      reason([node]) == .bodyMismatch(what: "outputs of a branch", expected: 2, actual: 1))
    node = conditional(none, none)
    node.inputs = ["c", "x"]
    #expect(reason([node]) == .bodyMismatch(what: "inputs of If", expected: 1, actual: 2))
    let empty = File.Attribute("body", .graph(File.GraphPart([])))
    #expect(
      reason([File.NodePart("Loop", ["x"], [], attributes: [empty])])
        == .bodyMismatch(what: "inputs of the loop body", expected: 2, actual: 0))
  }

  @Test func `a subgraph inside a function sees the function's names`() throws {
    let function = File.Function(
      "F", domain: "local", ["k", "a"], ["r"],
      [
        File.NodePart(
          "If", ["k"], ["r"], name: "if",
          attributes: [
            File.Attribute("then_branch", branch([softmax("a", "o")], "o")),
            File.Attribute("else_branch", branch([], "a")),
          ])
      ])
    let graph = try GraphBuilderTests.imported(
      File(
        File.GraphPart(
          [File.NodePart("F", ["c", "x"], ["y"], name: "f", domain: "local")],
          inputs: [condition, File.ValuePart("x")], outputs: [File.ValuePart("y")]),
        functions: [function], opsets: [("", 17), ("local", 1)])
    ).graph
    #expect(graph.nodes[0].name == "f/if")
    #expect(graph.nodes[0].inputs == [0, 1, 1].map { Value.ID($0) })
    guard case .conditional(let conditional) = graph.nodes[0].op else {
      Issue.record("\(graph.nodes[0].op)")
      return
    }
    #expect(conditional.thenBranch.body.nodes[0].name == "f/Softmax_0")
    #expect(conditional.thenBranch.body.values.map(\.name) == ["x", "f/o"])
  }
}
