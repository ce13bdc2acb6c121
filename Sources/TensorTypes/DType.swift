public import Quantities

/// The element type of a tensor as stored.
public enum DType: String, Sendable, Hashable, Codable, CaseIterable {
  case float32, float16, bfloat16, float64
  case float8e4m3fn, float8e4m3fnuz, float8e5m2, float8e5m2fnuz, float8e8m0, float4e2m1
  case int8, int16, int32, int64
  case uint8, uint16, uint32, uint64
  case bool
  case int4, uint4, int2, uint2
  case complex64, complex128
  /// Text; its elements have no fixed size, so 0 bytes are counted and coverage says so.
  case string
  // The two names are those of the file format that defined the blocks.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  /// 32 weights of 4 bits and one float16 scale.
  case q4_0
  // swift-format-ignore: AlwaysUseLowerCamelCase
  /// 32 weights of 8 bits and one float16 scale.
  case q8_0

  /// Elements that are stored together, and the bytes they take.
  public struct Block: Sendable, Hashable {
    public let elements: Int
    public let bytes: Bytes
  }

  /// How elements pack into memory; scalars are blocks of one.
  public var block: Block {
    switch self {
    case .complex128: Block(elements: 1, bytes: Bytes(16))
    case .float64, .int64, .uint64, .complex64: Block(elements: 1, bytes: Bytes(8))
    case .float32, .int32, .uint32: Block(elements: 1, bytes: Bytes(4))
    case .float16, .bfloat16, .int16, .uint16: Block(elements: 1, bytes: Bytes(2))
    case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0, .int8, .uint8,
      .bool:
      Block(elements: 1, bytes: Bytes(1))
    case .int4, .uint4, .float4e2m1: Block(elements: 2, bytes: Bytes(1))
    case .int2, .uint2: Block(elements: 4, bytes: Bytes(1))
    case .string: Block(elements: 1, bytes: .zero)
    case .q4_0: Block(elements: 32, bytes: Bytes(18))
    case .q8_0: Block(elements: 32, bytes: Bytes(34))
    }
  }

  /// Bytes that `elementCount` densely packed elements occupy; a partial block counts whole.
  public func storageSize(of elementCount: Int) -> Bytes {
    let block = block
    let blocks = elementCount / block.elements + (elementCount % block.elements == 0 ? 0 : 1)
    return blocks * block.bytes
  }

  /// Whether elements are real numbers in a floating-point format.
  public var isFloatingPoint: Bool {
    switch self {
    case .float32, .float16, .bfloat16, .float64, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2,
      .float8e5m2fnuz, .float8e8m0, .float4e2m1:
      true
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .bool, .int4, .uint4,
      .int2, .uint2, .complex64, .complex128, .string, .q4_0, .q8_0:
      false
    }
  }

  /// Whether elements are integers of 8 bits or fewer, as quantized tensors store them.
  public var isQuantizedStorage: Bool {
    switch self {
    case .int8, .uint8, .int4, .uint4, .int2, .uint2, .q4_0, .q8_0: true
    case .float32, .float16, .bfloat16, .float64, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2,
      .float8e5m2fnuz, .float8e8m0, .float4e2m1, .int16, .int32, .int64, .uint16, .uint32,
      .uint64, .bool, .complex64, .complex128, .string:
      false
    }
  }
}
