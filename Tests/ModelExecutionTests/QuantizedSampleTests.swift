import Foundation
import ModelExecution
import ModelIR
import ModelImport
import Platform
import ReferenceExecutor
import TensorTypes
import TestSupport
import Testing

/// Small networks as ONNX Runtime's quantizer writes them, in each of its three styles.
@Suite struct QuantizedSampleTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("../shared/formats/samples/onnx-quant")

  @Test(arguments: ["dynamic", "qdq_int8_perchannel", "qoperator_int8"])
  func `a quantized network runs on integer kernels and gives what its nodes give`(
    style: String
  ) throws {
    let imported = try importModel(
      at: Self.folder.appendingPathComponent("tinycnn_\(style).onnx").path)
    let inferred = try imported.graph.inferred()
    let engine = try Engine(inferred, weights: try FileWeights(imported))
    #expect(engine.notes.isEmpty)
    #expect(engine.steps.count { $0.kernel == "conv.q8" } == 2)
    #expect(engine.steps.contains { $0.kernel == "gemv.q8" })
    var interpreter = try Interpreter(inferred.graph, weights: try FileWeights(imported))
    var generator = SeededGenerator(seed: 3)
    var times: StepTimes?
    let type = try #require(engine.inputs[0].type)
    let image = floats(
      type.dimensions,
      (0..<type.elementCount).map { _ in Double.random(in: -1...1, using: &generator) })
    let results = try engine.run([image], times: &times)
    let expected = try interpreter.run([image], times: &times)
    // One step of the last quantization is 1/256; the dynamic network's results are real numbers.
    for (result, expected) in zip(results[0].numbers, expected[0].numbers) {
      #expect(abs(result - expected) <= 1.01 / 256)
    }
    #expect(Set(expected[0].numbers).count > 1)
  }
}
