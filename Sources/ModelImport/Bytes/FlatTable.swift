/// A table of a FlatBuffer: where it lies, and where its list of fields does. It holds positions
/// only: the bytes are lent to each call, and nothing outside of them is read, whatever the offsets.
///
/// Source: flatbuffers.dev/internals.
struct FlatTable: Sendable {
  /// Where the table starts in the file.
  let offset: Int
  /// Where the list of its fields' places starts, and how many fields it knows.
  private let places: Int
  let fieldCount: Int
  /// Bytes of the table itself; its fields lie within.
  private let size: Int

  /// The outermost table of a file, which the first four bytes point to.
  static func root(of bytes: Span<UInt8>) throws(MalformedFile) -> FlatTable {
    guard bytes.count >= 8 else {
      throw MalformedFile(
        at: 0, .truncated(what: "a FlatBuffer", needed: 8, available: bytes.count))
    }
    return try FlatTable(at: Int(littleEndian(4, from: bytes, at: 0)), "root table", from: 0, bytes)
  }

  /// The table at `offset`, which the bytes at `source` point to.
  fileprivate init(
    at offset: Int, _ name: String, from source: Int, _ bytes: Span<UInt8>
  ) throws(MalformedFile) {
    func outside(_ what: String, _ place: Int) -> MalformedFile {
      MalformedFile(at: source, .outside(what: what, place: place, size: bytes.count))
    }
    guard offset >= 0, offset <= bytes.count - 4 else { throw outside("'\(name)'", offset) }
    let distance = Int32(truncatingIfNeeded: littleEndian(4, from: bytes, at: offset))
    let list = offset - Int(distance)
    guard list >= 0, list <= bytes.count - 4 else {
      throw MalformedFile(
        at: offset, .outside(what: "the field list of '\(name)'", place: list, size: bytes.count))
    }
    let listSize = Int(littleEndian(2, from: bytes, at: list))
    let size = Int(littleEndian(2, from: bytes, at: list + 2))
    guard listSize >= 4, listSize % 2 == 0, listSize <= bytes.count - list else {
      throw MalformedFile(
        at: list,
        .truncated(
          what: "the field list of '\(name)'", needed: max(4, listSize),
          available: bytes.count - list))
    }
    guard size >= 4, size <= bytes.count - offset else {
      throw MalformedFile(
        at: offset,
        .truncated(what: "'\(name)'", needed: max(4, size), available: bytes.count - offset))
    }
    self.offset = offset
    self.size = size
    places = list + 4
    fieldCount = (listSize - 4) / 2
  }

  /// Where a field's `width` bytes stand; `nil` when the table leaves the field out.
  func place(
    _ field: Int, width: Int, _ name: String, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> Int? {
    guard field < fieldCount else { return nil }
    let distance = Int(littleEndian(2, from: bytes, at: places + 2 * field))
    guard distance > 0 else { return nil }
    guard distance >= 4, distance + width <= size else {
      throw MalformedFile(
        at: places + 2 * field,
        .outside(what: "field '\(name)'", place: offset + distance, size: offset + size))
    }
    return offset + distance
  }

  /// The bits of a number of at most 8 bytes; `nil` when the field is left out.
  func bits(
    _ field: Int, width: Int, _ name: String, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> UInt64? {
    guard let place = try place(field, width: width, name, bytes) else { return nil }
    return littleEndian(width, from: bytes, at: place)
  }

  /// As many of a field's bytes as a number can have and the table holds: for whoever knows its
  /// width only later.
  func widestBits(_ field: Int, _ bytes: Span<UInt8>) throws(MalformedFile) -> UInt64? {
    guard let place = try place(field, width: 1, "option \(field)", bytes) else { return nil }
    return littleEndian(min(8, offset + size - place), from: bytes, at: place)
  }

  func int32(
    _ field: Int, _ name: String, default value: Int = 0, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> Int {
    try bits(field, width: 4, name, bytes).map { Int(Int32(truncatingIfNeeded: $0)) } ?? value
  }

  func uint32(
    _ field: Int, _ name: String, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> Int {
    try bits(field, width: 4, name, bytes).map { Int(UInt32(truncatingIfNeeded: $0)) } ?? 0
  }

  func int8(
    _ field: Int, _ name: String, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> Int {
    try bits(field, width: 1, name, bytes).map { Int(Int8(truncatingIfNeeded: $0)) } ?? 0
  }

  func bool(
    _ field: Int, _ name: String, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> Bool {
    try int8(field, name, bytes) != 0
  }

  /// What a field's offset points to; `nil` when the field is left out.
  private func target(
    _ field: Int, _ name: String, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> (source: Int, place: Int)? {
    guard let source = try place(field, width: 4, name, bytes) else { return nil }
    return (source, source + Int(littleEndian(4, from: bytes, at: source)))
  }

  func table(
    _ field: Int, _ name: String, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> FlatTable? {
    guard let (source, place) = try target(field, name, bytes) else { return nil }
    return try FlatTable(at: place, name, from: source, bytes)
  }

  /// A list of elements of `width` bytes; `nil` when the field is left out.
  func vector(
    _ field: Int, width: Int, _ name: String, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> FlatVector? {
    guard let (source, place) = try target(field, name, bytes) else { return nil }
    guard place <= bytes.count - 4 else {
      throw MalformedFile(
        at: source, .outside(what: "'\(name)'", place: place, size: bytes.count))
    }
    let count = Int(littleEndian(4, from: bytes, at: place))
    guard count <= (bytes.count - place - 4) / width else {
      throw MalformedFile(
        at: place,
        .truncated(
          what: "'\(name)'", needed: count * width, available: bytes.count - place - 4))
    }
    return FlatVector(start: place + 4, count: count, width: width)
  }
}

/// A list in a FlatBuffer, all of whose bytes lie within the file.
struct FlatVector: Sendable {
  let start: Int
  let count: Int
  /// Bytes of one element.
  let width: Int

  var range: Range<Int> { start..<start + count * width }

  /// The bits of an element.
  func bits(_ index: Int, _ bytes: Span<UInt8>) -> UInt64 {
    littleEndian(width, from: bytes, at: start + index * width)
  }

  /// The table that an element, an offset, points to.
  func table(
    _ index: Int, _ name: String, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> FlatTable {
    let source = start + index * width
    return try FlatTable(
      at: source + Int(littleEndian(4, from: bytes, at: source)), name, from: source, bytes)
  }
}
