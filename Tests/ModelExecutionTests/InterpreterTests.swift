import ModelIR
import ModelImport
import ReferenceExecutor
import TensorTypes
import TestSupport
import Testing

@Suite struct InterpreterTests {
  typealias File = ONNXFile

  private func add(_ left: [Int?], _ right: [Int?], dataType: Int = 1) -> File.GraphPart {
    File.GraphPart(
      [File.NodePart("Add", ["x", "z"], ["y"], name: "add")],
      inputs: [
        File.ValuePart("x", dataType: dataType, left),
        File.ValuePart("z", dataType: dataType, right),
      ],
      outputs: [File.ValuePart("y", dataType: dataType, left)])
  }

  @Test func `64-bit integers are exact, and wrap`() throws {
    let large = 9_007_199_254_740_993  // 2⁵³ + 1
    func whole(_ values: [Int]) -> Tensor {
      unsafe Tensor(TensorType(.int64, [values.count])) { bytes in
        for (index, value) in values.enumerated() {
          unsafe bytes.storeBytes(of: value, toByteOffset: 8 * index, as: Int.self)
        }
      }
    }
    let results = try outputs(
      of: add([3], [3], dataType: 7), [whole([large, .max, -1]), whole([0, 1, .min])])
    let sums = unsafe results[0].withUnsafeBytes { bytes in
      (0..<3).map { unsafe bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Int.self) }
    }
    #expect(sums == [large, .min, .max])
  }

  @Test func `what is no number and what has no elements are data like others`() throws {
    let results = try outputs(
      of: add([nil], [nil]), [floats([2], [.nan, .infinity]), floats([2], [1, -.infinity])])
    for number in results[0].numbers { #expect(number.isNaN) }
    let nothing = try outputs(of: add([nil], [nil]), [floats([0], []), floats([1], [1])])
    #expect(nothing[0].type == TensorType(.float32, [0]))
  }

  private static let wrongInputs: [([Tensor], ExecutionError)] = [
    ([floats([2], [1, 2])], .missingInput(name: "z", type: "float32 2")),
    (
      [floats([2], [1, 2]), floats([3], [1, 2, 3])],
      .wrongInput(name: "z", expected: "float32 2", found: "float32 3")
    ),
    (
      [floats([2], [1, 2]), tensor(.float64, [2], [1, 2])],
      .wrongInput(name: "z", expected: "float32 2", found: "float64 2")
    ),
    (
      Array(repeating: floats([2], [1, 2]), count: 3),
      .unknownInput(name: "number 3", known: ["x", "z"])
    ),
  ]

  @Test(arguments: wrongInputs)
  func `inputs are checked against the graph's`(inputs: [Tensor], expected: ExecutionError) throws {
    #expect(throws: expected) { try outputs(of: add([2], [2]), inputs) }
  }

  @Test func `a node that its inputs do not suit is named`() throws {
    let error = #expect(throws: ExecutionError.self) {
      try outputs(of: add([nil], [nil]), [floats([2], [1, 2]), floats([3], [1, 2, 3])])
    }
    #expect(error?.description == "node 'add' (Add): shapes [2] and [3] do not broadcast")
  }

  @Test func `an operator nobody models is refused before a run`() throws {
    let graph = File.GraphPart(
      [File.NodePart("Mystery", ["x"], ["y"], name: "m", domain: "there")],
      inputs: [File.ValuePart("x", [2])], outputs: [File.ValuePart("y", [2])])
    #expect(
      throws: ExecutionError.notExecutable(
        node: "m", operatorName: "there::Mystery", reason: "has no kernel")
    ) { try outputs(of: graph, [floats([2], [1, 2])]) }
  }

  @Test func `a model that needs more memory than there is is refused with both figures`() throws {
    let model = try SmallModel(ONNXFile(add([1 << 20], [1 << 20])))
    defer { model.remove() }
    let graph = try model.imported.graph.inferred().graph
    let weights = NoWeights()
    // Three tensors of 2²⁰ numbers: 4 bytes each alive, and 32 each in the kernel.
    let needed = 3 * 36 << 20
    #expect(throws: ExecutionError.tooLarge(needed: needed, available: needed - 1)) {
      _ = try Interpreter(graph, weights: weights, availableBytes: needed - 1)
    }
    _ = try Interpreter(graph, weights: weights, availableBytes: needed)
  }

  private struct NoWeights: WeightSource {
    func tensor(of weight: Value) -> Tensor? { nil }
  }
}
