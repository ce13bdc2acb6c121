import Foundation
import ModelIR
import ModelImport
import TensorTypes
import Testing

/// Every value's inferred type against the type that ONNX Runtime produced.
@Suite struct ShapeConformanceTests {
  private static let truths = TestFiles.root.appendingPathComponent("Tests/Fixtures/shapes")

  static func tables(_ folder: String) -> [String] {
    TestFiles.files(under: truths.appendingPathComponent(folder), suffix: ".tsv").map {
      String($0.path.dropFirst(truths.path.count + 1))
    }
  }

  @Test(arguments: tables("bundled"))
  func `bundled graphs`(table: String) throws {
    try compare(table) { name in
      TestFiles.root.appendingPathComponent("ModelGraphs/\(name)/\(name).onnx")
    }
  }

  @Test(arguments: tables("shared"))
  func `graphs of other projects`(table: String) throws {
    try compare(table) { name in
      let folders = ["graphs/onnx", "formats/samples/onnx-quant"]
      let files = folders.map { TestFiles.shared.appendingPathComponent("\($0)/\(name).onnx") }
      return files.first { FileManager.default.fileExists(atPath: $0.path) } ?? files[0]
    }
  }

  @Test(arguments: tables("packages"))
  func `graphs inside Python packages`(table: String) throws {
    try compare(table) { _ in
      TestFiles.fetched.appendingPathComponent(String(table.dropLast(4)) + ".onnx")
    }
  }

  @Test(.enabled(if: TestFiles.hasExports), arguments: tables("exports"))
  func `exports with random weights`(table: String) throws {
    try compare(table) { name in TestFiles.fetched.appendingPathComponent("exports/\(name).onnx") }
  }

  @Test func `there is something to compare with`() {
    #expect(Self.tables("bundled").count >= 13)
    #expect(Self.tables("shared").count >= 12)
    #expect(Self.tables("packages").count >= 40)
    #expect(Self.tables("exports").count >= 30)
  }

  private func compare(_ table: String, locate: (String) -> URL) throws {
    let truth = try ShapeTruth(Self.truths.appendingPathComponent(table))
    let imported = try importModel(at: locate(truth.name).path)
    let inputNames = Set(imported.graph.inputs.map { imported.graph[$0.value].name })
    let options = InferenceOptions(shapes: truth.inputs.filter { inputNames.contains($0.key) })
    let inferred = try imported.graph.inferred(options)

    var found: [String: TensorType?] = [:]
    inferred.graph.collectTypes(prefix: "", into: &found)
    var differences: [String] = []
    for (name, expected) in truth.values {
      switch found[name] {
      case .none: differences.append("\(name): not a value of the graph")
      case .some(.none): differences.append("\(name): unknown, is \(expected)")
      case .some(.some(let type)) where type != expected:
        differences.append("\(name): \(type), is \(expected)")
      case .some: break
      }
    }
    #expect(
      differences.isEmpty,
      "\(table): \(differences.count) of \(truth.values.count): \(differences.prefix(10))")

    let workload = inferred.workload()
    let opaque = workload.steps.filter { $0.kind == nil }.map(\.op.name)
    #expect(opaque.isEmpty, "\(table): opaque nodes \(opaque)")
  }
}

extension Graph {
  /// Types by value name; those inside a branch stand behind the node's first output, as the
  /// dump names them.
  fileprivate func collectTypes(prefix: String, into types: inout [String: TensorType?]) {
    for value in values { types[prefix + value.name] = .some(value.type) }
    for node in nodes {
      guard let first = node.outputs.first.flatMap({ $0 }) else { continue }
      let base = prefix + self[first].name
      switch node.op {
      case .conditional(let conditional):
        conditional.thenBranch.body.collectTypes(prefix: "\(base)::then_branch::", into: &types)
        conditional.elseBranch.body.collectTypes(prefix: "\(base)::else_branch::", into: &types)
      case .loop(let loop):
        loop.body.body.collectTypes(prefix: "\(base)::body::", into: &types)
      case .scan(let scan):
        scan.body.body.collectTypes(prefix: "\(base)::body::", into: &types)
      default: break
      }
    }
  }
}
