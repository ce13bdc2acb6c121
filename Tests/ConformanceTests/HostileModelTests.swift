import CostModel
import Decision
import Foundation
import HardwareModel
import ModelIR
import ModelImport
import Platform
import Quantities
import TestSupport
import Testing

/// Damaged models all the way to estimates: whatever the importer still accepts must be planned
/// and timed without a trap.
@Suite struct HostileModelTests {
  @Test(arguments: ["tinycnn_dynamic", "tinycnn_qdq_int8_perchannel", "tinycnn_qoperator_int8"])
  func `byte flips never trap an estimate`(model: String) throws {
    let file = TestFiles.shared.appendingPathComponent("formats/samples/onnx-quant/\(model).onnx")
    let original = [UInt8](try Data(contentsOf: file))
    let catalog = try Catalog.load(
      directories: [TestFiles.root.appendingPathComponent("HardwareProfiles").path])
    let deployments = try catalog.deployments(
      for: DeploymentRequest(
        boards: [
          "raspberry-pi-5/cpu/onnxruntime-cpu", "coral-usb/npu", "orange-pi-5/npu", "stm32n6/npu",
        ]))
    var generator = SeededGenerator(seed: 20_261_123)
    var estimates = 0
    for _ in 0..<800 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        bytes[Int.random(in: bytes.indices, using: &generator)] = .random(
          in: .min ... .max, using: &generator)
      }
      guard let imported = try? importModel(bytes.span, path: model),
        let inferred = try? imported.graph.inferred()
      else { continue }
      var evaluator = Evaluator(inferred.workload(), catalog: catalog)
      for deployment in deployments where (try? evaluator.estimate(on: deployment)) != nil {
        estimates += 1
      }
    }
    #expect(estimates > 100)
  }
}
