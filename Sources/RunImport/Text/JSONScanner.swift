/// Reads JSON (RFC 8259) with bounds on depth and count; `NaN` and `Infinity`, which some writers emit,
/// are numbers here, so that whoever reads a time can refuse the row by name.
struct JSONScanner {
  static let depthLimit = 64
  /// A record of a log has some 40 values.
  static let valueLimit = 16_000_000

  private let bytes: [UInt8]
  private let file: String
  private var index = 0
  private var line = 1
  private var depth = 0
  private var valueCount = 0
  private(set) var isInArray = false

  init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
  }

  static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  /// Whether the text is one array; its elements go to `body`, or the values of the text otherwise.
  mutating func readRecords(_ body: (JSONNode) -> Void) throws(RunImportError) -> Bool {
    skipSpace()
    if peek == UInt8(ascii: "[") {
      isInArray = true
      index += 1
      depth = 1
      var isFirst = true
      while try !closes(UInt8(ascii: "]"), &isFirst, of: "an array", from: 1) { body(try value()) }
      skipSpace()
      if index < bytes.count { throw refusal("text after the end of the array") }
      return true
    }
    while index < bytes.count {
      body(try value())
      skipSpace()
    }
    return false
  }

  private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  private func refusal(_ reason: String, line: Int? = nil) -> RunImportError {
    RunImportError(file: file, line: line ?? self.line, reason: "no valid JSON: \(reason)")
  }

  private mutating func skipSpace() {
    while index < bytes.count, Self.isSpace(bytes[index]) {
      if bytes[index] == 0x0A { line += 1 }
      index += 1
    }
  }

  /// Whether the list ends here; reads the comma before each element but the first.
  private mutating func closes(
    _ end: UInt8, _ isFirst: inout Bool, of what: String, from start: Int
  ) throws(RunImportError) -> Bool {
    skipSpace()
    guard let byte = peek else {
      throw refusal("the file ends inside \(what) that begins on line \(start)")
    }
    if byte == end {
      index += 1
      return true
    }
    defer { isFirst = false }
    guard !isFirst else { return false }
    guard byte == UInt8(ascii: ",") else { throw refusal("expected a comma in \(what)") }
    index += 1
    skipSpace()
    guard index < bytes.count else {
      throw refusal("the file ends inside \(what) that begins on line \(start)")
    }
    return false
  }

  private mutating func value() throws(RunImportError) -> JSONNode {
    skipSpace()
    valueCount += 1
    guard valueCount <= Self.valueLimit else {
      throw refusal("more than \(Self.valueLimit) values")
    }
    let start = line
    guard let byte = peek else { throw refusal("the file ends where a value is expected") }
    switch byte {
    case UInt8(ascii: "{"): return JSONNode(line: start, value: .object(try object(from: start)))
    case UInt8(ascii: "["):
      try descend()
      var elements: [JSONNode] = []
      var isFirst = true
      while try !closes(UInt8(ascii: "]"), &isFirst, of: "an array", from: start) {
        elements.append(try value())
      }
      depth -= 1
      return JSONNode(line: start, value: .array(elements))
    case UInt8(ascii: "\""): return JSONNode(line: start, value: .string(try string()))
    default: return JSONNode(line: start, value: try word())
    }
  }

  private mutating func descend() throws(RunImportError) {
    depth += 1
    guard depth <= Self.depthLimit else {
      throw refusal("more than \(Self.depthLimit) levels deep")
    }
    index += 1
  }

  private mutating func object(from start: Int) throws(RunImportError) -> [JSONNode.Member] {
    try descend()
    var members: [JSONNode.Member] = []
    var keys: Set<String> = []
    var isFirst = true
    while try !closes(UInt8(ascii: "}"), &isFirst, of: "an object", from: start) {
      guard peek == UInt8(ascii: "\"") else { throw refusal("expected a key in quotes") }
      let key = try string()
      guard keys.insert(key).inserted else {
        throw refusal("the key '\(key.prefix(40))' stands twice in one object")
      }
      skipSpace()
      guard peek == UInt8(ascii: ":") else {
        throw refusal("expected a colon after '\(key.prefix(40))'")
      }
      index += 1
      members.append(JSONNode.Member(key: key, value: try value()))
    }
    depth -= 1
    return members
  }

  private mutating func word() throws(RunImportError) -> JSONNode.Value {
    let start = index
    while let byte = peek, Self.isWord(byte) { index += 1 }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    switch text {
    case "null": return .null
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "NaN", "nan": return .number(.nan)
    case "Infinity", "inf": return .number(.infinity)
    case "-Infinity", "-inf": return .number(-.infinity)
    default:
      guard let first = text.utf8.first,
        first == UInt8(ascii: "-") || (0x30...0x39).contains(first), let number = Double(text)
      else { throw refusal("'\(text.prefix(40))' is no value") }
      return .number(number)
    }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."):
      true
    default: false
    }
  }

  private mutating func string() throws(RunImportError) -> String {
    let startLine = line
    index += 1
    let start = index
    while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
      if byte == 0x0A { line += 1 }
      index += 1
    }
    if peek == UInt8(ascii: "\"") {
      defer { index += 1 }
      return String(decoding: bytes[start..<index], as: UTF8.self)
    }
    var text = Array(bytes[start..<index])
    while let byte = peek {
      index += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): try escape(into: &text)
      default:
        if byte == 0x0A { line += 1 }
        text.append(byte)
      }
    }
    throw refusal("a text begins here and never ends", line: startLine)
  }

  private mutating func escape(into text: inout [UInt8]) throws(RunImportError) {
    guard let byte = peek else { throw refusal("the file ends inside a text") }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var unit = UInt32(try codeUnit())
      if (0xD800..<0xDC00).contains(unit), index + 1 < bytes.count,
        bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u")
      {
        index += 2
        let low = UInt32(try codeUnit())
        unit =
          (0xDC00..<0xE000).contains(low)
          ? 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00) : 0xFFFD
      }
      text.append(contentsOf: String(Unicode.Scalar(unit) ?? "\u{FFFD}").utf8)
    default: throw refusal("an escape that JSON does not have")
    }
  }

  private mutating func codeUnit() throws(RunImportError) -> UInt16 {
    guard bytes.count - index >= 4,
      let unit = UInt16(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
    else { throw refusal("'\\u' without four hexadecimal digits") }
    index += 4
    return unit
  }
}
