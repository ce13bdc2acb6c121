import ModelIR
import Quantities
import TensorTypes

/// Where a `TensorProto` keeps its elements: raw bytes, or lists typed by field.
struct TensorData {
  /// The tensor's message, from its start: typed lists are read in a second pass, when wanted.
  let message: ProtobufCursor
  /// Little-endian elements, densely packed.
  var raw: Range<Int>?
  /// Bytes in each typed list, by field number, packed or not; `nil` where there is no list.
  var typedBytes: [12 of Int?] = .init(repeating: nil)
  var stringCount = 0

  /// The list that holds a dtype's elements, and how.
  private struct TypedField {
    enum Encoding { case varint, fixed32, fixed64 }
    let number: Int
    let encoding: Encoding
    /// List entries for one storage block of the dtype: two numbers make a complex one.
    var entriesPerBlock = 1
  }

  private static func field(of dtype: DType) -> TypedField? {
    switch dtype {
    case .float32: TypedField(number: 4, encoding: .fixed32)
    case .complex64: TypedField(number: 4, encoding: .fixed32, entriesPerBlock: 2)
    case .float64: TypedField(number: 10, encoding: .fixed64)
    case .complex128: TypedField(number: 10, encoding: .fixed64, entriesPerBlock: 2)
    case .int64: TypedField(number: 7, encoding: .varint)
    case .uint32, .uint64: TypedField(number: 11, encoding: .varint)
    case .int32, .int16, .int8, .int4, .int2, .uint16, .uint8, .uint4, .uint2, .bool, .float16,
      .bfloat16, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0,
      .float4e2m1:
      TypedField(number: 5, encoding: .varint)
    case .string, .q4_0, .q8_0: nil
    }
  }

  /// Throws when the stored bytes do not suit the type; `false` when there are none at all.
  func check(_ type: TensorType) throws(MalformedFile.TensorDefect) -> Bool {
    guard type.elementCount > 0 else { return true }
    if let raw, type.dtype != .string {
      let expected = type.storageSize.rawValue
      guard raw.count == expected else { throw .dataSize(expected: expected, found: raw.count) }
      return true
    }
    if type.dtype == .string {
      guard stringCount == 0 || stringCount == type.elementCount else {
        throw .dataSize(expected: type.elementCount, found: stringCount)
      }
      return stringCount > 0
    }
    guard let field = Self.field(of: type.dtype), let found = typedBytes[field.number] else {
      return false
    }
    let entries = saturatingProduct(blockCount(type), field.entriesPerBlock)
    switch field.encoding {
    case .fixed32: try checkSize(saturatingProduct(4, entries), found)
    case .fixed64: try checkSize(saturatingProduct(8, entries), found)
    case .varint:
      guard found >= entries, found <= saturatingProduct(10, entries) else {
        throw .elementCount(expected: entries, foundBytes: found)
      }
    }
    return true
  }

  private func checkSize(
    _ expected: Int, _ found: Int
  ) throws(MalformedFile.TensorDefect) {
    guard found == expected else { throw .dataSize(expected: expected, found: found) }
  }

  private func blockCount(_ type: TensorType) -> Int {
    let block = type.dtype.block.elements
    return type.elementCount / block + (type.elementCount % block == 0 ? 0 : 1)
  }

