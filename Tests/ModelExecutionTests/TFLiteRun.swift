import Foundation
import ModelExecution
import ModelIR
import ModelImport
import ReferenceExecutor
import TensorTypes
import TestSupport
import Testing

/// The outputs of a TFLite file, by the reference kernels and by the tuned ones, which have to agree
/// exactly. `hasKernels`: whether tuned kernels have to run all of it.
func runTFLite(
  _ file: TFLiteFile, feeding numbers: [[Double]], hasKernels: Bool = true,
  sourceLocation: SourceLocation = #_sourceLocation
) throws -> [[Double]] {
  let path = FileManager.default.temporaryDirectory
    .appendingPathComponent("boardfit-\(UUID().uuidString).tflite")
  try Data(file.bytes).write(to: path)
  defer { try? FileManager.default.removeItem(at: path) }
  let imported = try importModel(at: path.path)
  let graph = try imported.graph.inferred()
  let main = file.subgraphs[0]
  let values = zip(main.inputs, numbers).map { index, numbers in
    tensor(dtype(main.tensors[index].type), main.tensors[index].shape, numbers)
  }
  var times: StepTimes?
  var interpreter = try Interpreter(graph.graph, weights: try FileWeights(imported))
  let expected = try interpreter.run(values, times: &times).map(\.numbers)
  let engine = try Engine(graph, weights: try FileWeights(imported))
  #expect(engine.notes.isEmpty == hasKernels, sourceLocation: sourceLocation)
  let found = try engine.run(values, times: &times).map(\.numbers)
  #expect(found == expected, sourceLocation: sourceLocation)
  return found
}

/// The only output of one operator: the last of the tensors. Those without elements are fed.
func runTFLiteOperator(
  _ tensors: [TFLiteFile.Tensor], _ code: Int, _ inputs: [Int], feeding numbers: [[Double]],
  options: [FlatField] = [], hasKernels: Bool = true,
  sourceLocation: SourceLocation = #_sourceLocation
) throws -> [Double] {
  let output = tensors.count - 1
  let file = TFLiteFile([
    TFLiteFile.Subgraph(
      tensors, inputs: inputs.filter { tensors[$0].data == nil }, outputs: [output],
      [TFLiteFile.Operator(code, inputs, [output], options: options)])
  ])
  return try runTFLite(
    file, feeding: numbers, hasKernels: hasKernels, sourceLocation: sourceLocation)[0]
}

private func dtype(_ type: Int) -> DType {
  switch type {
  case 2: .int32
  case 3: .uint8
  case 6: .bool
  case 9: .int8
  default: .float32
  }
}
