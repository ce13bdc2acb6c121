/// Lists may be packed into one field or spread over many; both forms append alike.
extension ProtobufField {
  /// Appends signed integers, at most up to `limit` elements in all.
  func appendInts(
    _ name: String, to list: inout [Int], limit: Int, in bytes: Span<UInt8>
  ) throws(MalformedFile) {
    switch payload {
    case .varint(let value):
      guard list.count < limit else { throw tooMany(name, limit) }
      list.append(Int(truncatingIfNeeded: value))
    case .bytes:
      var offset = range.lowerBound
      while offset < range.upperBound {
        guard list.count < limit else { throw tooMany(name, limit) }
        let value = try readVarint(from: bytes, at: &offset, before: range.upperBound)
        list.append(Int(truncatingIfNeeded: value))
      }
    case .fixed32, .fixed64: throw wrongType(name, "integers")
    }
  }

  /// Appends 32-bit real numbers, at most up to `limit` elements in all.
  func appendFloats(
    _ name: String, to list: inout [Double], limit: Int, in bytes: Span<UInt8>
  ) throws(MalformedFile) {
    switch payload {
    case .fixed32, .bytes:
      guard range.count % 4 == 0 else { throw wrongType(name, "32-bit numbers") }
      guard range.count / 4 <= limit - list.count else { throw tooMany(name, limit) }
      for offset in stride(from: range.lowerBound, to: range.upperBound, by: 4) {
        let bits = UInt32(truncatingIfNeeded: littleEndian(4, from: bytes, at: offset))
        list.append(Double(Float(bitPattern: bits)))
      }
    case .varint, .fixed64: throw wrongType(name, "32-bit numbers")
    }
  }

  private func tooMany(_ name: String, _ limit: Int) -> MalformedFile {
    MalformedFile(at: offset, .tooMany("elements in '\(name)'", limit: limit))
  }
}