  /// The elements, when there are few enough of them to be settings of an operator rather than
  /// weights; `nil` otherwise, and for dtypes that no operator takes settings in.
  func literal(
    _ type: TensorType, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> TensorLiteral? {
    guard type.elementCount <= Self.literalLimit(type.dtype) else { return nil }
    guard type.elementCount > 0 else {
      return TensorLiteral(type, type.dtype.isFloatingPoint ? .reals([]) : .integers([]))
    }
    if let raw { return TensorLiteral(stored: raw, as: type, bytes) }
    let blocks: [UInt64]
    if let field = Self.field(of: type.dtype), typedBytes[field.number] != nil {
      blocks = try readBlocks(field, limit: blockCount(type), bytes)
      guard blocks.count == blockCount(type) else {
        throw MalformedFile(
          at: message.offset, .missing("\(blockCount(type)) elements, found \(blocks.count)"))
      }
    } else {
      return nil
    }
    return TensorLiteral(decoding: blocks, as: type)
  }

  /// The elements of the typed list, packed as the dtype stores them; `nil` when there are none.
  func packed(
    _ type: TensorType, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> [UInt8]? {
    guard let field = Self.field(of: type.dtype) else { return nil }
    let width = type.dtype.block.bytes.rawValue / field.entriesPerBlock
    let count = saturatingProduct(blockCount(type), field.entriesPerBlock)
    let entries = try readBlocks(field, limit: count, bytes)
    guard entries.count == count else { return nil }
    var packed: [UInt8] = []
    packed.reserveCapacity(count * width)
    for entry in entries {
      for byte in 0..<width { packed.append(UInt8(truncatingIfNeeded: entry >> UInt64(8 * byte))) }
    }
    return packed
  }

  /// Shapes and indices may be long; everything else of that length is a weight.
  static func literalLimit(_ dtype: DType) -> Int {
    switch dtype {
    case .int64, .int32, .bool: TensorLiteral.maximumElementCount
    case .float32, .float16, .bfloat16, .float64, .int16, .int8, .uint8, .uint16, .uint32, .uint64,
      .int4, .uint4, .int2, .uint2:
      4096
    case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0, .float4e2m1,
      .complex64, .complex128, .string, .q4_0, .q8_0:
      -1
    }
  }

  /// The entries of a typed list, as bit patterns, up to one more than `limit`.
  private func readBlocks(
    _ typed: TypedField, limit: Int, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> [UInt64] {
    var message = message
    var blocks: [UInt64] = []
    while let field = try message.next(in: bytes) {
      guard field.number == typed.number else { continue }
      var offset = field.range.lowerBound
      let end = field.range.upperBound
      while offset < end, blocks.count <= limit {
        switch typed.encoding {
        case .varint:
          blocks.append(try readVarint(from: bytes, at: &offset, before: end))
        case .fixed32, .fixed64:
          let width = typed.encoding == .fixed32 ? 4 : 8
          guard end - offset >= width else { return blocks }
          blocks.append(littleEndian(width, from: bytes, at: offset))
          offset += width
        }
      }
    }
    return blocks
  }
}

extension TensorLiteral {
  /// Decodes elements that stand side by side, least significant byte first; `nil` when the range has
  /// another size, or an element does not fit `Int`.
  init?(stored range: Range<Int>, as type: TensorType, _ bytes: Span<UInt8>) {
    let width = type.dtype.block.bytes.rawValue
    guard width > 0, range.count == type.storageSize.rawValue else { return nil }
    let blocks = stride(from: range.lowerBound, to: range.upperBound, by: width).map {
      littleEndian(width, from: bytes, at: $0)
    }
    self.init(decoding: blocks, as: type)
  }

  /// Decodes storage blocks, each the bit pattern of one element, or of several small ones with the
  /// first in the lowest bits. `nil` when an element does not fit `Int`.
  fileprivate init?(decoding blocks: [UInt64], as type: TensorType) {
    func reals(_ decode: (UInt64) -> Double) -> Elements { .reals(blocks.map(decode)) }
    func signed<T: FixedWidthInteger>(_ type: T.Type) -> Elements {
      .integers(blocks.map { Int(T(truncatingIfNeeded: $0)) })
    }
    func packed(bits: Int, signed: Bool) -> Elements {
      let perBlock = 8 / bits
      return .integers(
        (0..<type.elementCount).map { index in
          let block = UInt8(truncatingIfNeeded: blocks[index / perBlock])
          let left = block << UInt8(8 - bits - index % perBlock * bits)
          return signed
            ? Int(Int8(bitPattern: left) >> Int8(8 - bits)) : Int(left >> UInt8(8 - bits))
        })
    }
    let elements: Elements
    switch type.dtype {
    case .float32:
      elements = reals { Double(Float(bitPattern: UInt32(truncatingIfNeeded: $0))) }
    case .float64: elements = reals(Double.init(bitPattern:))
    case .float16: elements = reals { float16(UInt16(truncatingIfNeeded: $0)) }
    case .bfloat16:
      elements = reals { Double(Float(bitPattern: UInt32(truncatingIfNeeded: $0) << 16)) }
    case .int64: elements = signed(Int64.self)
    case .int32: elements = signed(Int32.self)
    case .int16: elements = signed(Int16.self)
    case .int8: elements = signed(Int8.self)
    case .uint32: elements = signed(UInt32.self)
    case .uint16: elements = signed(UInt16.self)
    case .uint8: elements = signed(UInt8.self)
    case .uint64:
      guard blocks.allSatisfy({ $0 <= UInt64(Int.max) }) else { return nil }
      elements = signed(Int64.self)
    case .bool: elements = .integers(blocks.map { $0 == 0 ? 0 : 1 })
    case .int4: elements = packed(bits: 4, signed: true)
    case .uint4: elements = packed(bits: 4, signed: false)
    case .int2: elements = packed(bits: 2, signed: true)
    case .uint2: elements = packed(bits: 2, signed: false)
    case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0, .float4e2m1,
      .complex64, .complex128, .string, .q4_0, .q8_0:
      return nil
    }
    self.init(type, elements)
  }
}

/// IEEE 754 binary16: 1 sign bit, 5 exponent bits, 10 fraction bits.
func float16(_ bits: UInt16) -> Double {
  let sign = bits & 0x8000 == 0 ? 1.0 : -1.0
  let fraction = Double(bits & 0x3ff)
  switch Int(bits >> 10 & 0x1f) {
  case 0: return sign * fraction * 0x1p-24
  case 31: return fraction == 0 ? sign * .infinity : .nan
  case let exponent:
    return sign * (1 + fraction / 1024)
      * Double(sign: .plus, exponent: exponent - 15, significand: 1)
  }
}
