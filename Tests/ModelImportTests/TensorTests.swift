import ModelIR
import TensorTypes
import TestSupport
import Testing

@testable import ModelImport

@Suite struct TensorTests {
  /// The graph input or weight that a tensor becomes.
  private func weight(_ tensor: ONNXFile.Tensor) throws(ImportError) -> Value {
    let file = ONNXFile(ONNXFile.GraphPart([], initializers: [tensor]))
    return try importModel(file.bytes.span, path: "test.onnx").graph.values[0]
  }

  private func defect(_ tensor: ONNXFile.Tensor) -> MalformedFile.TensorDefect? {
    do throws(ImportError) {
      _ = try weight(tensor)
    } catch {
      if case .malformed(let error) = error.cause, case .tensor("w", let defect) = error.reason {
        return defect
      }
    }
    return nil
  }

  @Test func `raw elements are decoded and stay where they are`() throws {
    let value = try weight(
      ONNXFile.Tensor("w", dataType: 6, [2]) { $0.data(9, [1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]) })
    #expect(value.literal?.integers == [1, -1])
    #expect(value.type == TensorType(.int32, [2]))
    #expect(value.isConstant)
    guard case .weight(.file(let range)) = value.origin else {
      Issue.record("stored as \(value.origin)")
      return
    }
    #expect(range.count == 8)
  }

  @Test(arguments: [
    (2, [UInt8]([255, 1]), [255.0, 1]), (3, [255, 1], [-1, 1]),
    (4, [0xff, 0xff, 1, 0], [65535, 1]),
    (5, [0xff, 0xff, 1, 0], [-1, 1]), (9, [0, 7], [0, 1]),
    (10, [0x00, 0x3c, 0x01, 0x80], [1, -0x1p-24]),
    (10, [0x00, 0x7c, 0xff, 0x7b], [.infinity, 65504]),
    (16, [0x80, 0x3f, 0x00, 0xc0], [1, -2]), (21, [0xf1], [1, 15]), (22, [0xf1], [1, -1]),
    (25, [0b1110], [2, 3]), (26, [0b1101], [1, -1]),
    (12, [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0], [4_294_967_295, 0]),
    (11, [0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0], [1, -2]),
  ])
  func `raw elements of every dtype are decoded`(
    dataType: Int, raw: [UInt8], expected: [Double]
  ) throws {
    let value = try weight(ONNXFile.Tensor("w", dataType: dataType, [2]) { $0.data(9, raw) })
    #expect(value.literal?.reals == expected)
  }

  @Test func `typed lists are decoded, packed or not`() throws {
    let floats = try weight(
      ONNXFile.Tensor("w", [3]) {
        $0.packedFloats(4, [0.5, 1])
        $0.float(4, -2)
      })
    #expect(floats.literal?.elements == .reals([0.5, 1, -2]))
    #expect(floats.origin != .weight(.absent))
    let bytes = try weight(
      ONNXFile.Tensor("w", dataType: 3, [2]) {
        $0.int(5, -5)
        $0.int(5, 6)
      })
    #expect(bytes.literal?.integers == [-5, 6])
    let halves = try weight(
      ONNXFile.Tensor("w", dataType: 10, [1]) { $0.packedInts(5, [0x3c00]) })
    #expect(halves.literal?.reals == [1])
    let nibbles = try weight(
      ONNXFile.Tensor("w", dataType: 22, [3]) { $0.packedInts(5, [0x21, 0x0f]) })
    #expect(nibbles.literal?.integers == [1, 2, -1])
    let unsigned = try weight(
      ONNXFile.Tensor("w", dataType: 13, [1]) { $0.packedInts(11, [-1]) })
    #expect(unsigned.literal == nil)
    let doubles = try weight(ONNXFile.Tensor("w", dataType: 11, []) { $0.double(10, 0.25) })
    #expect(doubles.literal?.reals == [0.25])
  }

  @Test func `an empty tensor is known without data`() throws {
    let value = try weight(ONNXFile.Tensor("w", dataType: 7, [0]))
    #expect(value.literal?.integers == [])
  }

