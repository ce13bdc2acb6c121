/// Walks the fields of one protobuf message. It holds positions only: the bytes are lent to each
/// call, and lengths never reach beyond the enclosing message.
///
/// Source: protobuf.dev/programming-guides/encoding.
struct ProtobufCursor: Sendable {
  /// Messages within messages that are followed; the limit that protobuf libraries share.
  static let maximumDepth = 100

  private(set) var offset: Int
  let end: Int
  let depth: Int

  /// The outermost message: the whole file.
  init(fileOf count: Int) {
    offset = 0
    end = count
    depth = 1
  }

  /// A message inside the file that an earlier reading found.
  init(_ range: Range<Int>, depth: Int = 2) {
    offset = range.lowerBound
    end = range.upperBound
    self.depth = depth
  }

  /// The next field, `nil` at the end of the message.
  mutating func next(in bytes: Span<UInt8>) throws(MalformedFile) -> ProtobufField? {
    guard offset < end else { return nil }
    let start = offset
    let tag = try readVarint(from: bytes, at: &offset, before: end)
    guard tag >> 3 >= 1, tag <= UInt64(UInt32.max) else {
      throw MalformedFile(at: start, .invalidTag(tag))
    }
    var value = offset
    let payload: ProtobufField.Payload
    switch tag & 7 {
    case 0:
      payload = .varint(try readVarint(from: bytes, at: &offset, before: end))
    case 1:
      payload = .fixed64(try readFixed(8, from: bytes))
    case 2:
      let length = try readVarint(from: bytes, at: &offset, before: end)
      guard length <= UInt64(end - offset) else {
        throw MalformedFile(
          at: start,
          .truncated(
            what: "field \(tag >> 3)", needed: Int(clamping: length), available: end - offset))
      }
      value = offset
      offset += Int(length)
      payload = .bytes
    case 5:
      payload = .fixed32(UInt32(truncatingIfNeeded: try readFixed(4, from: bytes)))
    case let wireType:
      throw MalformedFile(at: start, .unsupportedWireType(Int(wireType)))
    }
    return ProtobufField(
      number: Int(tag >> 3), offset: start, payload: payload, range: value..<offset, depth: depth)
  }

  private mutating func readFixed(
    _ width: Int, from bytes: Span<UInt8>
  ) throws(MalformedFile) -> UInt64 {
    guard end - offset >= width else {
      throw MalformedFile(
        at: offset, .truncated(what: "a number", needed: width, available: end - offset))
    }
    defer { offset += width }
    return littleEndian(width, from: bytes, at: offset)
  }
}

/// One field of a message: its number, and where its value lies.
struct ProtobufField: Sendable {
  enum Payload: Sendable {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    /// Text, bytes, a message, or a packed list.
    case bytes
  }

  let number: Int
  /// Where the tag stands.
  let offset: Int
  let payload: Payload
  /// The bytes of the value, without tag and length.
  let range: Range<Int>
  fileprivate let depth: Int

  /// The field as a nested message.
  func message(_ name: String) throws(MalformedFile) -> ProtobufCursor {
    let range = try bytes(name, expected: "a message")
    guard depth < ProtobufCursor.maximumDepth else {
      throw MalformedFile(at: offset, .nestedTooDeeply(limit: ProtobufCursor.maximumDepth))
    }
    return ProtobufCursor(range, depth: depth + 1)
  }

  /// The field as bytes that stay where they are.
  func bytes(_ name: String, expected: String = "bytes") throws(MalformedFile) -> Range<Int> {
    guard case .bytes = payload else { throw wrongType(name, expected) }
    return range
  }

  /// The field as text, copied.
  func text(_ name: String, in bytes: Span<UInt8>) throws(MalformedFile) -> String {
    let range = try self.bytes(name, expected: "text")
    guard let text = utf8Text(bytes, range) else {
      throw MalformedFile(at: offset, .invalidText(field: name))
    }
    return text
  }

  /// The field as a signed integer, two's complement as the format stores it.
  func int(_ name: String) throws(MalformedFile) -> Int {
    guard case .varint(let value) = payload else { throw wrongType(name, "an integer") }
    return Int(truncatingIfNeeded: value)
  }

  /// The field as a 32-bit real number.
  func float(_ name: String) throws(MalformedFile) -> Double {
    guard case .fixed32(let bits) = payload else { throw wrongType(name, "a 32-bit number") }
    return Double(Float(bitPattern: bits))
  }

  func wrongType(_ name: String, _ expected: String) -> MalformedFile {
    MalformedFile(at: offset, .wrongWireType(field: name, expected: expected))
  }
}

/// Text when the bytes are valid UTF-8.
func utf8Text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String? {
  guard let text = try? UTF8Span(validating: bytes.extracting(range)) else { return nil }
  return String(copying: text)
}

/// An integer of `width` bytes, least significant first; the caller has checked that they exist.
func littleEndian(_ width: Int, from bytes: Span<UInt8>, at offset: Int) -> UInt64 {
  var value: UInt64 = 0
  for index in 0..<width {
    value |= UInt64(bytes[offset + index]) << UInt64(8 * index)
  }
  return value
}

/// A base-128 integer of at most 10 bytes, and moves past it.
func readVarint(
  from bytes: Span<UInt8>, at offset: inout Int, before end: Int
) throws(MalformedFile) -> UInt64 {
  let start = offset
  var value: UInt64 = 0
  var shift: UInt64 = 0
  while true {
    guard offset < end else {
      throw MalformedFile(
        at: start,
        .truncated(what: "an integer", needed: offset - start + 1, available: end - start))
    }
    let byte = bytes[offset]
    offset += 1
    guard shift < 63 || byte <= 1 else { throw MalformedFile(at: start, .overlongVarint) }
    value |= UInt64(byte & 0x7f) << shift
    if byte & 0x80 == 0 { return value }
    shift += 7
  }
}
