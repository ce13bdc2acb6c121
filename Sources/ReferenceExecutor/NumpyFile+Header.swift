/// The dictionary at the start of a `.npy` file: three keys, whose values are text, a truth value
/// and a tuple of counts.
struct HeaderParser {
  struct Header {
    var type = ""
    var isFortran = false
    var shape: [Int] = []
  }

  private let text: [UInt8]
  private var place = 0

  init(_ text: [UInt8]) { self.text = text }

  mutating func header() throws(NumpyError) -> Header {
    var header = Header()
    var seen: Set<String> = []
    try expect("{")
    while !accept("}") {
      let key = try quoted()
      try expect(":")
      switch key {
      case "descr": header.type = try quoted()
      case "fortran_order": header.isFortran = try truth()
      case "shape": header.shape = try counts()
      default: throw .header(reason: "has an unknown key '\(key)'")
      }
      guard seen.insert(key).inserted else { throw .header(reason: "names '\(key)' twice") }
      if !accept(",") {
        try expect("}")
        break
      }
    }
    skipBlanks()
    guard place == text.count else { throw .header(reason: "goes on after the dictionary") }
    guard seen.count == 3 else { throw .header(reason: "lacks a key") }
    return header
  }

  private mutating func skipBlanks() {
    while place < text.count, [0x20, 0x09, 0x0a, 0x0d].contains(text[place]) { place += 1 }
  }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard place < text.count, text[place] == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(NumpyError) {
    guard accept(character) else {
      throw .header(reason: "lacks '\(character)' at byte \(place)")
    }
  }

  private mutating func quoted() throws(NumpyError) -> String {
    let quote: Unicode.Scalar = accept("\"") ? "\"" : "'"
    if quote == "'" { try expect("'") }
    let start = place
    while place < text.count, text[place] != UInt8(ascii: quote) { place += 1 }
    guard place < text.count else { throw .header(reason: "has text without an end") }
    defer { place += 1 }
    let visible = text[start..<place].allSatisfy { (0x20...0x7e).contains($0) }
    guard visible else { throw .header(reason: "has text that is not plain") }
    return String(decoding: text[start..<place], as: UTF8.self)
  }

  private mutating func truth() throws(NumpyError) -> Bool {
    skipBlanks()
    for (name, value) in [("True", true), ("False", false)]
    where text[place...].starts(with: name.utf8) {
      place += name.utf8.count
      return value
    }
    throw .header(reason: "has no truth value at byte \(place)")
  }

  private mutating func counts() throws(NumpyError) -> [Int] {
    try expect("(")
    var counts: [Int] = []
    while !accept(")") {
      skipBlanks()
      let start = place
      while place < text.count, (0x30...0x39).contains(text[place]) { place += 1 }
      guard let count = Int(String(decoding: text[start..<place], as: UTF8.self)),
        counts.count < 64
      else { throw .header(reason: "has no extent at byte \(start)") }
      counts.append(count)
      if !accept(",") {
        try expect(")")
        break
      }
    }
    return counts
  }
}