  @Test func `weights are not settings`() throws {
    let weights = [UInt8](repeating: 0, count: 4097 * 4)
    #expect(try weight(ONNXFile.Tensor("w", [4097]) { $0.data(9, weights) }).literal == nil)
    let indices = try weight(ONNXFile.Tensor("w", dataType: 6, [4097]) { $0.data(9, weights) })
    #expect(indices.literal?.integers?.count == 4097)
  }

  @Test func `the stored bytes suit the type`() {
    let short = ONNXFile.Tensor("w", [4]) { $0.data(9, [0, 0, 0, 0]) }
    #expect(defect(short) == .dataSize(expected: 16, found: 4))
    let long = ONNXFile.Tensor("w", dataType: 22, [3]) { $0.data(9, [0, 0, 0]) }
    #expect(defect(long) == .dataSize(expected: 2, found: 3))
    let floats = ONNXFile.Tensor("w", [2]) { $0.packedFloats(4, [1]) }
    #expect(defect(floats) == .dataSize(expected: 8, found: 4))
    let complex = ONNXFile.Tensor("w", dataType: 14, [2]) { $0.packedFloats(4, [1, 2]) }
    #expect(defect(complex) == .dataSize(expected: 16, found: 8))
    let ints = ONNXFile.Tensor("w", dataType: 7, [100_000]) { $0.packedInts(7, [1, 2]) }
    #expect(defect(ints) == .elementCount(expected: 100_000, foundBytes: 2))
    let text = ONNXFile.Tensor("w", dataType: 8, [2]) { $0.text(6, "one") }
    #expect(defect(text) == .dataSize(expected: 2, found: 1))
  }

  @Test func `a short list of settings is malformed`() {
    let tensor = ONNXFile.Tensor("w", dataType: 7, [2]) { $0.packedInts(7, [1 << 40]) }
    let error = #expect(throws: ImportError.self) { try weight(tensor) }
    #expect(error?.description.contains("expected 2 elements, found 1") == true)
  }

  @Test func `extents are possible`() {
    #expect(defect(ONNXFile.Tensor("w", [2, -1])) == .negativeDimension(-1))
    #expect(defect(ONNXFile.Tensor("w", [1 << 62, 4])) == .tooLarge(dimensions: [1 << 62, 4]))
    // The elements can be counted, but not the bytes.
    #expect(defect(ONNXFile.Tensor("w", [1 << 61])) == .tooLarge(dimensions: [1 << 61]))
    #expect(defect(ONNXFile.Tensor("w", [1 << 62, 4, 0])) == nil)
    #expect(defect(ONNXFile.Tensor("w", dataType: 0, [1])) == .unknownDataType(0))
    let error = #expect(throws: ImportError.self) {
      try weight(ONNXFile.Tensor("w", Array(repeating: 1, count: 65)))
    }
    #expect(error?.description.contains("at most 64 elements in 'dims'") == true)
  }

  @Test func `weights without data keep their type and are mentioned`() throws {
    let file = ONNXFile(
      ONNXFile.GraphPart([], initializers: [ONNXFile.Tensor("w", [64, 3, 7, 7])]))
    let model = try importModel(file.bytes.span, path: "test.onnx")
    #expect(model.graph.values[0].type == TensorType(.float32, [64, 3, 7, 7]))
    #expect(model.warnings == ["1 weights have a type but no data: 'w'"])
  }

  @Test func `a file has a limited number of messages`() throws {
    let file = ONNXFile(ONNXFile.GraphPart([], initializers: [ONNXFile.Tensor("w", ints: [1])]))
    // The graph, the tensor and the operator set.
    #expect(try ONNXReader.model(in: file.bytes.span, messageLimit: 3).irVersion == 9)
    let error = #expect(throws: MalformedFile.self) {
      try ONNXReader.model(in: file.bytes.span, messageLimit: 2)
    }
    #expect(error?.reason == .tooMany("messages", limit: 2))
  }

  @Test func `a name is text`() {
    var writer = ProtobufWriter()
    writer.int(1, 9)
    writer.message(7) { graph in
      graph.message(5) { $0.data(8, [0xff, 0xfe]) }
    }
    let error = #expect(throws: ImportError.self) {
      try importModel(writer.bytes.span, path: "test.onnx")
    }
    #expect(error?.place == "byte 6")
    #expect(error?.description == "test.onnx: at byte 6: expected UTF-8 text in 'name'")
  }
}
