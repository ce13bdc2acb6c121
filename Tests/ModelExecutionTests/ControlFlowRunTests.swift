import ReferenceExecutor
import TensorTypes
import TestSupport
import Testing

@Suite struct ControlFlowRunTests {
  typealias File = ONNXFile

  private func node(
    _ kind: String, _ inputs: [String], _ outputs: [String], _ attributes: [File.Attribute] = []
  ) -> File.NodePart {
    File.NodePart(kind, inputs, outputs, name: kind.lowercased(), attributes: attributes)
  }

  private let scalar = File.ValuePart("c", dataType: 9, [])

  private static let branches: [(Double, [Double])] = [(1, [4, 6]), (0, [-2, -2])]

  @Test(arguments: branches)
  func `a branch computes with what it captures`(condition: Double, expected: [Double]) throws {
    let branches = [("then_branch", "Add"), ("else_branch", "Sub")].map { name, kind in
      File.Attribute(
        name,
        .graph(
          File.GraphPart([node(kind, ["x", "z"], ["o"])], outputs: [File.ValuePart("o", [2])])))
    }
    let graph = File.GraphPart(
      [node("If", ["c"], ["y"], branches)],
      inputs: [scalar, File.ValuePart("x", [2]), File.ValuePart("z", [2])],
      outputs: [File.ValuePart("y", [2])])
    let results = try outputs(
      of: graph, [tensor(.bool, [], [condition]), floats([2], [1, 2]), floats([2], [3, 4])])
    #expect(results.map(\.numbers) == [expected])
  }

  /// `state = state + x`, and each state stacked, as long as the state is below `limit`.
  private func counting() -> File.GraphPart {
    let body = File.GraphPart(
      [
        node("Add", ["s", "x"], ["t"]), node("Less", ["t", "limit"], ["go"]),
        node("Identity", ["t"], ["each"]),
      ],
      inputs: [
        File.ValuePart("i", dataType: 7, []), File.ValuePart("ongoing", dataType: 9, []),
        File.ValuePart("s", []),
      ],
      outputs: [
        File.ValuePart("go", dataType: 9, []), File.ValuePart("t", []), File.ValuePart("each", []),
      ])
    return File.GraphPart(
      [node("Loop", ["n", "", "start"], ["last", "all"], [File.Attribute("body", .graph(body))])],
      inputs: [
        File.ValuePart("n", dataType: 7, []), File.ValuePart("start", []),
        File.ValuePart("x", []), File.ValuePart("limit", []),
      ],
      outputs: [File.ValuePart("last", []), File.ValuePart("all", [nil])])
  }

  private static let loops: [(Double, Double, Double, [Double])] = [
    (10, 7, 8, [2, 4, 6, 8]), (3, 100, 6, [2, 4, 6]), (0, 100, 0, []),
  ]

  @Test(arguments: loops)
  func `a loop ends by its count or by its condition, and stacks its slices`(
    count: Double, limit: Double, last: Double, all: [Double]
  ) throws {
    let results = try outputs(
      of: counting(),
      [tensor(.int64, [], [count]), floats([], [0]), floats([], [2]), floats([], [limit])],
      infers: true)
    #expect(results[0].numbers == [last])
    #expect(results[1].numbers == all)
    #expect(results[1].type == TensorType(.float32, [all.count]))
  }

  private static let scans: [([Int], [Double])] = [([1], [3, 6, 10]), ([0], [4, 7, 10])]

  @Test(arguments: scans)
  func `a scan reads its slices in the direction asked for`(
    directions: [Int], expected: [Double]
  ) throws {
    let body = File.GraphPart(
      [node("Add", ["s", "e"], ["t"]), node("Identity", ["t"], ["u"])],
      inputs: [File.ValuePart("s", []), File.ValuePart("e", [])],
      outputs: [File.ValuePart("t", []), File.ValuePart("u", [])])
    let graph = File.GraphPart(
      [
        node(
          "Scan", ["start", "x"], ["sum", "sums"],
          [
            File.Attribute("body", .graph(body)), File.Attribute("num_scan_inputs", .int(1)),
            File.Attribute("scan_input_directions", .ints(directions)),
          ])
      ],
      inputs: [File.ValuePart("start", []), File.ValuePart("x", [3])],
      outputs: [File.ValuePart("sum", []), File.ValuePart("sums", [3])])
    let results = try outputs(of: graph, [floats([], [0]), floats([3], [4, 3, 3])])
    #expect(results[1].numbers == expected)
    #expect(results[0].numbers == [expected[2]])
  }

  @Test func `steps inside a loop are timed once for each turn`() throws {
    let model = try SmallModel(ONNXFile(counting()))
    defer { model.remove() }
    var interpreter = try model.interpreter()
    #expect(
      interpreter.steps.map(\.kernel) == ["Add", "Less", "Identity"].map { "reference.\($0)" })
    var times: StepTimes? = StepTimes()
    _ = try interpreter.run(
      [tensor(.int64, [], [4]), floats([], [0]), floats([], [2]), floats([], [9])], times: &times)
    let spans = try #require(times?.spans)
    #expect(spans.map(\.step) == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2])
    for span in spans { #expect(span.begin <= span.end) }
  }
}
