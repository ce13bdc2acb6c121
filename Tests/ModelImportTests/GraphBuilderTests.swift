import ModelIR
import TensorTypes
import TestSupport
import Testing

@testable import ModelImport

@Suite struct GraphBuilderTests {
  typealias File = ONNXFile

  static func imported(_ file: File) throws(ImportError) -> ImportedModel {
    try importModel(file.bytes.span, path: "test.onnx")
  }

  private func graph(_ part: File.GraphPart) throws(ImportError) -> Graph {
    try Self.imported(File(part)).graph
  }

  private func failure(_ part: File.GraphPart) -> GraphError? {
    do throws(ImportError) {
      _ = try graph(part)
    } catch {
      if case .graph(let error) = error.cause { return error }
    }
    return nil
  }

  @Test func `names become identities`() throws {
    let graph = try graph(
      File.GraphPart(
        [
          File.NodePart("Softmax", ["x"], ["a"], name: "first"),
          File.NodePart("Softmax", ["a"], ["y"]),
        ],
        inputs: [File.ValuePart("x", [nil, 4])], outputs: [File.ValuePart("y", [nil, 4])]))
    #expect(graph.values.map(\.name) == ["x", "a", "y"])
    #expect(graph.values.map(\.origin) == [.input, .node(Node.ID(0)), .node(Node.ID(1))])
    #expect(graph.nodes.map(\.name) == ["first", "Softmax_1"])
    #expect(graph.nodes[1].inputs == [Value.ID(1)])
    #expect(graph.outputs == [Value.ID(2)])
    #expect(
      graph.inputs == [
        GraphInput(value: Value.ID(0), dtype: .float32, shape: Shape([.unknown, .fixed(4)]))
      ])
    #expect(graph.values[2].type == nil)
  }

  @Test func `generated names collide with none`() throws {
    let graph = try graph(
      File.GraphPart(
        [
          File.NodePart("Softmax", ["x"], ["a"]), File.NodePart("Softmax", ["x"], ["b"]),
          File.NodePart("Softmax", ["x"], ["c"], name: "Softmax_1"),
        ], inputs: [File.ValuePart("x")]))
    #expect(graph.nodes.map(\.name) == ["Softmax_0", "Softmax_2", "Softmax_1"])
  }

  @Test func `weights listed as inputs are weights`() throws {
    let graph = try graph(
      File.GraphPart(
        [File.NodePart("Softmax", ["w"], ["y"])],
        inputs: [File.ValuePart("x"), File.ValuePart("w", dataType: 7, [2])],
        initializers: [File.Tensor("w", ints: [3, 4])]))
    #expect(graph.inputs.map(\.value) == [Value.ID(0)])
    #expect(graph.values[1].literal?.integers == [3, 4])
    #expect(graph.values[1].origin != .weight(.absent))
  }

  @Test func `every value is defined once`() {
    let twice = File.GraphPart(
      [File.NodePart("Softmax", ["x"], ["y"]), File.NodePart("Softmax", ["x"], ["y"])],
      inputs: [File.ValuePart("x")])
    #expect(failure(twice)?.reason == .duplicateDefinition(value: "y"))
    let weights = File.GraphPart(
      [], initializers: [File.Tensor("w", ints: [1]), File.Tensor("w", ints: [1])])
    #expect(failure(weights)?.reason == .duplicateDefinition(value: "w"))
    let inputs = File.GraphPart([], inputs: [File.ValuePart("x"), File.ValuePart("x")])
    #expect(failure(inputs)?.reason == .duplicateDefinition(value: "x"))
    let overwritten = File.GraphPart(
      [File.NodePart("Softmax", ["x"], ["x"])], inputs: [File.ValuePart("x")])
    #expect(failure(overwritten)?.reason == .duplicateDefinition(value: "x"))
  }

  @Test func `every value is defined before its use`() {
    let missing = File.GraphPart([File.NodePart("Softmax", ["x"], ["y"], name: "n")])
    #expect(failure(missing) == GraphError(node: "n", .undefinedInput(value: "x")))
    let late = File.GraphPart(
      [
        File.NodePart("Softmax", ["b"], ["a"], name: "n"),
        File.NodePart("Softmax", ["a"], ["b"], name: "m"),
      ])
    #expect(failure(late) == GraphError(node: "n", .notSorted(value: "b", producer: "m")))
    let output = File.GraphPart([], outputs: [File.ValuePart("y")])
    #expect(failure(output) == GraphError(.undefinedOutput(value: "y")))
  }

  @Test func `absent inputs and unused outputs keep their places`() throws {
    let graph = try graph(
      File.GraphPart(
        [File.NodePart("Foo", ["x", "", "x"], ["", "y"], domain: "acme")],
        inputs: [File.ValuePart("x")]))
    #expect(graph.nodes[0].inputs == [Value.ID(0), nil, Value.ID(0)])
    #expect(graph.nodes[0].outputs == [nil, Value.ID(1)])
  }

  @Test func `an unknown operator is opaque, named, and believed about its outputs`() throws {
    let model = try Self.imported(
      File(
        File.GraphPart(
          [
            File.NodePart("Foo", ["x"], ["a"], domain: "acme"),
            File.NodePart("Foo", ["a"], ["b"], domain: "acme"),
            File.NodePart("Softmax", ["b"], ["y"]),
          ],
          inputs: [File.ValuePart("x")],
          valueInfo: [
            File.ValuePart("a", [2, 3]), File.ValuePart("b", [nil]), File.ValuePart("y", [5]),
          ])))
    #expect(model.graph.nodes[0].op == .opaque(OpaqueOperator(name: "Foo", domain: "acme")))
    #expect(model.graph.values.map(\.type) == [nil, TensorType(.float32, [2, 3]), nil, nil])
    #expect(
      model.warnings == [
        "operator acme::Foo is not modelled: the work of 2 nodes, the first 'Foo_0' is unknown"
      ])
  }

  @Test func `operator sets are stated and known`() throws {
    let part = File.GraphPart(
      [File.NodePart("Softmax", ["x"], ["y"])], inputs: [File.ValuePart("x")])
    let cause = { (file: File) -> ImportError.Cause? in
      do throws(ImportError) {
        _ = try Self.imported(file)
        return nil
      } catch {
        return error.cause
      }
    }
    #expect(cause(File(part, opsets: [])) == .graph(GraphError(.missingOperatorSet)))
    #expect(
      cause(File(part, opsets: [("com.microsoft", 1)]))
        == .graph(GraphError(node: "Softmax_0", .missingOperatorSet)))
    #expect(cause(File(part, irVersion: 0)) == .graph(GraphError(.missingVersion)))
    let oldest = try Self.imported(File(part, irVersion: 2, opsets: []))
    #expect(oldest.warnings.count == 1)
    #expect(oldest.warnings[0].hasPrefix("operator set 1 is outside of what"))
    let two = try Self.imported(File(part, opsets: [("ai.onnx", 28), ("com.microsoft", 1)]))
    #expect(two.formatSummary == "ONNX, ai.onnx 28, com.microsoft 1")
    #expect(two.warnings == [])
    #expect(two.producer == "test")
  }

  @Test func `a constant too large to be a setting is a stored weight`() throws {
    let data = [UInt8](repeating: 0, count: 5000 * 4)
    let graph = try graph(
      File.GraphPart(
        [
          File.NodePart(
            "Constant", [], ["w"],
            attributes: [
              File.Attribute("value", .tensor(File.Tensor("", [5000]) { $0.data(9, data) }))
            ]),
          File.NodePart("Softmax", ["w"], ["y"]),
        ]))
    #expect(graph.nodes.map(\.name) == ["Softmax_1"])
    #expect(graph.values[0].name == "w")
    #expect(graph.values[0].type == TensorType(.float32, [5000]))
    #expect(graph.values[0].isConstant)
  }

  @Test func `inputs that are no tensors are kept without a dtype`() throws {
    let model = try Self.imported(
      File(File.GraphPart([], inputs: [File.ValuePart("s", dataType: 0, [])])))
    #expect(model.graph.inputs[0].dtype == nil)
    #expect(model.warnings == ["1 inputs have no tensor type: 's'"])
    let wrong = File.GraphPart([], inputs: [File.ValuePart("s", dataType: 99, [])])
    #expect(failure(wrong)?.reason == .unknownDataType(value: "s", number: 99))
  }

  @Test func `a node that its operator does not understand is named`() throws {
    let file = File(
      File.GraphPart(
        [
          File.NodePart(
            "Softmax", ["x"], ["y"], name: "bad",
            attributes: [File.Attribute("axis", .string("last"))])
        ], inputs: [File.ValuePart("x")]))
    let error = #expect(throws: ImportError.self) { try Self.imported(file) }
    #expect(
      error?.description == "test.onnx: node 'bad' (Softmax): attribute 'axis' has the wrong type")
    #expect(error?.place == "node 'bad'")
  }
}
