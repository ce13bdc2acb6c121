import ModelIR
import Quantities
import ReferenceExecutor
import TensorTypes
import Testing

@Suite struct TensorElementTests {
  /// Codes of one byte, and what they stand for by onnx's own tables.
  static let codes: [(DType, [UInt8], [Double])] = [
    (.float8e4m3fn, [0x7e, 0x01, 0x88, 0x80], [448.0, 0x1p-9, -0x1p-6, -0.0]),
    (.float8e4m3fnuz, [0x7f, 0x01, 0x88], [240, 0x1p-10, -0x1p-7]),
    (.float8e5m2, [0x7b, 0x01, 0x7c, 0xfc], [57_344, 0x1p-16, .infinity, -.infinity]),
    (.float8e5m2fnuz, [0x7f, 0x01], [57_344, 0x1p-17]),
    (.float8e8m0, [0x00, 0x7f, 0xfe], [0x1p-127, 1, 0x1p127]),
  ]

  @Test(arguments: codes)
  func `8-bit real numbers are what their codes say`(
    dtype: DType, codes: [UInt8], numbers: [Double]
  ) throws {
    let type = TensorType(dtype, [codes.count])
    let tensor = try #require(Tensor(type, bytes: codes))
    #expect(tensor.reals?.elements == numbers)
    let expected = try #require(ReferenceTensor(type, numbers))
    let stored = try #require(Tensor(expected))
    #expect(unsafe stored.withUnsafeBytes { unsafe Array($0) } == codes)
  }

  @Test(arguments: [
    DType.float16, .bfloat16, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz,
    .float8e8m0, .float4e2m1, .int8, .uint8, .int4, .uint4, .int2, .uint2,
  ])
  func `every code that is a number is stored as itself`(dtype: DType) throws {
    let width = dtype.block.bytes.rawValue
    for low in UInt8.min...UInt8.max {
      let bytes = width == 1 ? [low] : [low, low &* 37]
      let type = TensorType(dtype, [dtype.block.elements])
      let tensor = try #require(Tensor(type, bytes: bytes))
      let numbers = try #require(tensor.reals)
      if numbers.elements.contains(where: \.isNaN) { continue }
      let again = try #require(Tensor(numbers))
      #expect(unsafe again.withUnsafeBytes { unsafe Array($0) } == bytes, "\(dtype) \(bytes)")
    }
  }

  @Test func `moving elements keeps their bits`() throws {
    // A signalling value that is no number, which arithmetic would change.
    let bytes: [UInt8] = [1, 0, 0xa0, 0x7f, 2, 0, 0xc0, 0xff]
    let tensor = try #require(Tensor(TensorType(.float32, [1, 2]), bytes: bytes))
    let moved = try Operator.movement(.transpose()).evaluate([tensor])
    #expect(moved[0].type.dimensions == [2, 1])
    #expect(unsafe moved[0].withUnsafeBytes { unsafe Array($0) } == bytes)
    let pair = try #require(Tensor(TensorType(.complex64, [1]), bytes: bytes))
    let joined = try Operator.movement(.concat(axis: 0)).evaluate([pair, pair])
    #expect(unsafe joined[0].withUnsafeBytes { unsafe Array($0) } == bytes + bytes)
  }

  @Test func `results are rounded to the nearest`() throws {
    let type = TensorType(.float16, [2])
    let numbers = try #require(ReferenceTensor(type, [1 + 0x1.8p-11, 1e6]))
    #expect(Tensor(numbers)?.reals?.elements == [1 + 0x1p-10, .infinity])
  }
}
