/// A field of a FlatBuffer's table, valid or not: tests say exactly what they mean.
public indirect enum FlatField: Sendable {
  /// Left out.
  case none
  case byte(Int)
  case int(Int)
  case long(Int)
  case float(Float)
  case text(String)
  case data([UInt8])
  case ints([Int])
  case longs([Int])
  case floats([Float])
  case table([FlatField])
  case tables([[FlatField]])
}

/// Writes a FlatBuffer from its root on: each table after its list of places, and what its fields
/// point to behind it, because offsets point forward.
///
/// Source: flatbuffers.dev/internals.
public struct FlatBufferWriter: Sendable {
  public private(set) var bytes: [UInt8] = []

  /// - Parameter identifier: The four characters at byte 4.
  public init(_ root: [FlatField], identifier: String) {
    append(0, width: 4)
    bytes += Array(identifier.utf8.prefix(4))
    patch(0, with: write(table: root))
  }

  private mutating func append(_ value: UInt64, width: Int) {
    for byte in 0..<width { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * byte))) }
  }

  private mutating func align(to width: Int) {
    while bytes.count % width != 0 { bytes.append(0) }
  }

  /// Makes the offset at `place` point to `target`.
  private mutating func patch(_ place: Int, with target: Int) {
    let distance = UInt64(target - place)
    for byte in 0..<4 {
      bytes[place + byte] = UInt8(truncatingIfNeeded: distance >> UInt64(8 * byte))
    }
  }

  private mutating func write(table fields: [FlatField]) -> Int {
    align(to: 8)
    let list = bytes.count
    append(UInt64(4 + 2 * fields.count), width: 2)
    append(0, width: 2)
    for _ in fields { append(0, width: 2) }
    align(to: 8)
    let table = bytes.count
    append(UInt64(table - list), width: 4)
    var pointed: [(place: Int, field: FlatField)] = []
    for (index, field) in fields.enumerated() {
      let width = field.width
      guard width > 0 else { continue }
      align(to: width)
      let distance = bytes.count - table
      bytes[list + 4 + 2 * index] = UInt8(truncatingIfNeeded: distance)
      bytes[list + 5 + 2 * index] = UInt8(truncatingIfNeeded: distance >> 8)
      if field.isOffset { pointed.append((bytes.count, field)) }
      append(field.bits, width: width)
    }
    let size = bytes.count - table
    bytes[list + 2] = UInt8(truncatingIfNeeded: size)
    bytes[list + 3] = UInt8(truncatingIfNeeded: size >> 8)
    for (place, field) in pointed {
      let target = write(pointed: field)
      patch(place, with: target)
    }
    return table
  }

  private mutating func write(pointed field: FlatField) -> Int {
    func numbers(_ values: [UInt64], width: Int) -> Int {
      // The numbers are aligned, their count stands before them.
      while (bytes.count + 4) % max(width, 4) != 0 { bytes.append(0) }
      let start = bytes.count
      append(UInt64(values.count), width: 4)
      for value in values { append(value, width: width) }
      return start
    }
    switch field {
    case .table(let fields): return write(table: fields)
    case .text(let text):
      let start = numbers(text.utf8.map { UInt64($0) }, width: 1)
      bytes.append(0)
      return start
    case .data(let data):
      while (bytes.count + 4) % 16 != 0 { bytes.append(0) }
      return numbers(data.map { UInt64($0) }, width: 1)
    case .ints(let values):
      return numbers(values.map { UInt64(bitPattern: Int64($0)) }, width: 4)
    case .longs(let values):
      return numbers(values.map { UInt64(bitPattern: Int64($0)) }, width: 8)
    case .floats(let values): return numbers(values.map { UInt64($0.bitPattern) }, width: 4)
    case .tables(let tables):
      let start = numbers(tables.map { _ in 0 }, width: 4)
      for (index, fields) in tables.enumerated() {
        let table = write(table: fields)
        patch(start + 4 + 4 * index, with: table)
      }
      return start
    case .none, .byte, .int, .long, .float: return bytes.count
    }
  }
}

extension FlatField {
  fileprivate var width: Int {
    switch self {
    case .none: 0
    case .byte: 1
    case .long: 8
    case .int, .float, .text, .data, .ints, .longs, .floats, .table, .tables: 4
    }
  }

  fileprivate var isOffset: Bool {
    switch self {
    case .none, .byte, .int, .long, .float: false
    case .text, .data, .ints, .longs, .floats, .table, .tables: true
    }
  }

  /// Of a number; an offset is written later.
  fileprivate var bits: UInt64 {
    switch self {
    case .byte(let value), .int(let value), .long(let value): UInt64(bitPattern: Int64(value))
    case .float(let value): UInt64(value.bitPattern)
    case .none, .text, .data, .ints, .longs, .floats, .table, .tables: 0
    }
  }
}
