import Quantities
import ReferenceExecutor
import TensorTypes
import Testing

@Suite struct NumpyFileTests {
  /// A file as numpy writes it, but for the padding of its header.
  private func file(
    _ header: String, version: UInt8 = 1, _ elements: [UInt8]
  ) -> [UInt8] {
    let text = Array((header + "\n").utf8)
    let length = [UInt8(text.count & 0xff), UInt8(text.count >> 8)] + (version > 1 ? [0, 0] : [])
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + text + elements
  }

  private let plain = "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }"
  private let sixShorts: [UInt8] = [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 0xff, 0xff]

  @Test(arguments: [1, 2, 3] as [UInt8])
  func `each version is read`(version: UInt8) throws {
    let tensor = try NumpyFile.tensor(file(plain, version: version, sixShorts))
    #expect(tensor.type == TensorType(.int16, [2, 3]))
    #expect(tensor.reals?.elements == [1, 2, 3, 4, 5, -1])
  }

  @Test func `Fortran's order is put in row-major order`() throws {
    let header = "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }"
    #expect(
      try NumpyFile.tensor(file(header, sixShorts)).reals?.elements == [1, 3, 5, 2, 4, -1])
  }

  @Test func `a scalar and nothing have shapes too`() throws {
    let scalar = "{'descr': '<f4', 'fortran_order': False, 'shape': (), }"
    #expect(
      try NumpyFile.tensor(file(scalar, [0, 0, 0x80, 0x3f])).reals?.elements == [1])
    let nothing = "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 4), }"
    #expect(try NumpyFile.tensor(file(nothing, [])).type == TensorType(.float64, [0, 4]))
  }

  @Test(arguments: [DType.float32, .float16, .float64, .int8, .uint64, .bool, .int64])
  func `what is written is read again`(dtype: DType) throws {
    let type = TensorType(dtype, [3])
    let numbers = try #require(ReferenceTensor(type, [0.0, 1, dtype == .bool ? 1 : 5]))
    let tensor = try #require(Tensor(numbers))
    let bytes = try #require(NumpyFile.bytes(tensor))
    // numpy aligns the elements to 64 bytes.
    #expect((bytes.count - type.storageSize.rawValue) % 64 == 0)
    let again = try NumpyFile.tensor(bytes)
    #expect(again.type == type)
    #expect(again.reals?.elements == numbers.elements)
  }

  @Test func `a dtype that numpy lacks is widened`() throws {
    let numbers = try #require(ReferenceTensor(TensorType(.int4, [3]), [-8.0, 7, 1]))
    let tensor = try #require(Tensor(numbers))
    let bytes = try #require(NumpyFile.bytes(tensor))
    let again = try NumpyFile.tensor(bytes)
    #expect(again.type == TensorType(.int8, [3]))
    #expect(again.reals?.elements == [-8, 7, 1])
  }

  @Test(arguments: [
    "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 4), }",
    "{'descr': '>i2', 'fortran_order': False, 'shape': (2, 3), }",
    "{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }",
    "{'descr': '<i2', 'fortran_order': False, 'shape': (9223372036854775807, 9), }",
    "{'descr': '<i2', 'fortran_order': False, 'shape': (99999999999999999999,), }",
    "{'descr': '<i2', 'fortran_order': False, 'shape': (-2, -3), }",
    "{'descr': '<i2', 'fortran_order': Perhaps, 'shape': (2, 3), }",
    "{'descr': '<i2', 'shape': (2, 3), }",
    "{'descr': '<i2', 'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }",
    "{'descr': [('a', '<i2')], 'fortran_order': False, 'shape': (2, 3), }",
    "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), } + 1", "{", "",
  ])
  func `a header that says anything else is refused`(header: String) {
    #expect(throws: NumpyError.self) { try NumpyFile.tensor(file(header, sixShorts)) }
  }

  @Test func `no prefix of a file is a file`() throws {
    let whole = file(plain, sixShorts)
    for length in whole.indices {
      #expect(throws: NumpyError.self) { try NumpyFile.tensor(Array(whole[..<length])) }
    }
  }
}
