import Quantities
import TensorTypes

/// Why a `.npy` file is no tensor.
public enum NumpyError: Error, Hashable, Sendable, CustomStringConvertible {
  case notNumpy
  case unsupportedVersion(Int)
  case truncated(needed: Int, available: Int)
  case header(reason: String)
  case unsupportedType(String)
  case wrongSize(expected: Int, found: Int)

  public var description: String {
    switch self {
    case .notNumpy: "not a .npy file"
    case .unsupportedVersion(let version): ".npy version \(version) is not 1, 2 or 3"
    case .truncated(let needed, let available):
      "the file ends early: \(available) bytes, \(needed) needed"
    case .header(let reason): "its header \(reason)"
    case .unsupportedType(let name): "numpy type '\(name)' has no tensor type"
    case .wrongSize(let expected, let found): "\(found) bytes of elements, expected \(expected)"
    }
  }
}

/// numpy's file of one array: a magic number, a version, the length of a header, the header as a
/// Python dictionary, the elements.
///
/// Source: numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
public enum NumpyFile {
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Reads a file of versions 1 to 3. Elements in Fortran's order are put in row-major order, big-endian
  /// ones are refused, Booleans other than 0 become 1.
  public static func tensor(_ bytes: [UInt8]) throws(NumpyError) -> Tensor {
    guard bytes.count >= 10, Array(bytes[..<6]) == magic else { throw .notNumpy }
    let version = Int(bytes[6])
    guard (1...3).contains(version) else { throw .unsupportedVersion(version) }
    let width = version == 1 ? 2 : 4
    let start = 8 + width
    guard bytes.count >= start else { throw .truncated(needed: start, available: bytes.count) }
    let length = (0..<width).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
    guard bytes.count - start >= length else {
      throw .truncated(needed: start + length, available: bytes.count)
    }
    var parser = HeaderParser(Array(bytes[start..<start + length]))
    let header = try parser.header()
    guard let dtype = DType.numpyTypes[header.type] else { throw .unsupportedType(header.type) }
    let type = TensorType(dtype, header.shape)
    let elements = bytes[(start + length)...]
    guard type.elementCount < .max, !type.storageSize.isSaturated,
      elements.count == type.storageSize.rawValue
    else { throw .wrongSize(expected: type.storageSize.rawValue, found: elements.count) }
    var ordered = header.isFortran ? rowMajor(elements, type) : Array(elements)
    if dtype == .bool { ordered = ordered.map { $0 == 0 ? 0 : 1 } }
    guard let tensor = Tensor(type, bytes: ordered) else {
      throw .wrongSize(expected: type.storageSize.rawValue, found: ordered.count)
    }
    return tensor
  }

  /// Bytes whose first axis varies fastest, put so that the last one does.
  private static func rowMajor(_ bytes: ArraySlice<UInt8>, _ type: TensorType) -> [UInt8] {
    let width = type.dtype.block.bytes.rawValue
    let strides = Array(rowMajorStrides(type.dimensions.reversed()).reversed())
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    guard type.elementCount > 0 else { return result }
    for place in stridedPositions(type.dimensions, strides) {
      let start = bytes.startIndex + place * width
      result += bytes[start..<start + width]
    }
    return result
  }

  /// A file of version 1. Dtypes that numpy lacks are widened: real ones to float32, packed integers
  /// to 8 bits; `nil` for text and blocks.
  public static func bytes(_ tensor: Tensor) -> [UInt8]? {
    guard let stored = tensor.widenedForNumpy,
      let name = DType.numpyTypes.first(where: { $0.value == stored.type.dtype })?.key
    else { return nil }
    let extents = stored.type.dimensions
    let shape =
      extents.count == 1
      ? "(\(extents[0]),)" : "(\(extents.map(String.init).joined(separator: ", ")))"
    var header = Array("{'descr': '\(name)', 'fortran_order': False, 'shape': \(shape), }".utf8)
    // Elements start at a multiple of 64; the header ends with a line break.
    let padding = 63 - (10 + header.count) % 64
    header += Array(repeating: UInt8(ascii: " "), count: padding) + [UInt8(ascii: "\n")]
    guard header.count <= 0xffff else { return nil }
    let start = magic + [1, 0, UInt8(header.count & 0xff), UInt8(header.count >> 8)]
    let elements = unsafe stored.withUnsafeBytes { unsafe Array($0) }
    return start + header + elements
  }
}

extension Tensor {
  fileprivate var widenedForNumpy: Tensor? {
    let widened: DType
    switch type.dtype {
    case .float32, .float16, .float64, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32,
      .uint64, .bool, .complex64, .complex128:
      return type.elementCount > 0 || type.storageSize.rawValue == 0 ? self : nil
    case .bfloat16, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0,
      .float4e2m1:
      widened = .float32
    case .int4, .int2: widened = .int8
    case .uint4, .uint2: widened = .uint8
    case .string, .q4_0, .q8_0: return nil
    }
    guard let reals,
      let numbers = ReferenceTensor(TensorType(widened, type.dimensions), reals.elements)
    else { return nil }
    return Tensor(numbers)
  }
}

extension DType {
  /// The dtypes that numpy has, by the names in its files.
  fileprivate static let numpyTypes: [String: DType] = [
    "<f4": .float32, "<f8": .float64, "<f2": .float16, "|i1": .int8, "<i2": .int16, "<i4": .int32,
    "<i8": .int64, "|u1": .uint8, "<u2": .uint16, "<u4": .uint32, "<u8": .uint64, "|b1": .bool,
    "<c8": .complex64, "<c16": .complex128,
  ]
}
