import Foundation
import ModelExecution
import ModelImport
import ReferenceExecutor
import TensorTypes

/// One of ONNX's own operator tests: a model, and data sets of inputs and expected outputs.
struct NodeCase {
  let folder: URL

  /// What running a case came to.
  enum Outcome: Equatable {
    case passed
    case failed(String)
  }

  /// Reads, runs and compares; a failure says where it stopped.
  func outcome() -> Outcome {
    do {
      let model = try importModel(at: folder.appendingPathComponent("model.onnx").path)
      var executable = try Interpreter(model.graph, weights: try FileWeights(model))
      let sets = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        .filter { $0.hasPrefix("test_data_set_") }.sorted()
      guard !sets.isEmpty else { return .failed("no data set") }
      for set in sets {
        let folder = folder.appendingPathComponent(set)
        let inputs = try tensors("input", in: folder)
        let expected = try tensors("output", in: folder)
        var times: StepTimes?
        let outputs = try executable.run(inputs, times: &times)
        guard outputs.count == expected.count else {
          return .failed("\(outputs.count) outputs, expected \(expected.count)")
        }
        for (index, (output, wanted)) in zip(outputs, expected).enumerated() {
          if let difference = output.difference(from: wanted) {
            return .failed("output \(index): \(difference)")
          }
        }
      }
      return .passed
    } catch {
      return .failed("\(error)")
    }
  }

  private func tensors(_ stem: String, in folder: URL) throws -> [Tensor] {
    var tensors: [Tensor] = []
    while true {
      let path = folder.appendingPathComponent("\(stem)_\(tensors.count).pb").path
      guard FileManager.default.fileExists(atPath: path) else { return tensors }
      let file = try TensorFile(path: path)
      guard let tensor = Tensor(file) else { throw Unreadable(path: path) }
      tensors.append(tensor)
    }
  }

  struct Unreadable: Error { let path: String }
}

extension Tensor {
  /// ONNX's rule (`assert_similar_outputs` in `onnx/backend/test/runner/__init__.py`): dtypes and
  /// shapes equal, |found − expected| ≤ 1e-7 + r · |expected|, where r is 1e-3, and 2⁻⁶ for bfloat16:
  /// two of its steps.
  func difference(from expected: Tensor) -> String? {
    guard type == expected.type else { return "\(type), expected \(expected.type)" }
    guard let found = reals, let wanted = expected.reals else {
      let isEqual = unsafe withUnsafeBytes { left in
        unsafe expected.withUnsafeBytes { unsafe left.elementsEqual($0) }
      }
      return isEqual ? nil : "other bytes"
    }
    let relative = type.dtype == .bfloat16 ? 0x1p-6 : 1e-3
    for (index, (x, y)) in zip(found.elements, wanted.elements).enumerated() {
      if x == y || x.isNaN && y.isNaN || abs(x - y) <= 1e-7 + relative * abs(y) { continue }
      return "element \(index) is \(x), expected \(y)"
    }
    return nil
  }
}
