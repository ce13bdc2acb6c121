import Foundation
import ModelExecution
import ModelIR
import ModelImport
import ReferenceExecutor
import TensorTypes
import TestSupport

/// A model written to a folder of its own, and run from there.
struct SmallModel {
  let folder: URL
  let imported: ImportedModel

  /// Writes the file, and others beside it.
  init(_ file: ONNXFile, besides files: [String: [UInt8]] = [:]) throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("boardfit-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, bytes) in files {
      try Data(bytes).write(to: folder.appendingPathComponent(name))
    }
    let path = folder.appendingPathComponent("model.onnx")
    try Data(file.bytes).write(to: path)
    imported = try importModel(at: path.path)
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  func interpreter(
    options: ExecutionOptions = ExecutionOptions(), infers: Bool = false
  ) throws -> Interpreter {
    try Interpreter(
      infers ? imported.graph.inferred().graph : imported.graph, weights: try FileWeights(imported),
      options: options)
  }

  func run(_ inputs: [Tensor], infers: Bool = false) throws -> [Tensor] {
    var interpreter = try interpreter(infers: infers)
    var times: StepTimes?
    return try interpreter.run(inputs, times: &times)
  }
}

/// Runs a graph once, as the file has it or inferred; its folder is gone afterwards.
func outputs(
  of graph: ONNXFile.GraphPart, _ inputs: [Tensor], infers: Bool = false
) throws -> [Tensor] {
  let model = try SmallModel(ONNXFile(graph))
  defer { model.remove() }
  return try model.run(inputs, infers: infers)
}

func floats(_ dimensions: [Int], _ numbers: [Double]) -> Tensor {
  tensor(.float32, dimensions, numbers)
}

func tensor(_ dtype: DType, _ dimensions: [Int], _ numbers: [Double]) -> Tensor {
  guard let numbers = ReferenceTensor(TensorType(dtype, dimensions), numbers),
    let tensor = Tensor(numbers)
  else { preconditionFailure("\(numbers.count) numbers for \(dtype) \(dimensions)") }
  return tensor
}

extension Tensor {
  var numbers: [Double] { reals?.elements ?? [] }
}
