import ModelIR
import TensorTypes
import TestSupport
import Testing

@testable import ModelImport

@Suite struct FunctionTests {
  typealias File = ONNXFile

  private func imported(
    _ nodes: [File.NodePart], _ functions: [File.Function]
  ) throws(ImportError) -> Graph {
    let part = File.GraphPart(
      nodes, inputs: [File.ValuePart("x")], outputs: [File.ValuePart("y")])
    return try GraphBuilderTests.imported(
      File(part, functions: functions, opsets: [("", 17), ("local", 1)])
    ).graph
  }

  private func failure(_ nodes: [File.NodePart], _ functions: [File.Function]) -> GraphError? {
    do throws(ImportError) {
      _ = try imported(nodes, functions)
    } catch {
      if case .graph(let error) = error.cause { return error }
    }
    return nil
  }

  @Test func `a function is expanded where it is called`() throws {
    let function = File.Function(
      "Twice", domain: "local", ["a", "unused"], ["b"],
      [
        File.NodePart(
          "Softmax", ["a"], ["t"], name: "one",
          attributes: [File.Attribute("axis", .reference("axis", type: 2))]),
        File.NodePart(
          "Softmax", ["t"], ["b"], attributes: [File.Attribute("axis", .reference("no", type: 2))]),
      ])
    let graph = try imported(
      [
        File.NodePart(
          "Twice", ["x"], ["m"], name: "call", domain: "local",
          attributes: [File.Attribute("axis", .int(0))]),
        File.NodePart("Twice", ["m", "x"], ["y"], domain: "local"),
      ], [function])
    #expect(
      graph.nodes.map(\.name) == [
        "call/one", "call/Softmax_1", "Twice_1/one", "Twice_1/Softmax_1",
      ])
    #expect(graph.values.map(\.name) == ["x", "call/t", "m", "Twice_1/t", "y"])
    #expect(graph.nodes.map(\.inputs) == [[0], [1], [2], [3]].map { $0.map(Value.ID.init) })
    let axes = graph.nodes.map { node -> Int? in
      if case .softmax(let softmax) = node.op { softmax.axis } else { nil }
    }
    #expect(axes == [0, -1, -1, -1])
  }

  @Test func `functions call functions, and hand inputs through`() throws {
    let inner = File.Function("Same", domain: "local", ["a"], ["a"], [])
    let outer = File.Function(
      "Outer", domain: "local", ["p"], ["r"],
      [
        File.NodePart("Same", ["p"], ["q"], name: "i", domain: "local"),
        File.NodePart("Softmax", ["q"], ["r"], name: "s"),
      ])
    let graph = try imported(
      [File.NodePart("Outer", ["x"], ["y"], name: "o", domain: "local")], [inner, outer])
    #expect(graph.nodes.map(\.name) == ["o/s"])
    #expect(graph.nodes[0].inputs == [Value.ID(0)])
    #expect(graph.values.map(\.name) == ["x", "y"])
  }

  @Test func `a function does not see its caller's names`() {
    let function = File.Function(
      "F", domain: "local", ["a"], ["b"], [File.NodePart("Softmax", ["x"], ["b"], name: "s")])
    #expect(
      failure([File.NodePart("F", ["x"], ["y"], name: "f", domain: "local")], [function])
        == GraphError(node: "f/s", .undefinedInput(value: "x")))
  }

  @Test func `an operator of the format is not expanded`() throws {
    let function = File.Function(
      "Softmax", domain: "", ["a"], ["b"], [File.NodePart("Foo", ["a"], ["b"])])
    let graph = try imported([File.NodePart("Softmax", ["x"], ["y"])], [function])
    #expect(graph.nodes.map(\.op.name) == ["Softmax"])
  }

  @Test func `recursion is refused`() {
    let a = File.Function(
      "A", domain: "local", ["a"], ["b"], [File.NodePart("B", ["a"], ["b"], domain: "local")])
    let b = File.Function(
      "B", domain: "local", ["a"], ["b"], [File.NodePart("A", ["a"], ["b"], domain: "local")])
    #expect(
      failure([File.NodePart("A", ["x"], ["y"], domain: "local")], [a, b])?.reason
        == .recursiveFunction(name: "A"))
  }

  /// Each function calls the next one twice: 2^40 nodes from 40 functions.
  @Test func `an expansion bomb is refused before it fills the memory`() {
    let functions = (0..<40).map { level in
      File.Function(
        "F\(level)", domain: "local", ["a"], ["c"],
        [
          File.NodePart("F\(level + 1)", ["a"], ["b"], domain: "local"),
          File.NodePart("F\(level + 1)", ["b"], ["c"], domain: "local"),
        ])
    }
    let last = File.Function("F40", domain: "local", ["a"], ["a"], [])
    #expect(
      failure([File.NodePart("F0", ["x"], ["y"], domain: "local")], functions + [last])?.reason
        == .expansionTooLarge(limit: 2_000_000))
  }

  @Test func `functions are nested to a limit`() {
    let functions = (0..<70).map { level in
      File.Function(
        "F\(level)", domain: "local", ["a"], ["b"],
        [File.NodePart("F\(level + 1)", ["a"], ["b"], domain: "local")])
    }
    #expect(
      failure([File.NodePart("F0", ["x"], ["y"], domain: "local")], functions)?.reason
        == .nestedTooDeeply(limit: 64))
  }

  @Test func `a call suits the function's arguments and results`() {
    let function = File.Function("F", domain: "local", ["a"], ["b"], [])
    #expect(
      failure([File.NodePart("F", ["x", "x"], ["y"], domain: "local")], [function])?.reason
        == .tooManyArguments(function: "F", expected: 1, actual: 2))
    #expect(
      failure([File.NodePart("F", ["x"], ["y"], domain: "local")], [function])?.reason
        == .undefinedOutput(value: "b"))
    #expect(
      failure([], [function, function])?.reason == .duplicateFunction(name: "F"))
  }
}
