import Foundation
import ModelExecution
import ReferenceExecutor
import TensorTypes
import TestSupport
import Testing

@Suite struct FileWeightsTests {
  typealias File = ONNXFile

  private func model(_ weight: File.Tensor, dataType: Int = 1) -> ONNXFile {
    File(
      File.GraphPart(
        [File.NodePart("Identity", ["w"], ["y"])],
        outputs: [File.ValuePart("y", dataType: dataType, weight.dimensions)],
        initializers: [weight]))
  }

  private func elements(
    _ file: ONNXFile, besides files: [String: [UInt8]] = [:]
  ) throws -> [Double] {
    let model = try SmallModel(file, besides: files)
    defer { model.remove() }
    return try model.run([])[0].numbers
  }

  @Test func `elements come from raw bytes`() throws {
    let weight = File.Tensor("w", dataType: 10, [3]) {
      $0.data(9, [0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00])
    }
    #expect(try elements(model(weight, dataType: 10)) == [1, -2, 0x1p-24])
  }

  @Test func `elements come from typed lists`() throws {
    #expect(
      try elements(model(File.Tensor("w", [2]) { $0.packedFloats(4, [0.5, -3]) })) == [0.5, -3])
    // Two 4-bit integers a byte, the first in the lower half.
    let packed = File.Tensor("w", dataType: 22, [3]) { $0.packedInts(5, [0x7f, 0x08]) }
    #expect(try elements(model(packed, dataType: 22)) == [-1, 7, -8])
  }

  private func external(_ entries: [(String, String)]) -> ONNXFile {
    model(
      File.Tensor("w", [2]) { tensor in
        for (key, value) in entries {
          tensor.message(13) {
            $0.text(1, key)
            $0.text(2, value)
          }
        }
        tensor.int(14, 1)
      })
  }

  @Test func `elements come from a file beside the model`() throws {
    let bytes: [UInt8] = [9, 9, 9, 9, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]
    let file = external([("location", "w.bin"), ("offset", "4")])
    #expect(try elements(file, besides: ["w.bin": bytes]) == [1, 2])
  }

  @Test func `a file beside the model that is too short is an error`() throws {
    let error = #expect(throws: ExecutionError.self) {
      try elements(external([("location", "w.bin")]), besides: ["w.bin": [1, 2, 3]])
    }
    #expect(error?.description == "weight 'w': needs 8 bytes of 'w.bin', which has 3")
  }

  @Test func `a link beside the model is refused`() throws {
    let model = try SmallModel(
      external([("location", "link")]), besides: ["w.bin": Array(repeating: 0, count: 8)])
    defer { model.remove() }
    try FileManager.default.createSymbolicLink(
      at: model.folder.appendingPathComponent("link"),
      withDestinationURL: model.folder.appendingPathComponent("w.bin"))
    let error = #expect(throws: ExecutionError.self) { try FileWeights(model.imported) }
    #expect(error?.description.hasSuffix("has external data in 'link', which is a link") == true)
  }

  @Test func `a model that changed since it was imported is refused`() throws {
    let model = try SmallModel(model(File.Tensor("w", [1]) { $0.packedFloats(4, [1]) }))
    defer { model.remove() }
    try Data([1, 2, 3]).write(to: model.folder.appendingPathComponent("model.onnx"))
    #expect(throws: ExecutionError.self) { try FileWeights(model.imported) }
  }

  @Test func `missing elements are drawn by the seed, and said to be`() throws {
    let model = try SmallModel(model(File.Tensor("w", [64, 64])))
    defer { model.remove() }
    func drawn(_ seed: UInt64) throws -> (numbers: [Double], notes: [String]) {
      var interpreter = try model.interpreter(options: ExecutionOptions(seed: seed))
      var times: StepTimes?
      return (try interpreter.run([], times: &times)[0].numbers, interpreter.notes)
    }
    let (first, notes) = try drawn(1)
    #expect(notes == ["1 weight has no elements in the file and is random, by seed 1"])
    let (again, other) = (try drawn(1).numbers, try drawn(2).numbers)
    #expect(again == first)
    #expect(other != first)
    // The variance is 1 ÷ fan-in, within what 4096 draws allow.
    let variance = first.reduce(0) { $0 + $1 * $1 } / 4096
    #expect(abs(variance * 64 - 1) < 0.1)
  }
}
